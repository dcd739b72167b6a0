"""Retrying: what people let try again, one job or all."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.errors import UsageFault
from gateway.core.job import Job
from gateway.core.states import State
from gateway.pipeline.delivering import retry
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.restoring import FACT as RESTORED
from gateway.pipeline.stories import find_job


@dataclass(frozen=True)
class Retried:
    """A job that was to try again, and why it cannot, if so."""

    job: Job
    fault: UsageFault | None = None


def retry_all(equipment: Equipment, actor: str) -> tuple[Retried, ...]:
    """End every hold, allow every unanswered digest once more, and begin failed jobs anew.

    That of a restored site is ended by itself alone: see `release_restored`.
    """
    equipment.quotas.acknowledge(actor)
    for hold in equipment.holds.all():
        if hold.subject != RESTORED:
            equipment.holds.release(hold.subject)
    return tuple(_tried(equipment, job, actor) for job in equipment.jobs.find((State.FAILED,)))


def release_restored(equipment: Equipment, actor: str) -> bool:
    """Let a site that was restored begin to work; return whether it waited for that."""
    if not any(hold.subject == RESTORED for hold in equipment.holds.all()):
        return False
    equipment.log.record("site.released", {}, actor=actor)
    return equipment.holds.release(RESTORED)


def retry_one(equipment: Equipment, job_id: str, actor: str) -> Job:
    """Let a job try again that failed or waits for a person.

    Raises `UsageFault`: `usage.unknown-job`, and as `delivering.retry` does.
    """
    job = find_job(equipment, job_id)
    allowed = equipment.quotas.acknowledge(actor, job.id)
    if job.state is State.PREPARED and allowed:
        equipment.holds.release(f"service:{job.service}")
        return job
    return retry(equipment, job, actor)


def _tried(equipment: Equipment, job: Job, actor: str) -> Retried:
    try:
        return Retried(retry(equipment, job, actor))
    except UsageFault as fault:
        return Retried(job, fault)
