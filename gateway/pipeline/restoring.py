"""Work that goes on after a site was restored: what was delivered since is not made again.

A job that is older than the restore may have gone on after the backup that the site came from:
its signature may be bought, its result delivered. Nothing that the ledger holds tells; outbox and
archive may. A result that is found there takes the place of the one that was yet to be made, and
passes the release gate like any other; so whoever writes to the outbox gains nothing. What is not
found is made as after a crash, and the log says that its digest may have been sent before.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from pydantic import ValidationError

from gateway.core.backup_codes import RESULT_TAKEN
from gateway.core.errors import WaitingFault
from gateway.core.job import Job, Slot
from gateway.core.names import display
from gateway.core.states import Event, State
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.receipt_parts import Receipt
from gateway.ports.traces import Trace

FACT = "restored"
"""The fact of when the site was restored, and what is held until a person has looked."""
_TO_BE_MADE = frozenset(
    {State.PREPARED, State.SENT, State.SIGNED, State.TIMESTAMPED, State.PROVEN, State.EXTENDED}
)


def moment(equipment: Equipment) -> datetime | None:
    """Return when the site was last restored, or None."""
    written = equipment.memory.recall(FACT)
    return datetime.fromisoformat(written) if written else None


def resumed(equipment: Equipment, job: Job, restored: datetime) -> Job | None:
    """Let a job from before a restore go on from what was delivered since; None: as it is.

    Raises `WaitingFault` (`restored.result-taken`) when its receipt lies in the outbox alone.
    """
    if job.of_step or equipment.traces is None:
        return None
    if job.state not in _TO_BE_MADE and job.state is not State.VERIFIED:
        return None
    trace = equipment.traces.of(job)
    if trace is not None and trace.taken:
        raise WaitingFault(RESULT_TAKEN, display(str(trace.result)))
    if job.state is State.VERIFIED:
        return _delivered(equipment, job, trace)
    if trace is not None and _fits(job, trace):
        return _found(equipment, job, trace)
    untouched = job.state is State.PREPARED and job.updated < restored
    return _doubted(equipment, job) if untouched else None


def _fits(job: Job, trace: Trace) -> bool:
    """Tell whether a receipt is that of a sealed result of the same original."""
    try:
        receipt = Receipt.model_validate_json(trace.receipt)
    except ValidationError:
        return False
    return receipt.status == "sealed" and receipt.original.sha256 == job.sha256


def _found(equipment: Equipment, job: Job, trace: Trace) -> Job:
    """Take a result that was delivered for the job's own; the release gate judges it."""
    sealed = equipment.vault.put(job.id, Slot.SEALED, trace.result)
    details = {"result": display(str(trace.result)), "sha256": sealed.sha256}
    return equipment.jobs.advance(
        job, Event.FOUND, details, artifacts=job.storing(sealed), attempts=0
    )


def _delivered(equipment: Equipment, job: Job, trace: Trace | None) -> Job | None:
    """Lay nothing into the outbox again that it has, or the archive.

    Its name may be another one than would be chosen now, so it is not left to the outbox.
    """
    artifact = job.artifact(job.result)
    if trace is None or artifact is None:
        return None
    if hashlib.sha256(trace.result.read_bytes()).hexdigest() != artifact.sha256:
        return None
    kept = equipment.vault.put(job.id, Slot.RECEIPT, trace.receipt)
    where = display(str(trace.result))
    return equipment.jobs.advance(
        job,
        Event.DELIVERED,
        {"result": where, "sha256": artifact.sha256, "receipt": kept.sha256, "before": "restore"},
        delivered=str(trace.result),
        artifacts=job.storing(kept),
    )


def _doubted(equipment: Equipment, job: Job) -> Job:
    """Say that the digest may have been sent after the backup; it is the same that is sent now."""
    why = "restored from a backup: it may have been sent since; the same digest is sent"
    details = {"service": job.service, "digest": job.digest, "why": why}
    return equipment.jobs.advance(job, Event.UNANSWERED, details)
