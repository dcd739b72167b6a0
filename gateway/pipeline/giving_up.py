"""Giving a document up: the decision, and what was found in it until then."""

from __future__ import annotations

from pydantic import TypeAdapter

from gateway.core.findings import Finding
from gateway.core.job import Artifact, Job, Slot
from gateway.core.plan import SealingPlan
from gateway.core.states import Event
from gateway.pipeline.equipment import Equipment

_FOUND = TypeAdapter(tuple[Finding, ...])


def give_up(equipment: Equipment, job: Job, code: str, detail: str, *kept: Artifact) -> Job:
    """Decide that the document fails; laying it into failed/ is a step of its own."""
    details = {"code": code, "detail": detail, "in": job.state.value}
    return equipment.jobs.advance(
        job, Event.GAVE_UP, details, code=code, detail=detail, artifacts=job.storing(*kept)
    )


def store_findings(equipment: Equipment, job: Job, found: tuple[Finding, ...]) -> Artifact:
    """Keep what was found in a document for which there will be no plan."""
    return equipment.vault.put(job.id, Slot.FINDINGS, _FOUND.dump_json(found))


def findings_of(equipment: Equipment, job: Job, plan: SealingPlan | None) -> tuple[Finding, ...]:
    """Return what was found in a document that failed; nothing where it could not be read."""
    if plan is not None:
        return plan.findings
    kept = job.artifact(Slot.FINDINGS)
    if kept is None:
        return ()
    return _FOUND.validate_json(equipment.vault.path(job.id, Slot.FINDINGS, kept).read_bytes())
