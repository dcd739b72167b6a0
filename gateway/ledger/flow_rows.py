"""Rows of flows, and the stories in the log that they repeat."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from gateway.core.errors import UsageFault
from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_events import (
    FlowEvent,
    FlowEventKind,
    FlowState,
    event_of,
)
from gateway.core.flow_state import FlowStatus, next_due, replay
from gateway.ledger.connection import Connection
from gateway.ledger.rows import Row, entry_from, read_time, written_time
from gateway.ports import FlowRow

COLUMNS = (
    "id, name, definition, source, owner, state, version, parties, steps, due, deadline, begun,"
    " updated"
)
NEVER = "never"
"""The deadline of a flow without one: behind all others."""
_KINDS = frozenset(FlowEventKind)
_STORY = """
SELECT sequence, at, event, job, actor, details, previous, hash FROM log
WHERE job = ? ORDER BY sequence
"""
_PROJECTION = (
    "SELECT owner, state, version, parties, steps, awaited, revision, due, deadline FROM flows"
)


def story(connection: Connection, flow: str) -> tuple[FlowEvent, ...]:
    """Return a flow's events, as the log has them."""
    entries = map(entry_from, connection.execute(_STORY, (flow,)).fetchall())
    return tuple(event_of(entry) for entry in entries if entry.event in _KINDS)


def definition_of(connection: Connection, flow: str) -> FlowDefinition | None:
    """Return the definition to which a flow is pinned, or None."""
    row = connection.execute(
        "SELECT content FROM flows JOIN snapshots ON snapshot = definition WHERE id = ?", (flow,)
    ).fetchone()
    return read_definition(row[0]) if row is not None else None


@lru_cache(maxsize=64)
def read_definition(text: str) -> FlowDefinition:
    """Read the text of a snapshot; raises `ValueError`."""
    return FlowDefinition.from_json(text.encode())


def flows_of(connection: Connection) -> tuple[str, ...]:
    """Return every flow that the ledger or the log knows, inside the caller's transaction."""
    begun = FlowEventKind.BEGUN.value
    rows = connection.execute(
        "SELECT id FROM flows UNION SELECT job FROM log WHERE event = ?", (begun,)
    ).fetchall()
    return tuple(row[0] for row in rows)


def flaw_of(connection: Connection, flow: str) -> str:
    """Return how a flow's story and its row differ; empty when they agree."""
    row = connection.execute(f"{_PROJECTION} WHERE id = ?", (flow,)).fetchone()
    definition = definition_of(connection, flow)
    if row is None or definition is None:
        return "the log tells of it, but it is gone"
    try:
        status = replay(definition, story(connection, flow))
    except (UsageFault, ValueError) as error:
        return f"its events do not follow each other: {error}"
    if tuple(projected(definition, status)) != row:
        return f"its events lead to {status.state} after {status.version}, its row says otherwise"
    return ""


def projected(definition: FlowDefinition, status: FlowStatus) -> Sequence[object]:
    """Return what a row repeats of a flow's story, in the order of its columns."""
    due = next_due(definition, status)
    return (
        status.owner,
        status.state.value,
        status.version,
        " ".join(status.open_parties),
        " ".join(status.steps_under_way),
        status.job,
        status.current,
        "" if due is None else written_time(due),
        NEVER if status.deadline is None else written_time(status.deadline),
    )


def listed(row: Row) -> FlowRow:
    """Read a row with `COLUMNS`."""
    flow, name, definition, source, owner, state, version, parties, steps, *moments = row
    due, deadline, begun, updated = moments
    return FlowRow(
        flow,
        name,
        definition,
        source,
        owner,
        FlowState(state),
        version,
        tuple(parties.split()),
        tuple(steps.split()),
        read_time(due) if due else None,
        None if deadline == NEVER else read_time(deadline),
        read_time(begun),
        read_time(updated),
    )
