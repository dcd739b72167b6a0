"""The end of retention: the log first, then the files, then the folders they leave empty.

A purge that was interrupted is finished by the next one. What may go is decided in the
transaction that says it goes, so a legal hold either keeps the files or is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway.core.errors import DocumentFault
from gateway.core.job import Job
from gateway.pipeline.equipment import Equipment


@dataclass(frozen=True)
class Purged:
    """What became of one job's archived files."""

    job: Job
    done: bool
    files: int = 0
    """Removed; of a purge that was finished, nobody counts them again."""
    fault: DocumentFault | None = None
    """Why they are there still; None when the job was put under legal hold meanwhile."""


def due(equipment: Equipment, before: datetime) -> Iterator[Job]:
    """Yield the jobs whose files were archived before a time and may go, by id."""
    return _jobs(equipment, equipment.purges.due(before))


def purge(equipment: Equipment, before: datetime, actor: str) -> Iterator[Purged]:
    """Purge what is due, job by job.

    Raises `SiteFault` when the archive or the ledger cannot be written.
    """
    return (_purged(equipment, job, actor) for job in due(equipment, before))


def finish(equipment: Equipment) -> Iterator[Purged]:
    """Finish purges that were interrupted; raises like `purge`."""
    return (_removed(equipment, job) for job in _jobs(equipment, equipment.purges.under_way()))


def _jobs(equipment: Equipment, ids: Iterable[str]) -> Iterator[Job]:
    return (job for job in map(equipment.jobs.get, ids) if job is not None)


def _purged(equipment: Equipment, job: Job, actor: str) -> Purged:
    try:
        files = equipment.archive_folders.contents(job)
    except DocumentFault as fault:
        return Purged(job, done=False, fault=fault)
    if not equipment.purges.begin(job.id, files, actor):
        return Purged(job, done=False)
    return _removed(equipment, job, len(files))


def _removed(equipment: Equipment, job: Job, files: int = 0) -> Purged:
    try:
        equipment.archive_folders.remove(job)
    except DocumentFault as fault:
        return Purged(job, done=False, fault=fault)
    if job.flow == job.id:
        equipment.revisions.forget(job.id)
    equipment.purges.finish(job.id)
    return Purged(job, done=True, files=files)
