"""The closed list of error codes; `docs/errors.md` is written from it.

A code, once released, keeps its name and meaning: scripts and receipts rely on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Whom an error stops."""

    DOCUMENT = "document"
    SERVICE = "service"
    SITE = "site"
    CONFIGURATION = "configuration"
    USAGE = "usage"
    INTERNAL = "internal"


@dataclass(frozen=True)
class ErrorCode:
    """One row of the closed list."""

    code: str
    scope: Scope
    retryable: bool
    meaning: str
    remedy: str


def _document(code: str, meaning: str, remedy: str) -> ErrorCode:
    return ErrorCode(code, Scope.DOCUMENT, False, meaning, remedy)


def _service(code: str, meaning: str, remedy: str) -> ErrorCode:
    return ErrorCode(code, Scope.SERVICE, True, meaning, remedy)


def _site(code: str, meaning: str, remedy: str) -> ErrorCode:
    return ErrorCode(code, Scope.SITE, True, meaning, remedy)


def _configuration(code: str, meaning: str, remedy: str) -> ErrorCode:
    return ErrorCode(code, Scope.CONFIGURATION, False, meaning, remedy)


def _usage(code: str, meaning: str, remedy: str) -> ErrorCode:
    return ErrorCode(code, Scope.USAGE, False, meaning, remedy)


_RESAVE = "Open the file in the program that made it, save it as a new PDF and drop it again."

_ALL = (
    # What can be wrong with one document, in the order in which it is found out.
    _document(
        "intake.not-a-pdf",
        "The file is not a PDF: it does not start with a PDF header.",
        "Export the document as PDF and drop it again.",
    ),
    _document(
        "intake.empty", "The file has no content.", "Drop the file again; the copy was cut off."
    ),
    _document(
        "intake.too-large",
        "The file is larger than this site accepts.",
        "Split the document, or ask the operator to raise limits.max_file_size.",
    ),
    _document(
        "pdf.truncated",
        "The PDF ends before its end-of-file mark.",
        "The copy was probably cut off: drop the file again from its source.",
    ),
    _document("pdf.unreadable", "The PDF's structure cannot be read.", _RESAVE),
    _document(
        "pdf.unsafe-structure",
        "The PDF's table of objects contradicts its content; a change could destroy it.",
        _RESAVE,
    ),
    _document("pdf.no-pages", "The PDF has no page that could carry a seal.", _RESAVE),
    _document(
        "pdf.page-tree",
        "The PDF's list of pages contradicts itself.",
        _RESAVE,
    ),
    _document(
        "pdf.encrypted",
        "The PDF is encrypted and cannot be sealed without its password.",
        "Save the document without password protection and drop it again.",
    ),
    _document(
        "pdf.unrenderable",
        "The PDF cannot be drawn, so nobody could check where its seal stands.",
        _RESAVE,
    ),
    _document(
        "pdf.too-costly",
        "The PDF took more time or memory than one document may.",
        "Save it as a new, simpler PDF, or ask the operator to raise the limits.",
    ),
    _document(
        "pdf.dynamic-xfa",
        "The PDF is an XFA form whose pages are made up by the viewer.",
        "Print the filled form to a PDF and drop that.",
    ),
    _document(
        "pdf.certified-no-changes",
        "The PDF is certified and its author allows no further change.",
        "Ask the author for a copy that is not certified, or certified to allow signing.",
    ),
    _document(
        "pdf.earlier-signature-broken",
        "An earlier signature in the PDF is not valid for its content.",
        "Do not rely on this copy; ask its sender for an intact one.",
    ),
    _document(
        "pdf.earlier-signature-affected",
        "A seal would break an earlier signature, certification or lock in the PDF.",
        "Ask the first signer to allow further signatures, or seal before the others sign.",
    ),
    _document(
        "pdf.unsupported",
        "The PDF uses a feature with which it cannot be sealed safely.",
        _RESAVE,
    ),
    _document(
        "rules.no-match",
        "No rule applies to this file.",
        "See the trace in the receipt; add or change a rule, then use sealgate retry.",
    ),
    _document(
        "plan.page-missing",
        "The rule places the seal on a page that the document does not have.",
        "Change the rule's place, or match on the number of pages.",
    ),
    _document(
        "plan.seal-off-page",
        "The seal would not lie fully on the page.",
        "Change the rule's margin or offset, or use a smaller seal.",
    ),
    _document(
        "plan.text-not-found",
        "The text that anchors the seal is not on any page.",
        "Check the rule's find; scanned pages have no text.",
    ),
    _document(
        "plan.cannot-certify",
        "The rule certifies, but the document is already signed.",
        "Let the rule match unsigned documents only, or leave certify out.",
    ),
    _document(
        "gate.original-changed",
        "The sealed file does not begin with the original's bytes; it was not released.",
        "Report this with the job's number: it is a defect or a damaged disk.",
    ),
    _document(
        "gate.signature-invalid",
        "The new signature did not validate; the file was not released.",
        "Run sealgate services test; if it succeeds, report this with the job's number.",
    ),
    _document(
        "gate.signer-unexpected",
        "The signature was made by another certificate than planned; the file was not released.",
        "Check the credential in gateway.yaml against the service, then use sealgate retry.",
    ),
    _document(
        "gate.signer-untrusted",
        "The signer's certificate does not lead to a trust anchor of this site.",
        "Add the issuing authority to trust.anchors in gateway.yaml, then use sealgate retry.",
    ),
    _document(
        "gate.seal-misplaced",
        "The seal is not on the page and place that was planned; the file was not released.",
        "Report this with the job's number.",
    ),
    _document(
        "gate.earlier-signature-affected",
        "An earlier signature no longer validates; the file was not released.",
        "Seal a copy without that signature, or report this with the job's number.",
    ),
    _document(
        "gate.page-changed",
        "A page looks different outside the seal; the file was not released.",
        _RESAVE,
    ),
    _document(
        "sign.given-up",
        "The digest service refused this document's digest again and again while it served others.",
        "Use sealgate retry; if it fails again, report it to the digest service.",
    ),
    _document(
        "sign.answer-too-large",
        "The service's answer does not fit the space reserved for it in the file.",
        "Report this with the job's number: the reserve is computed from the certificates.",
    ),
    # What can be wrong with a service: work is held, nothing fails.
    _service(
        "service.unreachable",
        "The service cannot be reached.",
        "Check the network and the service's status; work resumes by itself.",
    ),
    _service(
        "service.no-answer",
        "The service's answer did not arrive.",
        "Work resumes by itself; the call is listed as unanswered in the signing log.",
    ),
    _service(
        "service.busy",
        "The service asks to wait.",
        "Nothing: work resumes by itself.",
    ),
    _service(
        "service.failed",
        "The service reports a failure of its own.",
        "Check the service's status; work resumes by itself.",
    ),
    _service(
        "service.tls",
        "The service's TLS certificate is not accepted.",
        "Check the service's address and the private CA in gateway.yaml.",
    ),
    _service(
        "service.login-refused",
        "The service refuses our login.",
        "Check the client's id and secret; repeated attempts are spaced out.",
    ),
    _service(
        "service.authorization-refused",
        "The service refuses to authorise the use of the credential.",
        "Check PIN or OTP before the credential locks, then use sealgate retry --all-failed.",
    ),
    _service(
        "service.authorization-expired",
        "The authorisation to sign has expired.",
        "Nothing: a new one is asked for.",
    ),
    _service(
        "service.credential-unusable",
        "The credential is disabled, expired, not yet valid or unknown to the service.",
        "Renew the credential with the service and check its name in gateway.yaml.",
    ),
    _service(
        "service.credential-untrusted",
        "The credential's certificate does not lead to a trust anchor of this site.",
        "Add the issuing authority to trust.anchors in gateway.yaml; nothing was spent.",
    ),
    _service(
        "service.sandbox-credential",
        "The credential belongs to the sandbox and this site is not one.",
        "Configure a real digest service, or set sandbox: true for an evaluation site.",
    ),
    _service(
        "service.out-of-quota",
        "The prepaid quota of the service is used up.",
        "Buy signatures; work resumes by itself.",
    ),
    _service(
        "service.refused",
        "The service refuses the request.",
        "Run sealgate services test and compare gateway.yaml with the service's description.",
    ),
    _service(
        "service.protocol",
        "The service's answer is not what its specification says.",
        "Run sealgate services test and report the answer to the service.",
    ),
    _service(
        "service.wrong-signature",
        "The service returned a signature that does not fit the digest or the certificate.",
        "Report this to the service: the answer is kept and listed in the signing log.",
    ),
    _service(
        "tsa.unreachable",
        "The time-stamp authority cannot be reached.",
        "Check the network; work resumes by itself and no signature is bought again.",
    ),
    _service(
        "tsa.refused",
        "The time-stamp authority refuses the request.",
        "Check the authority's address and login in gateway.yaml.",
    ),
    _service(
        "tsa.wrong-token",
        "The time-stamp token does not fit the request.",
        "Report this to the time-stamp authority; work resumes by itself.",
    ),
    # What can be wrong with this machine: work is held, nothing fails.
    _site("site.disk-full", "The disk is full.", "Free some space; work resumes by itself."),
    _site(
        "site.denied",
        "A folder cannot be read or written.",
        "Give Sealgate's user access to the folder; work resumes by itself.",
    ),
    _site(
        "site.folder-missing",
        "A folder of this site is not there.",
        "Create the folder or mount its share; work resumes by itself.",
    ),
    _site(
        "site.mount-missing",
        "The share of an inbox is no longer mounted.",
        "Mount it again; nothing is written to the empty mount point meanwhile.",
    ),
    _site(
        "site.input-output",
        "The operating system reports a failed read or write.",
        "Check the disk or share; work resumes by itself.",
    ),
    _site(
        "site.artifact-damaged",
        "A stored working file is missing or differs from what was recorded.",
        "Check the disk; nothing is delivered from a damaged file.",
    ),
    _site(
        "site.child-lost",
        "The process that reads PDFs could not be started.",
        "Check memory and process limits; work resumes by itself.",
    ),
    _site(
        "ledger.busy",
        "The ledger is locked by another process.",
        "Nothing: work resumes by itself.",
    ),
    _site(
        "ledger.unusable",
        "The ledger cannot be read or written.",
        "Check the disk, then restore the ledger from its backup if it is damaged.",
    ),
    # What stops a command before it has done anything.
    _configuration(
        "settings.invalid",
        "The configuration is not valid.",
        "Mend every problem listed; sealgate check shows them again.",
    ),
    _configuration(
        "settings.unreadable", "The file cannot be read.", "Check name and permissions."
    ),
    _configuration("settings.syntax", "This is not valid YAML.", "Check indentation and quotes."),
    _configuration("settings.duplicate-key", "The key stands here twice.", "Remove one of them."),
    _configuration(
        "settings.unknown-key", "The key is not known here.", "See docs/configuration.md."
    ),
    _configuration(
        "settings.missing-key", "A key is missing.", "Add it; see docs/configuration.md."
    ),
    _configuration("settings.wrong-type", "The value has the wrong type.", "Write it as shown."),
    _configuration("settings.wrong-value", "The value is not possible.", "Choose one that is."),
    _configuration("settings.unknown-name", "The name is not defined.", "Define it or correct it."),
    _configuration("settings.duplicate-name", "The name is used twice.", "Rename one of them."),
    _configuration("settings.secret", "The secret cannot be had.", "Provide it as described."),
    _configuration(
        "settings.secret-exposed",
        "The secret's file can be read by others.",
        "chmod 600 the file.",
    ),
    _configuration(
        "settings.secret-in-yaml",
        "A secret stands in the YAML file.",
        "Refer to it by name: {secret: name}.",
    ),
    _configuration(
        "settings.not-supported",
        "This version cannot do that yet.",
        "Leave it out; see CHANGELOG.md for what each version brings.",
    ),
    _configuration("settings.no-rules", "No rule file was found.", "Add one to rules/."),
    _configuration(
        "settings.sandbox", "Sandbox parts need sandbox: true.", "Set it, or use a real service."
    ),
    _usage("usage.no-site", "This is not a site.", "Use --site, or sealgate init to make one."),
    _usage("usage.not-empty", "The folder is not empty.", "Choose another folder."),
    _usage("usage.unknown-job", "There is no such job.", "See sealgate status for job numbers."),
    _usage("usage.not-failed", "Only a failed job can be retried.", "See sealgate status."),
    _usage(
        "usage.original-gone",
        "The original is no longer in the failed folder.",
        "Drop the file into its inbox again.",
    ),
    _usage("usage.unknown-inbox", "There is no such inbox.", "See inboxes in gateway.yaml."),
    _usage("usage.unknown-service", "There is no such service.", "See services in gateway.yaml."),
    _usage("usage.no-file", "The file cannot be read.", "Check the name and its permissions."),
    _usage(
        "usage.wrong-time",
        "This is not a date or time.",
        "Write it as in ISO 8601: 2026-01-31 or 2026-01-31T14:00, in UTC.",
    ),
    _usage(
        "usage.already-running",
        "Another Sealgate works on this site.",
        "Use it, or stop it first; sealgate status shows it.",
    ),
    _usage(
        "usage.illegal-transition",
        "The job is not in a state in which that can happen.",
        "See sealgate status for the job's state.",
    ),
    _usage(
        "ledger.network-file-system",
        "The ledger would live on a network file system, where SQLite is not safe.",
        "Set state: in gateway.yaml to a folder on a local disk.",
    ),
    _usage(
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
