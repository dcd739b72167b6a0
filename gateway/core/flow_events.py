"""What happens to a contract flow: its events, and the one table of their transitions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from gateway.core.chain import LogEntry
from gateway.core.errors import UsageFault

STEP = "step"
"""Detail of an entry of the log that names its step."""


class FlowState(StrEnum):
    """Where a whole flow stands."""

    NEW = "new"
    RUNNING = "running"
    COMPLETED = "completed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"

    @property
    def ended(self) -> bool:
        """Tell whether nothing is signed for it any more."""
        return self not in (FlowState.NEW, FlowState.RUNNING)


class StepState(StrEnum):
    """Where a step stands."""

    PENDING = "pending"
    OPEN = "open"
    """Somebody has to act."""
    RELEASED = "released"
    """Its seal may be put on."""
    SEALING = "sealing"
    """A job puts its seal on."""
    DONE = "done"
    SKIPPED = "skipped"
    REJECTED = "step-rejected"
    EXPIRED = "step-expired"


class FlowEventKind(StrEnum):
    """What happened; `noun.verb`, as the signing log has it."""

    BEGUN = "flow.begun"
    OPENED = "step.opened"
    SKIPPED = "step.skipped"
    REMINDED = "step.reminded"
    ESCALATED = "step.escalated"
    DELEGATED = "step.delegated"
    APPROVED = "step.approved"
    """Agreed to, or read; the step is done."""
    RELEASED = "step.released"
    """Its seal was released, by a person or because its turn has come."""
    RETURNED = "step.returned"
    """A document signed outside came back and was accepted."""
    STEP_REJECTED = "step.rejected"
    STEP_EXPIRED = "step.expired"
    SEAL_BEGUN = "step.seal-begun"
    SEAL_FAILED = "step.seal-failed"
    SEALED = "step.sealed"
    EXTENSION_BEGUN = "flow.extension-begun"
    """Everybody has signed; the document is extended for the long term."""
    EXTENSION_FAILED = "flow.extension-failed"
    """It could not be, and stays as it was signed."""
    EXTENDED = "flow.extended"
    COMPLETED = "flow.completed"
    REJECTED = "flow.rejected"
    EXPIRED = "flow.expired"
    WITHDRAWN = "flow.withdrawn"
    HANDED_OUT = "flow.handed-out"
    """The contract is in the outbox, and every party has a copy."""
    EVIDENCE_BEGUN = "flow.evidence-begun"
    EVIDENCE_MADE = "flow.evidence-made"
    CLOSED = "flow.closed"
    """Copies, evidence and notes lie where they belong."""

    @property
    def of_step(self) -> bool:
        """Tell whether it happens to a step, not to the whole flow."""
        return self.value.startswith("step.")


_K, _F, _S = FlowEventKind, FlowState, StepState
TRANSITIONS: dict[tuple[FlowState | StepState, FlowEventKind], FlowState | StepState] = {
    (_F.NEW, _K.BEGUN): _F.RUNNING,
    (_F.RUNNING, _K.EXTENSION_BEGUN): _F.RUNNING,
    (_F.RUNNING, _K.EXTENSION_FAILED): _F.RUNNING,
    (_F.RUNNING, _K.EXTENDED): _F.RUNNING,
    (_F.RUNNING, _K.COMPLETED): _F.COMPLETED,
    (_F.RUNNING, _K.REJECTED): _F.REJECTED,
    (_F.RUNNING, _K.EXPIRED): _F.EXPIRED,
    (_F.RUNNING, _K.WITHDRAWN): _F.WITHDRAWN,
    (_F.COMPLETED, _K.HANDED_OUT): _F.COMPLETED,
    (_F.COMPLETED, _K.EVIDENCE_BEGUN): _F.COMPLETED,
    (_F.COMPLETED, _K.EVIDENCE_MADE): _F.COMPLETED,
    (_F.COMPLETED, _K.CLOSED): _F.COMPLETED,
    (_F.REJECTED, _K.EVIDENCE_MADE): _F.REJECTED,
    (_F.EXPIRED, _K.EVIDENCE_MADE): _F.EXPIRED,
    (_F.WITHDRAWN, _K.EVIDENCE_MADE): _F.WITHDRAWN,
    (_F.REJECTED, _K.CLOSED): _F.REJECTED,
    (_F.EXPIRED, _K.CLOSED): _F.EXPIRED,
    (_F.WITHDRAWN, _K.CLOSED): _F.WITHDRAWN,
    (_S.PENDING, _K.SKIPPED): _S.SKIPPED,
    (_S.PENDING, _K.OPENED): _S.OPEN,
    (_S.PENDING, _K.RELEASED): _S.RELEASED,
    (_S.OPEN, _K.REMINDED): _S.OPEN,
    (_S.OPEN, _K.ESCALATED): _S.OPEN,
    (_S.OPEN, _K.DELEGATED): _S.OPEN,
    (_S.OPEN, _K.APPROVED): _S.DONE,
    (_S.OPEN, _K.RELEASED): _S.RELEASED,
    (_S.OPEN, _K.RETURNED): _S.DONE,
    (_S.OPEN, _K.STEP_REJECTED): _S.REJECTED,
    (_S.OPEN, _K.STEP_EXPIRED): _S.EXPIRED,
    (_S.OPEN, _K.SKIPPED): _S.SKIPPED,
    (_S.RELEASED, _K.SEAL_BEGUN): _S.SEALING,
    (_S.SEALING, _K.SEAL_FAILED): _S.SEALING,
    (_S.SEALING, _K.SEALED): _S.DONE,
}
"""Every step forward, of a flow and of its steps. Events of steps need a flow that runs."""


def led(state: FlowState | StepState, event: FlowEventKind) -> FlowState | StepState:
    """Return where an event leads; raises `UsageFault` (`usage.illegal-transition`)."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise UsageFault("usage.illegal-transition", f"{event} in state {state}") from None


@dataclass(frozen=True)
class FlowEvent:
    """One entry of a flow's story."""

    kind: FlowEventKind
    at: datetime
    """Aware."""
    step: str = ""
    actor: str = "sealgate"
    details: tuple[tuple[str, str], ...] = ()

    def get(self, key: str) -> str:
        """Return a detail, empty when there is none."""
        return dict(self.details).get(key, "")

    def moment(self, key: str) -> datetime | None:
        """Return a detail that is a moment, or None."""
        text = self.get(key)
        return datetime.fromisoformat(text) if text else None


def written(moment: datetime) -> str:
    """Write a moment as a detail: UTC, ISO 8601."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def event_of(entry: LogEntry) -> FlowEvent:
    """Return what an entry of the log tells of a flow; raises `ValueError` for another event."""
    details = dict(entry.details)
    step = details.pop(STEP, "")
    kind, at = FlowEventKind(entry.event), datetime.fromisoformat(entry.at)
    return FlowEvent(kind, at, step, entry.actor, tuple(details.items()))
