"""Codes of errors about backups, and about sites that came from one."""

from __future__ import annotations

from gateway.core.error_code import site, usage, waiting

RESTORED = "site.restored"
RESULT_TAKEN = "restored.result-taken"

BACKUP_CODES = (
    usage(
        "backup.none",
        "There is no backup.",
        "Name the folder that sealgate backup printed; manifest.json lies in it.",
    ),
    usage(
        "backup.damaged",
        "The backup is not what was written.",
        "Take another backup; nothing was restored from this one.",
    ),
    usage(
        "backup.newer",
        "The backup was written by a newer version.",
        "Install that version, which its manifest.json names, and restore with it.",
    ),
    usage(
        "backup.in-the-way",
        "Something else is where the backup has to go.",
        "Restore into an empty folder with --site, or let what is there be put aside with --over.",
    ),
    site(
        "site.restored",
        "The site was restored from a backup and waits for a person.",
        "Look through what sealgate restore listed, then: sealgate retry --restored.",
    ),
    waiting(
        "restored.result-taken",
        "The document was delivered after the backup that the site was restored from: its receipt"
        " lies in the outbox, its result was taken away.",
        "Lay the result beside its receipt again, and it is archived; or remove the receipt, and"
        " the document is sealed anew. Work resumes within a minute.",
    ),
)
