"""What can be wrong with manifests and the documents that they list."""

from __future__ import annotations

from gateway.core.error_code import document, waiting

BATCH_CODES = (
    document(
        "batch.unreadable",
        "The manifest of a batch cannot be understood.",
        "Correct the manifest in failed/ as the sentence says, then use sealgate retry;"
        " docs/batches.md has every column.",
    ),
    waiting(
        "batch.under-way",
        "Not all documents of the batch have come and ended yet.",
        "Nothing: the report comes when the last one has ended, or when the time is up for"
        " those that are missing.",
    ),
    waiting(
        "batch.ended",
        "The batch that listed the document has ended without it.",
        "Drop another manifest that lists it.",
    ),
)
