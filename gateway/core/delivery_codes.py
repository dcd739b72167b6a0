"""What can be wrong with documents that come again, and with where results go."""

from __future__ import annotations

from gateway.core.error_code import document, waiting

TWIN = "intake.duplicate-under-way"
"""The code of a job that waits for another job."""
UNPROVEN = "flow.unproven"
"""The code of a job that asks once more for the revocation data of somebody else."""
SOON = frozenset({TWIN, UNPROVEN})
"""Codes of jobs that wait alone, but neither for a person nor for a day."""

DELIVERY_CODES = (
    document(
        "intake.duplicate",
        "The very same document was sealed by this rule before.",
        "Take the earlier result; it is in the archive under the job that is named."
        " Or let the rule say duplicates: again or return, then use sealgate retry.",
    ),
    waiting(
        "intake.duplicate-under-way",
        "The very same document is just being sealed by this rule.",
        "Nothing: its result is given again as soon as it is there.",
    ),
    document(
        "deliver.name-taken",
        "The outbox has another file under the result's name, and the rule wants no other name.",
        "Take that file and its receipt away, or let the rule say deliver: {collisions: counter};"
        " then use sealgate retry, which does not pay for the signature again.",
    ),
    document(
        "deliver.word-missing",
        "The result's name or folder needs a word that neither the ticket nor the text has.",
        "State it in the ticket, or let the rule say deliver: {otherwise: TEXT};"
        " then use sealgate retry.",
    ),
)
