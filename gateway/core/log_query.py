"""What somebody looks for in the signing log, and what became of things there."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from gateway.core.chain import LogEntry


class LogOutcome(StrEnum):
    """How something ended, or why it stands; other entries tell of steps on the way."""

    DELIVERED = "delivered"
    FAILED = "failed"
    HELD = "held"
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


_EVENTS = {
    LogOutcome.DELIVERED: {"result.delivered", "push.done", "flow.completed"},
    LogOutcome.FAILED: {
        *("job.failed", "purge.failed", "push.impossible", "notice.dead", "step.seal-failed"),
    },
    LogOutcome.HELD: {"job.held", "hold.opened"},
    LogOutcome.REFUSED: {
        *("seal.use-rejected", "sign.refused", "rules.rejected", "request.refused"),
        *("person.refused", "step.rejected", "flow.rejected"),
    },
    LogOutcome.UNANSWERED: {"sign.unanswered"},
    LogOutcome.EXPIRED: {"request.expired", "step.expired", "flow.expired"},
    LogOutcome.WITHDRAWN: {"claim.lost", "request.withdrawn", "flow.withdrawn"},
}
_OUTCOMES = {event: outcome for outcome, events in _EVENTS.items() for event in events}


def events_of(outcome: LogOutcome) -> frozenset[str]:
    """Return the events that tell of an outcome."""
    return frozenset(_EVENTS[outcome])


def outcome_of(entry: LogEntry) -> LogOutcome | None:
    """Return the outcome that an entry tells of, or None."""
    return _OUTCOMES.get(entry.event)


@dataclass(frozen=True)
class LogQuery:
    """What entries must be; empty: anything."""

    text: str = ""
    """In the details, or in file, hash, inbox, seal, rule or service of the entry's document."""
    event: str = ""
    """May end in `*`."""
    outcome: LogOutcome | None = None
    job: str = ""
    actor: str = ""
    """A part of it."""
    since: str = ""
    """ISO 8601, UTC unless it says otherwise."""
    until: str = ""
    """The same; the moment itself, or the whole day, belongs to the answer."""

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """Return what is asked for, by name."""
        named = ((field.name, getattr(self, field.name)) for field in fields(self))
        return tuple((name, str(value)) for name, value in named if value)


def mentions(entry: LogEntry, wanted: str) -> bool:
    """Tell whether a text, already case-folded, is in `key=value` of an entry's details."""
    return any(wanted in f"{key}={value}".casefold() for key, value in entry.details)
