"""What is told of a contract flow, and which of its parties it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.chain import LogEntry
from gateway.core.flow_definition import FlowDefinition, Step
from gateway.core.flow_events import FlowEventKind
from gateway.core.flow_state import FlowStatus
from gateway.core.flow_story import REFUSED

_K = FlowEventKind
_ENDS = {
    _K.COMPLETED: "is completed",
    _K.REJECTED: "was rejected",
    _K.EXPIRED: "has expired",
    _K.WITHDRAWN: "was withdrawn",
}
TOLD = frozenset({_K.OPENED, _K.DELEGATED, _K.ESCALATED, _K.REMINDED, *_ENDS, REFUSED})
"""Entries of the log that are told with what their flow says."""


@dataclass(frozen=True)
class Concern:
    """What an entry of a flow means to people."""

    parties: tuple[str, ...]
    """Whom it concerns."""
    sentence: str
    step: str = ""
    due: str = ""
    """UTC, ISO 8601; empty without a deadline."""
    owner: bool = False
    """The person who began the flow is concerned, too."""


def concern_of(entry: LogEntry, definition: FlowDefinition, status: FlowStatus) -> Concern:
    """Return whom an entry of a flow's story concerns; `status` may be a later one."""
    details = dict(entry.details)
    if entry.event == REFUSED:
        return Concern((details.get("party", ""),), "")
    if entry.event in _ENDS:
        return _ended(entry, details, definition, status)
    step, standing = definition.step(details["step"]), status.step(details["step"])
    due = "" if standing.due is None else standing.due.isoformat(timespec="seconds")
    due = details.get("due", due)
    match entry.event:
        case _K.OPENED:
            parties = tuple(details.get("parties", "").split())
            what = _waits("waits", step, parties, definition)
        case _K.DELEGATED:
            parties = (details.get("to", ""),)
            what = _waits("was handed over and waits", step, parties, definition)
        case _K.ESCALATED:
            parties = (details.get("to", ""),)
            what = _waits("has waited too long; it now waits", step, parties, definition, "also ")
        case _:
            parties = standing.parties
            what = _waits("still waits", step, parties, definition)
    until = f", until {due}" if due else ""
    asked = f": {step.text}" if step.text else ""
    return Concern(parties, what + until + asked, step.name, due)


def _ended(
    entry: LogEntry, details: Mapping[str, str], definition: FlowDefinition, status: FlowStatus
) -> Concern:
    """Tell of an end to everybody who has had to do with the flow; of a contract, to all."""
    kind = FlowEventKind(entry.event)
    asked = {
        party
        for step in status.steps
        if step.opened is not None
        for party in (*step.parties, definition.step(step.name).party)
    }
    named = (party.name for party in definition.parties)
    parties = tuple(one for one in named if kind is _K.COMPLETED or one in asked)
    who = "" if kind is _K.COMPLETED or entry.actor == "sealgate" else f" by {entry.actor}"
    why = f": {details['why']}" if details.get("why") else ""
    title = definition.title or definition.name
    return Concern(parties, f"{title} {_ENDS[kind]}{who}{why}", owner=True)


def _waits(
    verb: str, step: Step, parties: tuple[str, ...], definition: FlowDefinition, also: str = ""
) -> str:
    labels = ", ".join(labels_of(definition, parties))
    title = definition.title or definition.name
    return f"Step {step.name} of {title} {verb} {also}for {labels}"


def labels_of(definition: FlowDefinition, parties: tuple[str, ...]) -> tuple[str, ...]:
    """Return what people call some parties."""
    known = {party.name: party.label for party in definition.parties}
    return tuple(known.get(party, party) for party in parties)
