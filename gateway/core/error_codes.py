"""The closed list of error codes; `docs/errors.md` is written from it.

A code, once released, keeps its name and meaning: scripts and receipts rely on it.
"""

from __future__ import annotations

from gateway.core.backup_codes import BACKUP_CODES
from gateway.core.batch_codes import BATCH_CODES
from gateway.core.delivery_codes import DELIVERY_CODES
from gateway.core.document_codes import DOCUMENT_CODES
from gateway.core.drawing_codes import DRAWING_CODES
from gateway.core.error_code import (
    ErrorCode,
    Scope,
    configuration,
    service,
    site,
    usage,
)
from gateway.core.flow_codes import FLOW_CODES
from gateway.core.ledger_codes import LEDGER_CODES
from gateway.core.log_codes import LOG_CODES
from gateway.core.monitoring_codes import MONITORING_CODES
from gateway.core.notice_codes import NOTICE_CODES
from gateway.core.people_codes import PEOPLE_CODES
from gateway.core.remote_codes import REMOTE_CODES
from gateway.core.retention_codes import RETENTION_CODES
from gateway.core.rule_codes import RULE_CODES
from gateway.core.seal_codes import SEAL_CODES
from gateway.core.seal_use_codes import SEAL_USE_CODES
from gateway.core.ticket_codes import TICKET_CODES

__all__ = ["CODES", "ErrorCode", "Scope"]

_ALL = (
    *DOCUMENT_CODES,
    *SEAL_CODES,
    *SEAL_USE_CODES,
    *TICKET_CODES,
    *DRAWING_CODES,
    *NOTICE_CODES,
    *REMOTE_CODES,
    *BATCH_CODES,
    *DELIVERY_CODES,
    *MONITORING_CODES,
    *LEDGER_CODES,
    *BACKUP_CODES,
    *LOG_CODES,
    *RETENTION_CODES,
    *FLOW_CODES,
    *PEOPLE_CODES,
    *RULE_CODES,
    # What can be wrong with a service: work is held, nothing fails.
    service(
        "service.unreachable",
        "The service cannot be reached.",
        "Check the network and the service's status; work resumes by itself.",
    ),
    service(
        "service.no-answer",
        "The service's answer did not arrive.",
        "Work resumes by itself; the call is listed as unanswered in the signing log.",
    ),
    service(
        "service.busy",
        "The service asks to wait.",
        "Nothing: work resumes by itself.",
    ),
    service(
        "service.failed",
        "The service reports a failure of its own.",
        "Check the service's status; work resumes by itself.",
    ),
    service(
        "service.tls",
        "The service's TLS certificate is not accepted.",
        "Check the service's address and the private CA in gateway.yaml.",
    ),
    service(
        "service.login-refused",
        "The service refuses our login.",
        "Check the client's id and secret; repeated attempts are spaced out.",
    ),
    service(
        "service.authorization-refused",
        "The service refuses to authorise the use of the credential.",
        "Check PIN or OTP before the credential locks, then use sealgate retry --all-failed.",
    ),
    service(
        "service.authorization-expired",
        "The authorisation to sign has expired.",
        "Nothing: a new one is asked for.",
    ),
    service(
        "service.credential-unusable",
        "The credential is disabled, expired, not yet valid or unknown to the service.",
        "Renew the credential with the service and check its name in gateway.yaml.",
    ),
    service(
        "service.credential-untrusted",
        "The credential's certificate does not lead to a trust anchor of this site.",
        "Add the issuing authority to trust.anchors in gateway.yaml; nothing was spent.",
    ),
    service(
        "service.sandbox-credential",
        "The credential belongs to the sandbox and this site is not one.",
        "Configure a real digest service, or set sandbox: true for an evaluation site.",
    ),
    service(
        "service.out-of-quota",
        "The prepaid quota of the service is used up.",
        "Buy more, and tell it with sealgate services quota NAME --add; work resumes by itself.",
    ),
    service(
        "service.repeat-limit",
        "A digest was sent as often as gateway.yaml allows, and never answered.",
        "Ask the service whether it was charged, then use sealgate retry to send it again.",
    ),
    service(
        "service.refused",
        "The service refuses the request.",
        "Run sealgate services test and compare gateway.yaml with the service's description.",
    ),
    service(
        "service.protocol",
        "The service's answer is not what its specification says.",
        "Run sealgate services test and report the answer to the service.",
    ),
    service(
        "service.wrong-signature",
        "The service returned a signature that does not fit the digest or the certificate.",
        "Report this to the service: the answer is kept and listed in the signing log.",
    ),
    service(
        "service.wrong-cms",
        "The service returned a CMS that cannot be put into a document.",
        "Have the service return what docs/configuration.md asks for, then use "
        "sealgate retry --all-failed.",
    ),
    service(
        "service.wrong-certificate",
        "The service signed with another certificate than the one configured.",
        "Put it and its chain into the file named at certificates, then use "
        "sealgate retry --all-failed.",
    ),
    service(
        "service.sm2-not-supported",
        "The service signs with SM2, which cannot be verified here.",
        "Ask for an RSA or ECDSA certificate (docs/sm2.md says why), then use "
        "sealgate retry --all-failed.",
    ),
    service(
        "tsa.unreachable",
        "The time-stamp authority cannot be reached.",
        "Check the network; work resumes by itself and no signature is bought again.",
    ),
    service(
        "tsa.refused",
        "The time-stamp authority refuses the request.",
        "Check the authority's address and login in gateway.yaml.",
    ),
    service(
        "tsa.wrong-token",
        "The time-stamp token does not fit the request.",
        "Report this to the time-stamp authority; work resumes by itself.",
    ),
    service(
        "revocation.unavailable",
        "Whether a certificate is revoked cannot be found out.",
        "Check the network to the authority's OCSP and CRL addresses; work resumes by itself.",
    ),
    service(
        "revocation.revoked",
        "A certificate is revoked.",
        "Have it replaced, then use sealgate retry --all-failed; nothing is sent meanwhile.",
    ),
    # What can be wrong with this machine: work is held, nothing fails.
    site("site.disk-full", "The disk is full.", "Free some space; work resumes by itself."),
    site(
        "site.denied",
        "A folder cannot be read or written.",
        "Give Sealgate's user access to the folder; work resumes by itself.",
    ),
    site(
        "site.folder-missing",
        "A folder of this site is not there.",
        "Create the folder or mount its share; work resumes by itself.",
    ),
    site(
        "site.mount-missing",
        "The share of an inbox is no longer mounted.",
        "Mount it again; nothing is written to the empty mount point meanwhile.",
    ),
    site(
        "site.input-output",
        "The operating system reports a failed read or write.",
        "Check the disk or share; work resumes by itself.",
    ),
    site(
        "site.artifact-damaged",
        "A stored working file is missing or differs from what was recorded.",
        "Check the disk; nothing is delivered from a damaged file.",
    ),
    site(
        "site.immutable",
        "The immutable flag of an archived file cannot be set or cleared.",
        "Give Sealgate the capability CAP_LINUX_IMMUTABLE, and the archive a file system that knows"
        " the flag (docs/archive.md); or write immutable: true instead of require.",
    ),
    site(
        "site.child-lost",
        "The process that reads PDFs could not be started.",
        "Check memory and process limits; work resumes by itself.",
    ),
    site(
        "ledger.busy",
        "The ledger is locked by another process.",
        "Nothing: work resumes by itself.",
    ),
    site(
        "ledger.unreachable",
        "The ledger's database does not answer.",
        "Check that PostgreSQL runs, address, network and password; work resumes by itself.",
    ),
    site(
        "ledger.fenced",
        "Another node has taken over the work on this site.",
        "Nothing: start Sealgate here again, and it stands by.",
    ),
    site(
        "ledger.damaged",
        "The ledger's file is damaged: nothing is sealed or delivered by it any more.",
        "Keep the state folder as it is, and restore a backup: sealgate restore (docs/backup.md).",
    ),
    site(
        "ledger.unusable",
        "The ledger cannot be read or written.",
        "Check the disk, then restore the ledger from its backup if it is damaged.",
    ),
    # What stops a command before it has done anything.
    configuration(
        "settings.invalid",
        "The configuration is not valid.",
        "Mend every problem listed; sealgate check shows them again.",
    ),
    configuration("settings.unreadable", "The file cannot be read.", "Check name and permissions."),
    configuration("settings.syntax", "This is not valid YAML.", "Check indentation and quotes."),
    configuration("settings.duplicate-key", "The key stands here twice.", "Remove one of them."),
    configuration(
        "settings.unknown-key", "The key is not known here.", "See docs/configuration.md."
    ),
    configuration(
        "settings.missing-key", "A key is missing.", "Add it; see docs/configuration.md."
    ),
    configuration("settings.wrong-type", "The value has the wrong type.", "Write it as shown."),
    configuration("settings.wrong-value", "The value is not possible.", "Choose one that is."),
    configuration("settings.unknown-name", "The name is not defined.", "Define it or correct it."),
    configuration("settings.duplicate-name", "The name is used twice.", "Rename one of them."),
    configuration("settings.secret", "The secret cannot be had.", "Provide it as described."),
    configuration(
        "settings.secret-exposed",
        "The secret's file can be read by others.",
        "chmod 600 the file.",
    ),
    configuration(
        "settings.secret-in-yaml",
        "A secret stands in the YAML file.",
        "Refer to it by name: {secret: name}.",
    ),
    configuration(
        "settings.not-supported",
        "This version cannot do that yet.",
        "Leave it out; see CHANGELOG.md for what each version brings.",
    ),
    configuration("settings.no-rules", "No rule file was found.", "Add one to rules/."),
    configuration(
        "settings.sandbox", "Sandbox parts need sandbox: true.", "Set it, or use a real service."
    ),
    usage("usage.no-site", "This is not a site.", "Use --site, or sealgate init to make one."),
    usage("usage.not-empty", "The folder is not empty.", "Choose another folder."),
    usage("usage.unknown-job", "There is no such job.", "See sealgate status for job numbers."),
    usage("usage.not-failed", "Only a failed job can be retried.", "See sealgate status."),
    usage(
        "usage.original-gone",
        "The original is no longer in the failed folder.",
        "Drop the file into its inbox again.",
    ),
    usage("usage.unknown-inbox", "There is no such inbox.", "See inboxes in gateway.yaml."),
    usage("usage.unknown-service", "There is no such service.", "See services in gateway.yaml."),
    usage("usage.wrong-number", "This number is not possible.", "Write a whole number from 1."),
    usage(
        "usage.wrong-list",
        "The provider's list cannot be read.",
        "Save it as CSV with a row of names: time, and digest or units.",
    ),
    usage("usage.no-file", "The file cannot be read.", "Check the name and its permissions."),
    usage(
        "usage.no-output",
        "The result cannot be written there.",
        "Name another file, in a folder that is there and that you may write to.",
    ),
    usage(
        "usage.wrong-time",
        "This is not a date or time.",
        "Write it as in ISO 8601: 2026-01-31 or 2026-01-31T14:00, in UTC.",
    ),
    usage(
        "usage.already-running",
        "Another Sealgate works on this site.",
        "Use it, or stop it first; sealgate status shows it.",
    ),
    usage(
        "usage.illegal-transition",
        "The job is not in a state in which that can happen.",
        "See sealgate status for the job's state.",
    ),
    usage(
        "ledger.missing",
        "The ledger's file is gone, though this site has worked before.",
        "Bring it back, or restore a backup: sealgate restore (docs/backup.md).",
    ),
    usage(
        "ledger.network-file-system",
        "The ledger would live on a network file system, where SQLite is not safe.",
        "Set state: in gateway.yaml to a folder on a local disk.",
    ),
    usage(
        "ledger.newer",
        "The ledger was written by a newer version.",
        "Install that version again.",
    ),
    ErrorCode(
        "internal.unexpected",
        Scope.INTERNAL,
        False,
        "Something happened that Sealgate does not foresee.",
        "Report this with the job's number; the original is unharmed.",
    ),
)

CODES: dict[str, ErrorCode] = {entry.code: entry for entry in _ALL}
