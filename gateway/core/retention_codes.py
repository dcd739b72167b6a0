"""What can be wrong with legal holds and with removing archived files."""

from __future__ import annotations

from gateway.core.error_code import document, usage

RETENTION_CODES = (
    document(
        "archive.foreign",
        "Something that Sealgate did not lay there is in a job's archive folder.",
        "Look at it and take it away; the next sealgate archive purge removes the folder.",
    ),
    usage(
        "usage.purged",
        "The archived files of this job were removed when their retention had passed.",
        "Look for a backup; the signing log has the hash of each file: sealgate log search"
        " JOB --event archive.purged.",
    ),
    usage(
        "usage.hold-reason",
        "The reason of a legal hold is empty, too long, or more than one line.",
        'Write it shortly: --why "case 4711, letter of 3 May".',
    ),
    usage(
        "usage.legal-hold",
        "A job is put under legal hold once, and released when it is.",
        "See sealgate archive holds. To give another reason, release the job first.",
    ),
)
