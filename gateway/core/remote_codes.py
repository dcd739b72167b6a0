"""What can be wrong with a remote folder: that folder is held, no document fails."""

from __future__ import annotations

from gateway.core.error_code import service

REMOTE_CODES = (
    service(
        "remote.unreachable",
        "The remote folder's server cannot be reached.",
        "Check the network and the server; work resumes by itself.",
    ),
    service(
        "remote.login-refused",
        "The remote folder's server refuses our login.",
        "Check user and key or password, then: sealgate retry --all-failed. Until then no login "
        "is tried, because servers lock accounts.",
    ),
    service(
        "remote.host-key-changed",
        "The remote folder's server does not have the host key named in gateway.yaml.",
        "Ask who runs the server; only if they changed it, write the new fingerprint.",
    ),
    service(
        "remote.certificate-refused",
        "The remote folder's server shows a certificate that is not accepted.",
        "Ask who runs the server; then name its authority (ca_file) or the new fingerprint "
        "(certificate). Nothing is told to it until then.",
    ),
    service(
        "remote.unprotected",
        "The remote folder's server does not encrypt what it is told.",
        "Let the server offer SMB 3 with encryption.",
    ),
    service(
        "remote.denied",
        "The remote folder's server does not allow this.",
        "Let the user list, create, rename, read and remove files there and make a folder "
        ".sealgate.",
    ),
    service(
        "remote.file-denied",
        "The remote folder's server does not allow this with one of its files.",
        "Let the user rename, read and remove this file; the others are fetched meanwhile.",
    ),
    service(
        "remote.file-busy",
        "Somebody has one of the remote folder's files open or locked.",
        "Nothing has to be done: it is tried again by itself. If it lasts, look who has it open.",
    ),
    service(
        "remote.folder-missing",
        "The remote folder is not there.",
        "Check the path in the url, or make the folder; work resumes by itself.",
    ),
    service(
        "remote.protocol",
        "The remote folder's server answers something that cannot be used.",
        "Check the server's log; work is tried again by itself.",
    ),
)
