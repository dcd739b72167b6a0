"""What may stand below `remote:` of an inbox, and below `push:`, in `gateway.yaml`."""

from __future__ import annotations

from typing import Literal

from gateway.settings.service_models import SecretReference
from gateway.settings.written import Names, Part, PathText, Quiet, Scan, Text, Words


class ServerPart(Part):
    """A folder on another machine, and how to log in there."""

    url: Words
    """SCHEME://USER@HOST:PORT/PATH, with sftp, smb (SHARE/PATH), s3 (BUCKET/PREFIX), davs."""
    host_key: Names = ()
    """sftp: the server's host key, as a fingerprint SHA256:…; several while it is being changed."""
    password: SecretReference | None = None
    """Where the password is."""
    key: SecretReference | None = None
    """sftp: where the private key is, in OpenSSH's format, without a passphrase."""
    certificate: Names = ()
    """s3, davs: SHA-256 of the server's certificate, in hex; several while it is being changed."""
    ca_file: PathText | None = None
    """s3, davs: PEM of a private authority for TLS; the system's when not given."""
    region: Text = ""
    """s3: the region that requests are signed for; us-east-1 when not given."""


class RemotePart(ServerPart):
    """A folder on another machine, from which the inbox is filled."""

    poll: Scan = "30s"  # type: ignore[assignment]
    """Pause between two looks at the remote folder."""
    settle: Quiet = "5s"  # type: ignore[assignment]
    """How long a remote file must not have changed."""
    after: Literal["remove", "keep"] = "remove"
    """What happens to a remote file that lies in the inbox: removed, or kept in .sealgate/taken."""
