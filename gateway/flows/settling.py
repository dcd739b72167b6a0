"""Settling a flow: its folders and jobs are made what its state asks for.

Everything in here can be done again: what is there already is left as it is. So a process that was
killed anywhere in between goes on by settling once more.
"""

from __future__ import annotations

from pathlib import Path

from gateway.core.flow_acts import Act, ActKind
from gateway.core.flow_definition import Step, rules_of
from gateway.core.flow_events import FlowEventKind, FlowState, StepState
from gateway.core.flow_fields import sealing_of
from gateway.core.flow_progress import lacking_level
from gateway.core.flow_state import StepStatus
from gateway.core.job import Job, Slot
from gateway.core.states import TERMINAL, Event, State
from gateway.flows.cover_note import cover_note
from gateway.flows.handing_out import enclose, hand_out, lay_record
from gateway.flows.naming import evidence_base, todo_name
from gateway.flows.room import FlowRoom
from gateway.flows.seal_jobs import Wanted, open_job
from gateway.ports import Flow

_BEGUN = FlowEventKind.EVIDENCE_BEGUN


def settle(room: FlowRoom, flow_id: str) -> None:
    """Make the folders and jobs of a flow what they should be; raises `SiteFault`."""
    flow = _sealing(room, room.office.flow(flow_id))
    _lay_out(room, flow)
    if flow.status.state.ended:
        _end(room, flow)


def _sealing(room: FlowRoom, flow: Flow) -> Flow:
    """Begin the next seal whose turn it is, and see to it that its job is there."""
    if flow.status.state is not FlowState.RUNNING:
        return flow
    released = flow.status.at(StepState.RELEASED)
    if released and not flow.status.at(StepState.SEALING):
        act = Act(ActKind.SEAL_BEGIN, step=released[0].name, job=room.office.new_job())
        flow = room.office.act(flow.id, act)
    for step in flow.status.at(StepState.SEALING):
        _open_job(room, flow, step)
    return _extending(room, flow)


def _extending(room: FlowRoom, flow: Flow) -> Flow:
    """Begin to extend the document when everybody has signed, and see to it that its job is there.

    The job needs no rule; what stands for its inbox is that of the flow's seals.
    """
    level = lacking_level(flow.definition, flow.status)
    if level is None:
        return flow
    if not flow.status.extension_job:
        act = Act(ActKind.EXTENSION_BEGIN, job=room.office.new_job())
        flow = room.office.act(flow.id, act)
    name = flow.definition.name
    wanted = Wanted(flow.status.extension_job, rules_of(name), flow.status.current, level.value)
    open_job(room, flow, wanted)
    return flow


def _open_job(room: FlowRoom, flow: Flow, step: StepStatus) -> None:
    rule = sealing_of(flow.definition, flow.definition.step(step.name))
    if rule is not None:
        open_job(room, flow, Wanted(step.job, rule.inbox, flow.status.current, step.name))


def _lay_out(room: FlowRoom, flow: Flow) -> None:
    """Have the document in todo/ of the parties whose turn it is, and of nobody else."""
    status = flow.status
    for step in flow.definition.steps:
        standing = status.step(step.name)
        if not step.kind.wants_act or standing.state is StepState.PENDING:
            continue
        waits = status.state is FlowState.RUNNING and standing.state is StepState.OPEN
        wanted = standing.parties if waits else ()
        if wanted:
            _lay(room, flow, step, standing)
        for party in _possible(step):
            if party not in wanted:
                room.folders.take_back(party, todo_name(status.source, step.name, flow.id))


def _lay(room: FlowRoom, flow: Flow, step: Step, standing: StepStatus) -> None:
    """Have the document and its cover note in todo/ of everybody who may act at a step."""
    status = flow.status
    name = todo_name(status.source, step.name, flow.id)
    content = room.revisions.path(flow.id, status.current)
    note = cover_note(flow, step, standing, room.language)
    for party in standing.parties:
        room.folders.lay(party, name, content, status.current, note)


def _possible(step: Step) -> tuple[str, ...]:
    """Return every party that can ever have had a step."""
    escalated = (step.escalation.party,) if step.escalation is not None else ()
    return tuple(dict.fromkeys((step.party, *step.delegates, *escalated)))


def _end(room: FlowRoom, flow: Flow) -> None:
    """Let the document's own job go on; what follows it does not keep it back.

    A contract is handed out as soon as it is in the outbox; its certificate, whose seal may have to
    wait for the digest service, comes later.
    """
    job = room.jobs.get(flow.id)
    if job is None or flow.status.closed:
        return
    if job.state is State.FLOWING:
        job = _conclude(room, flow, job)
    flow = _certified(room, flow)
    if job.state is State.ARCHIVED and not flow.status.handed_out:
        hand_out(room, flow)
        flow = room.office.act(flow.id, Act(ActKind.HAND_OUT))
    if not flow.status.evidence or job.state not in TERMINAL:
        return
    if job.state is State.ARCHIVED:
        enclose(room, flow, job)
    elif job.returned:
        lay_record(room, flow, Path(job.returned))
    room.office.act(flow.id, Act(ActKind.CLOSE))


def _certified(room: FlowRoom, flow: Flow) -> Flow:
    """Have the certificate made, and sealed where the definition says how.

    Nothing is spent on the record of a flow that came to nothing.
    """
    status = flow.status
    if status.evidence:
        return flow
    rule = flow.definition.evidence if status.state is FlowState.COMPLETED else None
    if not status.evidence_job:
        with room.revisions.drafting(flow.id) as draft:
            room.certifying.print(flow, draft)
            sha256 = room.revisions.keep(flow.id, draft)
        if rule is None:
            return room.office.act(flow.id, Act(ActKind.EVIDENCE_END, sha256=sha256))
        begun = Act(ActKind.EVIDENCE_BEGIN, job=room.office.new_job(), sha256=sha256)
        flow = room.office.act(flow.id, begun)
    if rule is not None:
        told = [one for one in room.office.story(flow.id) if one.kind is _BEGUN]
        sha256, source = told[-1].get("sha256"), evidence_base(flow.status.source)
        open_job(room, flow, Wanted(flow.status.evidence_job, rule.inbox, sha256, source=source))
    return flow


def _conclude(room: FlowRoom, flow: Flow, job: Job) -> Job:
    """Make the last revision the job's result, or give the job up with the flow's end."""
    status = flow.status
    if status.state is FlowState.COMPLETED:
        contract = room.vault.put(
            job.id, Slot.CONTRACT, room.revisions.path(flow.id, status.current)
        )
        details, artifacts = {"sha256": contract.sha256}, job.storing(contract)
        return room.jobs.advance(job, Event.CONCLUDED, details, artifacts=artifacts)
    code, why = f"flow.{status.state}", f"{status.ended_by}: {status.why}"
    details = {"code": code, "detail": why, "in": job.state.value}
    return room.jobs.advance(job, Event.GAVE_UP, details, code=code, detail=why)
