"""The whole story of a document: what was decided, and every file that there is of it."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from gateway.core.chain import LogEntry
from gateway.core.errors import SiteFault, UsageFault
from gateway.core.job import Job, Slot
from gateway.core.names import display
from gateway.core.states import State
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.receipt_parts import Receipt
from gateway.pipeline.sealing import paper_of
from gateway.ports import Kept, SealUse

_RECEIPT = ".receipt.json"
_LONGEST_RECEIPT = 4 << 20
_SLOTS = {Kept.ORIGINAL: Slot.ORIGINAL}


@dataclass(frozen=True)
class Story:
    """What can be told of a job."""

    job: Job
    receipt: Receipt | None
    """None while the job is under way, or when the receipt is gone."""
    uses: tuple[SealUse, ...]
    """Uses of seals that wait for a decision."""
    entries: tuple[LogEntry, ...]
    kept: tuple[Kept, ...]
    """The files that can be had."""


def story_of(equipment: Equipment, job: Job) -> Story:
    """Return the story of a job; a file that is gone or altered is left out of it."""
    kept = tuple(
        what for what in (Kept.ORIGINAL, Kept.RESULT, Kept.RECEIPT) if _has(equipment, job, what)
    )
    return Story(
        job,
        _receipt(equipment, job) if Kept.RECEIPT in kept else None,
        tuple(use for use in equipment.seal_uses.uses() if use.job == job.id),
        tuple(equipment.log.entries(job=job.id)),
        kept,
    )


def find_job(equipment: Equipment, job_id: str) -> Job:
    """Return a job; raises `UsageFault` (`usage.unknown-job`)."""
    job = equipment.jobs.get(job_id)
    if job is None:
        raise UsageFault("usage.unknown-job", display(job_id)[:100])
    return job


@contextmanager
def kept_file(equipment: Equipment, job: Job, what: Kept) -> Iterator[Path]:
    """Give the path of a file of a job, checked against what the ledger recorded.

    Raises `UsageFault` (`usage.no-file`) when there is none, `SiteFault`
    (`site.artifact-damaged`) when it is not as it was.
    """
    if job.state is State.ARCHIVED:
        for file in equipment.archived.files(job):
            if file.what is what:
                equipment.archived.check(file)
                yield file.path
                return
    elif (
        (slot := _slot(job, what)) is not None
        and job.artifact(slot) is not None
        and _stored(equipment, job, slot)
    ):
        yield equipment.vault.path(job.id, slot, job.artifact(slot))
        return
    elif job.state is State.FAILED and what is Kept.ORIGINAL:
        path = Path(job.returned)
        if job.sha256 and hashlib.sha256(_bytes(path)).hexdigest() != job.sha256:
            raise SiteFault("site.artifact-damaged", f"{display(str(path))} is not as recorded")
        yield path
        return
    elif job.state is State.FAILED and what is Kept.RECEIPT:
        path = Path(job.returned + _RECEIPT)
        _bytes(path, _LONGEST_RECEIPT)
        yield path
        return
    raise UsageFault("usage.no-file", f"{what} of {job.id}")


def read_kept(equipment: Equipment, job: Job, what: Kept) -> bytes:
    """Return the bytes of a file of a job; raises like `kept_file`."""
    if what is Kept.RECEIPT and job.state is State.DELIVERED:
        return paper_of(equipment, job, Slot.RECEIPT)
    with kept_file(equipment, job, what) as path:
        return _bytes(path)


def name_of(job: Job, what: Kept) -> str:
    """Return the name under which somebody may keep a file of a job."""
    original = Path(job.source).name
    result = Path(job.delivered).name or original
    named = {Kept.ORIGINAL: original, Kept.RESULT: result, Kept.RECEIPT: result + _RECEIPT}
    return display(named[what])


def _slot(job: Job, what: Kept) -> Slot | None:
    return job.result if what is Kept.RESULT else _SLOTS.get(what)


def _stored(equipment: Equipment, job: Job, slot: Slot) -> bool:
    return equipment.vault.path(job.id, slot).is_file()


def _has(equipment: Equipment, job: Job, what: Kept) -> bool:
    try:
        if what is Kept.RECEIPT:
            read_kept(equipment, job, what)
            return True
        with kept_file(equipment, job, what):
            return True
    except (UsageFault, SiteFault):
        return False


def _receipt(equipment: Equipment, job: Job) -> Receipt | None:
    try:
        return Receipt.model_validate_json(read_kept(equipment, job, Kept.RECEIPT))
    except (ValidationError, UsageFault, SiteFault):
        return None


def _bytes(path: Path, most: int = -1) -> bytes:
    """Read a plain file, through no link."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UsageFault("usage.no-file", f"{display(str(path))}: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UsageFault("usage.no-file", display(str(path)))
        return file.read(most)
