"""What can keep a registered seal from being used, for ever or for a while."""

from __future__ import annotations

from gateway.core.error_code import document, usage, waiting

SEAL_USE_CODES = (
    # The document fails: this seal may not be used for it.
    document(
        "seal.not-registered",
        "The seal that the document was planned with is not in the registry.",
        "Restore the ledger from its backup, or register the seal, then use sealgate retry.",
    ),
    document(
        "seal.revoked",
        "The seal is revoked: it is never to be used again.",
        "Let the rule use another seal, then use sealgate retry.",
    ),
    document(
        "seal.retired",
        "The seal is retired: its keeper took it out of use.",
        "Let the rule use another seal, or have it restored; then use sealgate retry.",
    ),
    document(
        "seal.not-yet-valid",
        "The seal may not be used yet.",
        "Wait for its first day, or ask its keeper; then use sealgate retry.",
    ),
    document(
        "seal.expired",
        "The seal's last day is over.",
        "Ask its keeper for a later last day, or use another seal; then use sealgate retry.",
    ),
    document(
        "seal.not-granted",
        "The seal's keeper has not allowed this use.",
        "Ask the keeper for a grant (sealgate seals grant), then use sealgate retry.",
    ),
    document(
        "seal.use-rejected",
        "The person who decides on the seal's use has rejected this one.",
        "Ask the seal's keeper; after sealgate retry the use is asked for anew.",
    ),
    # The document waits, alone.
    waiting(
        "seal.awaiting-approval",
        "Each use of this seal is approved by a person, who has not done so yet.",
        "Look at the document, then use sealgate seals approve or sealgate seals reject.",
    ),
    waiting(
        "seal.limit-reached",
        "The seal has been used as often as its keeper allows for now.",
        "Nothing: work resumes when the next period begins, or when the keeper raises the limit.",
    ),
    # Commands of the seal keeper.
    usage("usage.unknown-seal", "There is no such registered seal.", "See sealgate seals list."),
    usage(
        "usage.seal-exists",
        "There is a seal of that name already.",
        "Choose another name, or add a version with --new-version.",
    ),
    usage(
        "usage.seal-revoked",
        "The seal is revoked, and nothing about it can change any more.",
        "Register another seal.",
    ),
    usage(
        "usage.seal-standing",
        "The seal does not stand as that would need.",
        "See sealgate seals show.",
    ),
    usage(
        "usage.seal-changed",
        "Somebody else changed the seal in the same moment.",
        "Look at it again, then repeat the command.",
    ),
    usage(
        "usage.seal-option",
        "This cannot be said of a seal.",
        "See sealgate seals add --help and docs/seals.md.",
    ),
    usage(
        "usage.seal-too-coarse",
        "The picture has too few dots for the size at which the seal is printed.",
        "Scan it finer, print the seal smaller, or use artwork of vectors (SVG, PDF).",
    ),
    usage(
        "usage.not-waiting",
        "The job does not wait for that.",
        "See sealgate seals waiting.",
    ),
)
