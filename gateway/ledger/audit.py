"""The audit of the signing log: its chain, its head, and the story of every job and flow.

The chain finds what was altered, left out or moved. A tail that was cut off together with
the head that pointed to it leaves a chain that is whole; it is found because each job counts
its entries and stands where its events lead.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from gateway.core.chain import Flaw, flaws
from gateway.core.errors import UsageFault
from gateway.core.flow_story import OF_FLOWS
from gateway.core.states import Event, State, follow
from gateway.ledger.connection import Connection
from gateway.ledger.flow_rows import flaw_of, flows_of
from gateway.ledger.rows import Row, entry_from

_PAGE = 2000
"""Rows held at a time: a client of PostgreSQL gets all that it has asked for at once."""
_ENTRIES = """
SELECT sequence, at, event, job, actor, details, previous, hash FROM log
WHERE true {after} ORDER BY sequence LIMIT ?
"""
_TOLD = """
SELECT log.job, log.sequence, log.event, jobs.state, jobs.version
FROM log LEFT JOIN jobs ON jobs.id = log.job
WHERE log.job <> '' {after} ORDER BY log.job, log.sequence LIMIT ?
"""
_AFTER = {1: "AND sequence > ?", 2: "AND (log.job, log.sequence) > (?, ?)"}


def audit(connection: Connection) -> tuple[Flaw, ...]:
    """Return every flaw of the log, as the connection's snapshot shows it; reads as a stream."""
    head = connection.execute("SELECT sequence, hash FROM head").fetchone()
    if head is None:
        return (Flaw(0, "the record of where the log ends is missing"),)
    chain = flaws(map(entry_from, _paged(connection, _ENTRIES, slice(0, 1))), *head)
    return (
        *chain,
        *_stories(connection),
        *_without_story(connection),
        *_flows(connection),
    )


def _paged(connection: Connection, statement: str, key: slice) -> Iterator[Row]:
    """Yield all rows of a statement that is ordered by the columns `key`, a page at a time."""
    last: Row = ()
    while True:
        page = statement.format(after=_AFTER.get(len(last), ""))
        rows = connection.execute(page, (*last, _PAGE)).fetchall()
        yield from rows
        if len(rows) < _PAGE:
            return
        last = rows[-1][key]


def _stories(connection: Connection) -> Iterator[Flaw]:
    """Replay every job's events against the table of transitions and the job as it stands."""
    told = _paged(connection, _TOLD, slice(0, 2))
    for job, group in groupby(told, key=lambda row: row[0]):
        story = [row for row in group if row[2] not in OF_FLOWS]
        what = _objection(story) if story else "only a flow tells of it"
        if what:
            yield Flaw(story[-1][1] if story else 0, f"job {job}: {what}")


def _objection(story: list[Row]) -> str:
    state, version = story[0][3:]
    if state is None:
        return "the log tells of it, but it is gone"
    if version != len(story):
        return f"has {len(story)} entries instead of {version}"
    try:
        reached = _replayed([row[2] for row in story])
    except (UsageFault, ValueError) as error:
        return f"its events do not follow each other: {error}"
    return "" if reached == state else f"its events lead to {reached}, it stands at {state}"


def _replayed(events: list[str]) -> State:
    if events[0] != Event.CLAIMED:
        raise ValueError(f"{events[0]} comes first")
    state = State.CLAIMED
    for event in events[1:]:
        state = follow(state, Event(event))
    return state


def _without_story(connection: Connection) -> Iterator[Flaw]:
    rows = connection.execute(
        "SELECT id, version FROM jobs"
        " WHERE NOT EXISTS (SELECT 1 FROM log WHERE log.job = jobs.id) ORDER BY id"
    )
    for job, version in rows:
        yield Flaw(0, f"job {job}: has 0 entries instead of {version}")


def _flows(connection: Connection) -> Iterator[Flaw]:
    """Replay every flow's events by its definition, and compare where they lead with its row."""
    for flow in flows_of(connection):
        what = flaw_of(connection, flow)
        if what:
            yield Flaw(0, f"flow {flow}: {what}")
