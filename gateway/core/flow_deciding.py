"""What follows from an act: the events of a contract flow, decided without clock or folder.

`decide` returns the events that an act leads to, with all that follows from them at once: the next
steps that open, the seals that are released, the end. An act that was done already leads to none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.core.errors import DocumentFault, UsageFault
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_definition import (
    FlowDefinition,
    Otherwise,
    Stage,
    Step,
    StepKind,
    Withdrawal,
)
from gateway.core.flow_events import FlowEvent, FlowEventKind, FlowState, StepState, written
from gateway.core.flow_progress import complete, lacking_level
from gateway.core.flow_state import (
    FlowStatus,
    StepStatus,
    escalation_due,
    evolve,
    reminder_due,
)

NOT_EXTENDED = "flow.not-extended"
_K = FlowEventKind
_GRANTED = frozenset({StepState.RELEASED, StepState.SEALING, StepState.DONE})
_IN_TIME = frozenset(
    {
        ActKind.APPROVE,
        ActKind.RETURN,
        ActKind.REJECT,
        ActKind.DELEGATE,
        ActKind.WITHDRAW,
        ActKind.SEAL_BEGIN,
    }
)
"""What comes too late behind a deadline, be it that nobody has looked at the clock since."""


def decide(
    definition: FlowDefinition, status: FlowStatus, act: Act, at: datetime
) -> tuple[FlowEvent, ...]:
    """Return the events that an act leads to at a moment; none when it was done before.

    Raises `UsageFault` (`flow.…`) when it may not be done, `DocumentFault` (`flow.ticket-field`)
    when a flow cannot begin.
    """
    story = _Story(definition, status, at)
    if act.kind in _IN_TIME:
        _tick(story, act)
    _DONE_BY[act.kind](story, act)
    return tuple(story.events)


class _Story:
    """The events so far, and the state to which they lead."""

    def __init__(self, definition: FlowDefinition, status: FlowStatus, at: datetime) -> None:
        self.definition = definition
        self.status = status
        self.at = at
        self.events: list[FlowEvent] = []

    @property
    def runs(self) -> bool:
        return self.status.state is FlowState.RUNNING

    def add(
        self, kind: FlowEventKind, step: str = "", actor: str = "sealgate", **more: str
    ) -> None:
        details = tuple((key, value) for key, value in more.items() if value)
        self.append(FlowEvent(kind, self.at, step, actor, details))

    def append(self, event: FlowEvent) -> None:
        self.status = evolve(self.status, event)
        self.events.append(event)

    def proceed(self) -> None:
        """Let everything happen that needs nobody: until somebody has to act, or the end."""
        while self.runs:
            before = len(self.events)
            self._look()
            if len(self.events) == before:
                return

    def _look(self) -> None:
        for stage in self.definition.stages:
            standing = [self.status.step(step.name) for step in stage.steps]
            if all(one.state is StepState.PENDING for one in standing):
                self._open(stage)
                return
            if not complete(stage, standing):
                self._settle(stage, standing)
                return
            if self._leave(standing):
                return
        if lacking_level(self.definition, self.status) is None:
            self.add(_K.COMPLETED)

    def _open(self, stage: Stage) -> None:
        fields = dict(self.status.fields)
        for step in stage.steps:
            if not all(one.holds(fields) for one in step.when):
                self.add(_K.SKIPPED, step.name, because="its condition does not hold")
            elif step.kind is StepKind.SEAL:
                self.add(_K.RELEASED, step.name)
            else:
                due = self._after(step.deadline)
                self.add(_K.OPENED, step.name, parties=step.party, due=due)

    def _settle(self, stage: Stage, standing: list[StepStatus]) -> None:
        """Skip what a quorum needs no more; end the flow when it cannot be reached."""
        if stage.quorum is None:
            return
        granted = sum(one.state in _GRANTED for one in standing)
        if granted >= stage.quorum:
            self._leave(standing)
        elif granted + sum(one.state is StepState.OPEN for one in standing) < stage.quorum:
            rejected = any(one.state is StepState.REJECTED for one in standing)
            names = ", ".join(one.name for one in standing)
            why = f"fewer than {stage.quorum} of {names} agreed"
            self.add(_K.REJECTED if rejected else _K.EXPIRED, why=why)

    def _leave(self, standing: list[StepStatus]) -> bool:
        """Skip the open steps of a stage that has what it needs; tell whether there were any."""
        for one in standing:
            if one.state is StepState.OPEN:
                self.add(_K.SKIPPED, one.name, because="enough others have agreed")
        return any(one.state is StepState.OPEN for one in standing)

    def _after(self, seconds: float | None) -> str:
        return "" if seconds is None else written(self.at + timedelta(seconds=seconds))

    def open_step(self, act: Act) -> tuple[Step, StepStatus]:
        """Return the step of an act, for its actor; raises `UsageFault`."""
        try:
            step = self.definition.step(act.step)
        except KeyError:
            raise UsageFault("flow.unknown-step", act.step) from None
        return step, check_open(self.definition, self.status, act)


def check_open(definition: FlowDefinition, status: FlowStatus, act: Act) -> StepStatus:
    """Return where the step of an act stands; raises `UsageFault` unless it waits for its actor."""
    standing = status.step(act.step)
    if status.state.ended:
        raise UsageFault("flow.ended", status.state.value)
    if standing.state is not StepState.OPEN:
        raise UsageFault("flow.not-open", f"{act.step} is {standing.state}")
    if not act.actor.is_of_any(definition, standing.parties):
        waits = ", ".join(standing.parties)
        raise UsageFault("flow.not-your-step", f"{act.actor.name}; it waits for {waits}")
    return standing


def _begin(story: _Story, act: Act) -> None:
    if story.status.state is not FlowState.NEW:
        return
    definition, fields = story.definition, dict(act.fields)
    for step in definition.steps:
        for condition in step.when:
            try:
                condition.holds(fields)
            except ValueError as error:
                raise DocumentFault("flow.ticket-field", f"{definition.name}: {error}") from None
    due = definition.deadline
    told = {
        "flow": definition.name,
        "definition": definition.sha256,
        "source": act.source,
        "owner": act.actor.login,
        "sha256": act.sha256,
        "job": act.job,
        "due": "" if due is None else written(story.at + timedelta(seconds=due)),
    }
    told |= {f"field.{key}": value for key, value in act.fields}
    story.add(_K.BEGUN, "", act.actor.name, **told)
    story.proceed()


def _repeated(story: _Story, act: Act, states: frozenset[StepState]) -> bool:
    """Tell whether the very same act was done before."""
    try:
        standing = story.status.step(act.step)
    except KeyError:
        return False
    return standing.state in states and standing.actor == act.actor.name


def _approve(story: _Story, act: Act) -> None:
    if _repeated(story, act, _GRANTED):
        return
    step, _ = story.open_step(act)
    if step.kind is StepKind.SIGN_OUTSIDE:
        raise UsageFault("flow.not-here", f"{step.name} wants a signed document")
    known = {revision.sha256 for revision in story.status.revisions}
    if act.sha256 and act.sha256 not in known:
        raise DocumentFault("flow.other-document", step.name)
    _check_other_person(story, step, act.actor)
    kind = _K.APPROVED if step.sealing is None else _K.RELEASED
    seen = act.sha256 or story.status.current
    story.add(kind, step.name, act.actor.name, why=act.why, sha256=seen)
    story.proceed()


def _return(story: _Story, act: Act) -> None:
    if _repeated(story, act, frozenset({StepState.DONE})):
        return
    step, _ = story.open_step(act)
    if step.kind is not StepKind.SIGN_OUTSIDE:
        raise UsageFault("flow.not-here", f"{step.name} wants no signed document")
    told = {"signer": act.signer, "fingerprint": act.fingerprint, "why": act.why}
    story.add(_K.RETURNED, step.name, act.actor.name, sha256=act.sha256, **told)
    story.proceed()


def _check_other_person(story: _Story, step: Step, actor: Actor) -> None:
    """Let nobody count twice where several are asked."""
    stage = story.definition.stages[story.definition.stage_of(step.name)]
    if actor.operator:
        return
    for other in stage.steps:
        standing = story.status.step(other.name)
        if standing.state in _GRANTED and standing.actor == actor.name:
            raise UsageFault("flow.same-person", f"{actor.name} acted for {other.name}")


def _reject(story: _Story, act: Act) -> None:
    if _repeated(story, act, frozenset({StepState.REJECTED})):
        return
    step, _ = story.open_step(act)
    story.add(_K.STEP_REJECTED, step.name, act.actor.name, why=act.why)
    _otherwise(story, step, step.on_rejection, _K.REJECTED, act.why)


def _otherwise(
    story: _Story, step: Step, wish: Otherwise, end: FlowEventKind, why: str = ""
) -> None:
    """End the flow because of a step, or go on without it."""
    stage = story.definition.stages[story.definition.stage_of(step.name)]
    if stage.quorum is None and wish is Otherwise.END:
        actor = story.events[-1].actor
        story.add(end, "", actor, why=f"{step.name}: {why}" if why else step.name)
    story.proceed()


def _delegate(story: _Story, act: Act) -> None:
    step = next((one for one in story.definition.steps if one.name == act.step), None)
    if step is not None and act.to not in step.delegates:
        raise UsageFault("flow.not-delegable", f"{step.name} to {act.to or 'nobody'}")
    if step is not None and story.status.step(step.name).parties == (act.to,) and story.runs:
        return
    step, _ = story.open_step(act)
    story.add(_K.DELEGATED, step.name, act.actor.name, to=act.to, why=act.why)


def _withdraw(story: _Story, act: Act) -> None:
    status, definition = story.status, story.definition
    if status.state is FlowState.WITHDRAWN:
        return
    if status.state is not FlowState.RUNNING:
        raise UsageFault("flow.ended", status.state.value)
    actor = act.actor
    owns = bool(actor.login) and actor.login == status.owner
    owns = owns or (bool(definition.owners) and actor.is_of(definition.party(definition.owners)))
    if not (owns or actor.operator):
        raise UsageFault("flow.not-withdrawable", f"{actor.name} is not its owner")
    signed = len(status.revisions) > 1 or status.at(StepState.SEALING)
    if definition.withdrawal is Withdrawal.NEVER or (
        definition.withdrawal is Withdrawal.UNTIL_SIGNED and signed
    ):
        raise UsageFault("flow.not-withdrawable", f"withdrawal: {definition.withdrawal}")
    story.add(_K.WITHDRAWN, "", actor.name, why=act.why)


def _tick(story: _Story, act: Act) -> None:
    if story.runs and story.status.due is not None and story.status.due <= story.at:
        why = "the time for the whole flow is over"
        if lacking_level(story.definition, story.status) is None:
            story.add(_K.EXPIRED, why=why)
        else:  # everybody has signed: it goes out as it is
            story.add(_K.EXTENSION_FAILED, code=NOT_EXTENDED, why=why)
            story.proceed()
    for step in story.definition.steps:
        standing = story.status.step(step.name)
        if story.runs and standing.state is StepState.OPEN:
            _tick_step(story, step, standing)


def _tick_step(story: _Story, step: Step, standing: StepStatus) -> None:
    if standing.due is not None and standing.due <= story.at:
        story.add(_K.STEP_EXPIRED, step.name)
        _otherwise(story, step, step.on_expiry, _K.EXPIRED, "nobody acted in time")
        return
    due = escalation_due(step, standing)
    if due is not None and due <= story.at and step.escalation is not None:
        story.add(_K.ESCALATED, step.name, to=step.escalation.party)
    # Reminders that were missed together are told once.
    told = standing
    while (due := reminder_due(step, told)) is not None and due <= story.at:
        told = replace(told, reminded=told.reminded + 1)
    if told.reminded > standing.reminded:
        story.add(_K.REMINDED, step.name, number=str(told.reminded))


def _seal_begin(story: _Story, act: Act) -> None:
    """Let one job at a time put a seal on: signatures of a document come one after the other."""
    if not story.runs or story.status.at(StepState.SEALING):
        return
    if act.step in {one.name for one in story.status.at(StepState.RELEASED)}:
        story.add(_K.SEAL_BEGUN, act.step, job=act.job, sha256=story.status.current)


def _awaited(story: _Story, act: Act) -> bool:
    """Tell whether a flow that runs waits for this job at this step."""
    sealing = story.status.at(StepState.SEALING)
    return story.runs and (act.step, act.job) in {(one.name, one.job) for one in sealing}


def _seal_fail(story: _Story, act: Act) -> None:
    if _awaited(story, act) and story.status.step(act.step).code != act.code:
        story.add(_K.SEAL_FAILED, act.step, job=act.job, code=act.code, why=act.why)


def _seal_end(story: _Story, act: Act) -> None:
    if _awaited(story, act):
        story.add(_K.SEALED, act.step, job=act.job, sha256=act.sha256)
        story.proceed()


def _extension_begin(story: _Story, act: Act) -> None:
    if story.status.extension_job or not story.runs:
        return
    level = lacking_level(story.definition, story.status)
    if level is not None:
        sha256 = story.status.current
        story.add(_K.EXTENSION_BEGUN, job=act.job, level=level.value, sha256=sha256)


def _extends(story: _Story, act: Act) -> bool:
    """Tell whether a flow waits for this job to extend its document."""
    lacks = lacking_level(story.definition, story.status) is not None
    return lacks and bool(act.job) and act.job == story.status.extension_job


def _extension_fail(story: _Story, act: Act) -> None:
    if _extends(story, act):
        story.add(_K.EXTENSION_FAILED, job=act.job, code=act.code, why=act.why)
        story.proceed()


def _extension_end(story: _Story, act: Act) -> None:
    level = lacking_level(story.definition, story.status)
    if level is not None and _extends(story, act):
        told = {"level": level.value, "sha256": act.sha256, "why": act.why}
        story.add(_K.EXTENDED, job=act.job, **told)
        story.proceed()


def _hand_out(story: _Story, act: Act) -> None:
    status = story.status
    if status.state is FlowState.COMPLETED and not status.handed_out and not status.closed:
        story.add(_K.HANDED_OUT)


def _evidence_begin(story: _Story, act: Act) -> None:
    status = story.status
    if status.state is FlowState.COMPLETED and not status.evidence_job and not status.closed:
        story.add(_K.EVIDENCE_BEGUN, job=act.job, sha256=act.sha256)


def _evidence_end(story: _Story, act: Act) -> None:
    status = story.status
    awaited = act.job == status.evidence_job
    if status.state.ended and awaited and not status.evidence and not status.closed:
        story.add(_K.EVIDENCE_MADE, job=act.job, sha256=act.sha256)


def _close(story: _Story, act: Act) -> None:
    if story.status.state.ended and not story.status.closed:
        story.add(_K.CLOSED)


_DONE_BY: dict[ActKind, Callable[[_Story, Act], None]] = {
    ActKind.BEGIN: _begin,
    ActKind.APPROVE: _approve,
    ActKind.RETURN: _return,
    ActKind.REJECT: _reject,
    ActKind.DELEGATE: _delegate,
    ActKind.WITHDRAW: _withdraw,
    ActKind.TICK: _tick,
    ActKind.SEAL_BEGIN: _seal_begin,
    ActKind.SEAL_FAIL: _seal_fail,
    ActKind.SEAL_END: _seal_end,
    ActKind.EXTENSION_BEGIN: _extension_begin,
    ActKind.EXTENSION_FAIL: _extension_fail,
    ActKind.EXTENSION_END: _extension_end,
    ActKind.HAND_OUT: _hand_out,
    ActKind.EVIDENCE_BEGIN: _evidence_begin,
    ActKind.EVIDENCE_END: _evidence_end,
    ActKind.CLOSE: _close,
}
