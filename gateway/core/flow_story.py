"""The whole story of a contract flow, for people: its events, and what was refused in between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.core.chain import LogEntry
from gateway.core.flow_events import STEP, FlowEventKind

REFUSED = "act.refused"
"""Entry of the log that tells of a file which could not be accepted; it changes no state."""
OF_FLOWS = frozenset(FlowEventKind) | {REFUSED}
"""Entries in a flow's story; others of the same number are of the job of its document."""


@dataclass(frozen=True)
class StoryLine:
    """One thing that happened."""

    entry: int
    """Number in the signing log."""
    at: datetime
    """Aware."""
    event: str
    step: str
    actor: str
    details: tuple[tuple[str, str], ...]


def story_of(entries: Iterable[LogEntry]) -> tuple[StoryLine, ...]:
    """Return what the entries of a flow's number tell of the flow."""
    return tuple(_line(entry) for entry in entries if entry.event in OF_FLOWS)


def _line(entry: LogEntry) -> StoryLine:
    details = dict(entry.details)
    step, at = details.pop(STEP, ""), datetime.fromisoformat(entry.at)
    actor = f"party:{details.pop('party', '')}" if entry.event == REFUSED else entry.actor
    return StoryLine(entry.sequence, at, entry.event, step, actor, tuple(details.items()))
