"""Where a contract flow stands: its story, folded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from gateway.core.errors import UsageFault
from gateway.core.flow_definition import FlowDefinition, Step
from gateway.core.flow_events import FlowEvent, FlowEventKind, FlowState, StepState, led

_K = FlowEventKind


@dataclass(frozen=True)
class StepStatus:
    """Where one step stands."""

    name: str
    state: StepState = StepState.PENDING
    parties: tuple[str, ...] = ()
    """Who may act now."""
    opened: datetime | None = None
    due: datetime | None = None
    reminded: int = 0
    escalated: bool = False
    actor: str = ""
    """Who acted."""
    at: datetime | None = None
    """When its latest event happened."""
    why: str = ""
    job: str = ""
    code: str = ""
    """Why its seal is not on the document yet."""
    signer: str = ""


@dataclass(frozen=True)
class Revision:
    """One version of the document: its hash in hex, and the step that made it."""

    sha256: str
    step: str
    """Empty for the first; the level, such as `B-LTA`, for one that was extended."""
    at: datetime


@dataclass(frozen=True)
class FlowStatus:
    """Where a flow stands; `version` counts its events."""

    steps: tuple[StepStatus, ...]
    state: FlowState = FlowState.NEW
    version: int = 0
    definition: str = ""
    """Hash of the definition it is pinned to."""
    source: str = ""
    owner: str = ""
    """Login of the person who began it; empty when nobody knows."""
    fields: tuple[tuple[str, str], ...] = ()
    revisions: tuple[Revision, ...] = ()
    begun: datetime | None = None
    due: datetime | None = None
    """When the whole flow expires."""
    ended: datetime | None = None
    ended_by: str = ""
    why: str = ""
    extension_job: str = ""
    """That extends the document for the long term when everybody has signed."""
    extension_level: str = ""
    extension_over: bool = False
    extension_code: str = ""
    """Why it could not."""
    handed_out: bool = False
    evidence_job: str = ""
    evidence: str = ""
    """SHA-256 of the certificate of completion."""
    closed: bool = False

    @property
    def current(self) -> str:
        """Return the hash of the newest revision; empty before the flow has begun."""
        return self.revisions[-1].sha256 if self.revisions else ""

    def step(self, name: str) -> StepStatus:
        """Return a step's status; raises `KeyError`."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)

    def step_of(self, job: str) -> str:
        """Return the step on which a job puts a seal; empty for a job of the whole flow."""
        return next((step.name for step in self.steps if step.job == job), "")

    def at(self, *states: StepState) -> tuple[StepStatus, ...]:
        """Return the steps in any of some states."""
        return tuple(step for step in self.steps if step.state in states)

    @property
    def job(self) -> str:
        """Return the id of the job that is waited for; empty when there is none."""
        if self.state is FlowState.RUNNING:
            extending = "" if self.extension_over else self.extension_job
            return next((step.job for step in self.at(StepState.SEALING)), extending)
        return "" if self.evidence else self.evidence_job

    @property
    def deadline(self) -> datetime | None:
        """Return the first moment at which a deadline is missed; None when there is none."""
        if self.state is not FlowState.RUNNING:
            return None
        moments = (self.due, *(step.due for step in self.at(StepState.OPEN)))
        return min((one for one in moments if one is not None), default=None)

    @property
    def open_parties(self) -> tuple[str, ...]:
        """Return the parties whose turn it is."""
        if self.state is not FlowState.RUNNING:
            return ()
        found = (party for step in self.at(StepState.OPEN) for party in step.parties)
        return tuple(dict.fromkeys(found))

    @property
    def steps_under_way(self) -> tuple[str, ...]:
        """Return the steps at which the document stands: open, or being sealed.

        While it is extended when everybody has signed, that is the level.
        """
        if self.state is not FlowState.RUNNING:
            return ()
        found = self.at(StepState.OPEN, StepState.RELEASED, StepState.SEALING)
        extending = self.extension_job and not self.extension_over
        return (self.extension_level,) if extending else tuple(step.name for step in found)


def initial(definition: FlowDefinition) -> FlowStatus:
    """Return the state before anything happened."""
    return FlowStatus(tuple(StepStatus(step.name) for step in definition.steps))


def evolve(status: FlowStatus, event: FlowEvent) -> FlowStatus:
    """Return the state after an event; raises `UsageFault` (`usage.illegal-transition`)."""
    if not event.kind.of_step:
        following = _flow_evolved(status, event)
    elif status.state is not FlowState.RUNNING:
        raise UsageFault("usage.illegal-transition", f"{event.kind} in state {status.state}")
    else:
        following = _steps_evolved(status, event)
    return replace(following, version=status.version + 1)


def replay(definition: FlowDefinition, events: Iterable[FlowEvent]) -> FlowStatus:
    """Return the state to which a story leads; raises `UsageFault`."""
    status = initial(definition)
    for event in events:
        status = evolve(status, event)
    return status


def _flow_evolved(status: FlowStatus, event: FlowEvent) -> FlowStatus:
    state = cast("FlowState", led(status.state, event.kind))
    status = replace(status, state=state)
    changes: dict[str, Any]
    match event.kind:
        case _K.BEGUN:
            return _begun(status, event)
        case _K.EXTENSION_BEGUN | _K.EXTENSION_FAILED | _K.EXTENDED:
            return _extension_evolved(status, event)
        case _K.HANDED_OUT:
            changes = {"handed_out": True}
        case _K.EVIDENCE_BEGUN:
            changes = {"evidence_job": event.get("job")}
        case _K.EVIDENCE_MADE:
            changes = {"evidence": event.get("sha256")}
        case _K.CLOSED:
            changes = {"closed": True}
        case _:
            changes = {"ended": event.at, "ended_by": event.actor, "why": event.get("why")}
    return replace(status, **changes)


def _extension_evolved(status: FlowStatus, event: FlowEvent) -> FlowStatus:
    if event.kind is _K.EXTENSION_BEGUN:
        level = event.get("level")
        return replace(status, extension_job=event.get("job"), extension_level=level)
    status = replace(status, extension_over=True, extension_code=event.get("code"))
    if event.kind is _K.EXTENSION_FAILED:
        return status
    extended = Revision(event.get("sha256"), event.get("level"), event.at)
    return replace(status, revisions=(*status.revisions, extended))


def _begun(status: FlowStatus, event: FlowEvent) -> FlowStatus:
    fields = tuple(
        (key.removeprefix("field."), value)
        for key, value in event.details
        if key.startswith("field.")
    )
    return replace(
        status,
        definition=event.get("definition"),
        source=event.get("source"),
        owner=event.get("owner"),
        fields=fields,
        revisions=(Revision(event.get("sha256"), "", event.at),),
        begun=event.at,
        due=event.moment("due"),
    )


def _steps_evolved(status: FlowStatus, event: FlowEvent) -> FlowStatus:
    try:
        former = status.step(event.step)
    except KeyError:
        raise UsageFault("usage.illegal-transition", f"no step {event.step}") from None
    state = cast("StepState", led(former.state, event.kind))
    now = _step_evolved(replace(former, state=state, at=event.at), event)
    steps = tuple(now if step.name == event.step else step for step in status.steps)
    revisions = status.revisions
    if event.kind in (_K.SEALED, _K.RETURNED):
        revisions += (Revision(event.get("sha256"), event.step, event.at),)
    return replace(status, steps=steps, revisions=revisions)


def _step_evolved(step: StepStatus, event: FlowEvent) -> StepStatus:
    changes: dict[str, Any]
    match event.kind:
        case _K.OPENED:
            parties = tuple(event.get("parties").split())
            changes = {"parties": parties, "opened": event.at, "due": event.moment("due")}
        case _K.REMINDED:
            changes = {"reminded": int(event.get("number"))}
        case _K.ESCALATED:
            parties = tuple(dict.fromkeys((*step.parties, event.get("to"))))
            changes = {"escalated": True, "parties": parties}
        case _K.DELEGATED:
            changes = {"parties": (event.get("to"),)}
        case _K.SEAL_BEGUN:
            changes = {"job": event.get("job"), "code": ""}
        case _K.SEAL_FAILED | _K.SEALED:
            changes = {"code": event.get("code")}
        case _:
            told = {key: event.get(key) for key in ("why", "signer")}
            changes = {"actor": event.actor, **told}
    return replace(step, **changes)


def next_due(definition: FlowDefinition, status: FlowStatus) -> datetime | None:
    """Return when the clock has something to say to a flow; None for never."""
    if status.state is not FlowState.RUNNING:
        return None
    moments = [] if status.due is None else [status.due]
    for step in status.at(StepState.OPEN):
        moments += _moments(definition.step(step.name), step)
    return min(moments, default=None)


def reminder_due(step: Step, status: StepStatus) -> datetime | None:
    """Return when the next reminder of an open step is due, or None."""
    if status.due is None or status.reminded >= len(step.reminders):
        return None
    return status.due - timedelta(seconds=step.reminders[status.reminded])


def escalation_due(step: Step, status: StepStatus) -> datetime | None:
    """Return when an open step is escalated, or None."""
    if step.escalation is None or status.escalated or status.opened is None:
        return None
    return status.opened + timedelta(seconds=step.escalation.after)


def _moments(step: Step, status: StepStatus) -> list[datetime]:
    found = (status.due, reminder_due(step, status), escalation_due(step, status))
    return [moment for moment in found if moment is not None]
