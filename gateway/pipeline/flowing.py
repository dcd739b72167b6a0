"""Documents of contract flows: handing one over, and putting the seal of a step onto it.

Theory of operation: the file that is dropped into a flow's inbox is a job like any other, until it
is accepted. Then it is handed over and rests while the flow runs (`gateway/flows/`); when that has
been completed, the last revision becomes its result and is delivered and archived like any. Each
seal on the way is put on by a job of its own, whose original is the document as it is then, and
whose rule is the step's, from the definition to which the flow is pinned. Its result goes back
into the flow. Before each of its stages, and in the transactions that spend, it is asked whether
the flow still waits for it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gateway.core.admission import admit_to_flow
from gateway.core.errors import DocumentFault
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_fields import fields_in_advance, sealing_of, wanted_for_fields
from gateway.core.job import Job, Slot, paper
from gateway.core.names import display, result_name
from gateway.core.rules import Rulebook
from gateway.core.states import Event, State
from gateway.core.tickets import fields_for
from gateway.core.visiting import actor_of
from gateway.pipeline import batches, delivering, extending
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.planning import make_plan
from gateway.pipeline.receipts import extended_receipt, sealed_receipt
from gateway.pipeline.sealing import plan_of, reports_of, stored
from gateway.pipeline.tickets import ticket_of

STOPPED = "flow.stopped"
_STOPPABLE = frozenset(
    {State.ACCEPTED, State.PLANNED, State.PREPARED, State.SIGNED, State.TIMESTAMPED}
    | {State.PROVEN, State.EXTENDED}
)
"""States from which the next stage may spend something, or works for what may."""


def check_awaited(equipment: Equipment, job: Job) -> None:
    """Raise `DocumentFault` (`flow.stopped`) when a step's job is not waited for any more."""
    if job.of_step and job.state in _STOPPABLE and not equipment.flows.awaits(job):
        raise DocumentFault(STOPPED, job.flow)


def begin_or_plan(equipment: Equipment, job: Job) -> Job:
    """Hand a document over to the flow of its inbox; or go on as with any other.

    A job that extends a contract needs no plan.
    """
    if job.of_step and _extends(equipment, job):
        return extending.gather(equipment, job)
    if job.of_step:
        return make_plan(equipment, job, _rulebook(equipment, job))
    definition = equipment.flow_of(job.inbox)
    if definition is None:
        return batches.list_or_plan(equipment, job)
    return _begin(equipment, job, definition)


def _begin(equipment: Equipment, job: Job, definition: FlowDefinition) -> Job:
    """Keep the first revision, and begin; raises `DocumentFault`.

    It is the document with the fields for all who sign later: after a certification it would be
    too late for them.
    """
    original = stored(equipment, job, Slot.ORIGINAL)
    facts = equipment.documents.examine(original, wanted_for_fields(definition))
    admit_to_flow(facts)
    fields = fields_in_advance(definition, facts, job.source)
    with equipment.revisions.drafting(job.id) as draft:
        if fields:
            equipment.field_making.prepare_fields(original, draft, fields)
        sha256 = equipment.revisions.keep(job.id, draft if fields else original)
    act = Act(
        ActKind.BEGIN,
        actor=_owner(job),
        sha256=sha256,
        job=job.id,
        source=job.source,
        fields=fields_for(definition.name, ticket_of(equipment, job), job.sha256),
    )
    return equipment.flows.begin(job, definition, act)


def _owner(job: Job) -> Actor:
    if job.person:
        return Actor(actor_of(job.person), login=job.person)
    return Actor(f"user:{display(job.dropper)}" if job.dropper else f"inbox:{job.inbox}")


def _rulebook(equipment: Equipment, job: Job) -> Rulebook:
    """Return the one rule of a step, as the flow's own definition has it."""
    flow = equipment.flows.get(job.flow)
    if flow is None:
        raise DocumentFault(STOPPED, job.flow)
    name, definition = flow.status.step_of(job.id), flow.definition
    rule = sealing_of(definition, definition.step(name)) if name else definition.evidence
    rules = () if rule is None else (rule,)
    # Whether a seal may be resized is its keeper's word of today, as grants are.
    fixed = equipment.rulebook().fixed
    return Rulebook(definition.sha256, rules, definition.seals, fixed)


def deliver_or_put_back(equipment: Equipment, job: Job) -> Job:
    """Deliver a result; or give a flow the revision that a step's job has made."""
    return _put_back(equipment, job) if job.of_step else delivering.deliver(equipment, job)


def fail_or_stop(equipment: Equipment, job: Job) -> Job:
    """Lay a document into failed/; the flow of a step's job learns of it first.

    A job that its flow waits for no more leaves nothing behind: its original is in the flow.
    """
    if job.of_step and job.code == STOPPED:
        return _stop(equipment, job)
    if job.of_step:
        _report_failure(equipment, job)
    return delivering.fail(equipment, job)


def _put_back(equipment: Equipment, job: Job) -> Job:
    """Give the flow the revision, or the certificate of completion, that a job has made.

    Raises `DocumentFault` (`flow.stopped`) when the flow has ended meanwhile.
    """
    sealed = stored(equipment, job, Slot.SEALED)
    sha256 = equipment.revisions.keep(job.flow, sealed)
    step, extends = _step_of(equipment, job), _extends(equipment, job)
    act = Act(ActKind.SEAL_END if step else ActKind.EVIDENCE_END, step, job=job.id, sha256=sha256)
    if extends:
        act = replace(act, kind=ActKind.EXTENSION_END, why=extending.unproven_of(equipment, job))
    status = equipment.flows.act(job.flow, act).status
    if sha256 not in {status.evidence, *(one.sha256 for one in status.revisions)}:
        raise DocumentFault(STOPPED, f"{status.state}, after the signature was made")
    ending = f"-{step}" if step else ""
    name = result_name("{stem}" + ending + ".pdf", job.source, step, job.seal, 1)
    path = equipment.revisions.path(job.flow, sha256).parent / name
    if extends:
        receipt = extended_receipt(job, path)
    else:
        receipt = sealed_receipt(job, plan_of(equipment, job), reports_of(equipment, job), path)
    kept = paper(Slot.RECEIPT, receipt)
    return equipment.jobs.advance(
        job,
        Event.DELIVERED,
        {"flow": job.flow, "step": step, "sha256": sha256, "receipt": kept.sha256},
        delivered=str(path),
        artifacts=job.storing(kept),
    )


def _report_failure(equipment: Equipment, job: Job) -> None:
    """Tell the flow that a seal could not be put on; it waits until the job is retried.

    A certificate of completion goes out without its seal, and a contract that cannot be extended
    as it was signed: nobody could mend that, and the contract must not wait for it.
    """
    step = _step_of(equipment, job)
    if step or _extends(equipment, job):
        kind = ActKind.SEAL_FAIL if step else ActKind.EXTENSION_FAIL
        act = Act(kind, step, job=job.id, code=job.code, why=job.detail)
    else:
        original = job.sha256 or equipment.revisions.keep(job.flow, Path(job.spooled))
        act = Act(ActKind.EVIDENCE_END, job=job.id, sha256=original)
    equipment.flows.act(job.flow, act)


def _stop(equipment: Equipment, job: Job) -> Job:
    Path(job.spooled).unlink(missing_ok=True)
    details = {"code": job.code, "path": ""}
    return equipment.jobs.advance(job, Event.FAILED, details)


def _extends(equipment: Equipment, job: Job) -> bool:
    """Tell whether a job extends the whole contract."""
    flow = equipment.flows.get(job.flow)
    return flow is not None and flow.status.extension_job == job.id


def _step_of(equipment: Equipment, job: Job) -> str:
    flow = equipment.flows.get(job.flow)
    return flow.status.step_of(job.id) if flow is not None else ""
