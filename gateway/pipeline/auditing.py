"""The audit of the archive: every file that it must hold, hashed again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from gateway.core.errors import SiteFault
from gateway.core.job import Job
from gateway.core.states import State
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.receipt_parts import Receipt
from gateway.ports import ArchivedFile, Kept

_ENDING = re.compile(r"\.renewed-\d+\.pdf$")


@dataclass(frozen=True)
class ArchiveFlaw:
    """A file of the archive that is missing or not what it must be."""

    job: str
    file: ArchivedFile
    why: str


@dataclass(frozen=True)
class ArchiveAudit:
    """How much was looked at, and what was wrong with it."""

    jobs: int
    files: int
    purged: int
    """Jobs whose files were removed when their retention had passed."""
    flaws: tuple[ArchiveFlaw, ...]


def audit_archive(equipment: Equipment) -> ArchiveAudit:
    """Hold the files of every archived job against the ledger and against their receipt.

    Raises `SiteFault` when the archive as a whole cannot be read.
    """
    jobs = equipment.jobs.find((State.ARCHIVED,))
    renewed, gone = _renewed(equipment), _purged(equipment)
    count, flaws = 0, list[ArchiveFlaw]()
    for job in jobs:
        files = equipment.archived.files(job)
        folder, stem = files[0].path.parent, Path(job.delivered).stem
        later = [
            ArchivedFile(Kept.RENEWED, folder / (stem + ending), sha256)
            for ending, sha256 in renewed.get(job.id, ())
        ]
        if job.id in gone:
            flaws += _left(equipment, job, (*files, *later))
            continue
        count += len(files) + len(later)
        for file in (*files, *later):
            why = _objection(equipment, job, file)
            if why:
                flaws.append(ArchiveFlaw(job.id, file, why))
    # What was purged while we looked is not missing.
    meanwhile = _purged(equipment) - gone
    told = tuple(flaw for flaw in flaws if flaw.job not in meanwhile)
    return ArchiveAudit(len(jobs) - len(gone), count, len(gone), told)


def _purged(equipment: Equipment) -> frozenset[str]:
    """Return the jobs whose files were removed by what the log tells, which is chained."""
    entries = equipment.log.entries(event="archive.purged")
    return frozenset(dict(entry.details).get("job", "") for entry in entries)


def _left(equipment: Equipment, job: Job, files: tuple[ArchivedFile, ...]) -> Iterator[ArchiveFlaw]:
    """Yield the files that a purge should have removed."""
    for file in files:
        if _objection(equipment, job, file) != "missing":
            yield ArchiveFlaw(job.id, file, "purged, but still there: run sealgate archive purge")


def _renewed(equipment: Equipment) -> dict[str, list[tuple[str, str]]]:
    """Return what the log tells of renewed versions, by job: end of the name, and hash.

    The rest of the name is the result's: as text of the log it need not be that of the file.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in equipment.log.entries(event="archive.renewed"):
        told = dict(entry.details)
        ending = _ENDING.search(told.get("path", ""))
        if ending is not None:
            pair = (ending.group(), told.get("sha256", ""))
            found.setdefault(told.get("job", ""), []).append(pair)
    return found


def _objection(equipment: Equipment, job: Job, file: ArchivedFile) -> str:
    """Say what is wrong with a file; empty when nothing is."""
    try:
        if file.what is Kept.RECEIPT:
            return _contradiction(job, equipment.archived.read(file))
        equipment.archived.check(file)
    except SiteFault as fault:
        if fault.code != "site.artifact-damaged":
            raise
        return "missing" if fault.detail.endswith("is missing") else "altered"
    return ""


def _contradiction(job: Job, receipt: bytes) -> str:
    """Say where a receipt tells another story than the ledger."""
    try:
        told = Receipt.model_validate_json(receipt)
    except ValidationError:
        return "the receipt cannot be read"
    recorded = job.artifact(job.result)
    pairs = {
        "job": (told.job, job.id),
        "original": (told.original.sha256, job.sha256),
        "result": (
            told.result.sha256 if told.result else "",
            recorded.sha256 if recorded else "",
        ),
    }
    wrong = [name for name, (one, other) in pairs.items() if one != other]
    return f"the receipt names another {', '.join(wrong)}" if wrong else ""
