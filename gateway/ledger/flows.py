"""Contract flows in the ledger: their story is the signing log's, a row is kept for finding them.

An act reads the story, decides what follows, and appends it, in one transaction; so whatever comes
at the same time, comes before it or after it. The row beside the story repeats what is looked
for: which flows are open, when the clock has something to say, and whether folders have to follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from gateway.core.errors import UsageFault
from gateway.core.flow_acts import Act
from gateway.core.flow_deciding import decide
from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_events import STEP, FlowEvent, FlowState
from gateway.core.flow_state import evolve, initial, replay
from gateway.core.job import Job
from gateway.core.names import display
from gateway.core.states import Event
from gateway.ledger.connection import EVERY, Connection, marks
from gateway.ledger.flow_rows import COLUMNS, definition_of, listed, projected, story
from gateway.ledger.jobs import moved
from gateway.ledger.log import append
from gateway.ledger.rows import written_time
from gateway.ledger.store import Face
from gateway.ports import Flow, FlowRow

_RECALL = "UPDATE flows SET unsettled = unsettled + 1 WHERE id = ?"


class LedgerFlows(Face):
    """The ports `Flows` and `FlowAgenda`."""

    def begin(self, job: Job, definition: FlowDefinition, act: Act) -> Job:
        """Hand a job's document over to a new flow; raises `DocumentFault` as the port says."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            if definition_of(connection, job.id) is None:
                _insert(connection, now, job, definition)
                flow = Flow(job.id, definition, initial(definition))
                _follow(connection, now, flow, act)
            else:
                connection.execute(_RECALL, (job.id,))
            return moved(
                connection,
                now,
                job,
                Event.HANDED_OVER,
                details={"flow": definition.name, "definition": definition.sha256},
                changes={"flow": job.id, "code": "", "detail": "", "attempts": 0},
            )

    def act(self, flow: str, act: Act) -> Flow:
        """Do what follows from an act; raises as the port says."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            return _follow(connection, now, _known(connection, flow), act)

    def get(self, flow: str) -> Flow | None:
        """Return a flow, or None."""
        with self._store.reading() as connection:
            return _flow(connection, flow)

    def events(self, flow: str) -> tuple[FlowEvent, ...]:
        """Return a flow's story."""
        with self._store.reading() as connection:
            return story(connection, flow)

    def awaits(self, job: Job) -> bool:
        """Tell whether the flow of a step's job still waits for this very job."""
        with self._store.reading() as connection:
            return _awaits(connection, job.id, job.flow)

    def find(
        self, states: Iterable[FlowState], *, limit: int = 0, revision: str = ""
    ) -> tuple[FlowRow, ...]:
        """Return the newest flows in any of some states, newest first."""
        wanted = [state.value for state in states]
        statement = (
            f"SELECT {COLUMNS} FROM flows WHERE state IN ({marks(wanted)})"  # noqa: S608
            f"{' AND revision = ?' if revision else ''} ORDER BY id DESC LIMIT ?"
        )
        more = (revision,) if revision else ()
        with self._store.reading() as connection:
            rows = connection.execute(statement, (*wanted, *more, limit or EVERY)).fetchall()
        return tuple(map(listed, rows))

    def due(self, limit: int) -> tuple[str, ...]:
        """Return the flows to which the clock has something to say now."""
        now = written_time(self._clock.now())
        statement = "SELECT id FROM flows WHERE due <> '' AND due <= ? ORDER BY due LIMIT ?"
        with self._store.reading() as connection:
            rows = connection.execute(statement, (now, limit)).fetchall()
        return tuple(row[0] for row in rows)

    def unsettled(self, limit: int) -> tuple[tuple[str, int], ...]:
        """Return the flows whose folders and jobs may not be as they should."""
        statement = "SELECT id, unsettled FROM flows WHERE unsettled > 0 ORDER BY id LIMIT ?"
        with self._store.reading() as connection:
            rows = connection.execute(statement, (limit,)).fetchall()
        return tuple((row[0], row[1]) for row in rows)

    def settled(self, flow: str, changes: int) -> None:
        """Note that they are, unless something has changed since."""
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE flows SET unsettled = 0 WHERE id = ? AND unsettled = ?", (flow, changes)
            )

    def recall(self, flow: str) -> None:
        """Note that they may not be."""
        with self._store.transaction() as connection:
            connection.execute(_RECALL, (flow,))


def _known(connection: Connection, flow: str) -> Flow:
    found = _flow(connection, flow)
    if found is None:
        raise UsageFault("flow.unknown", display(flow))
    return found


def _flow(connection: Connection, flow: str) -> Flow | None:
    definition = definition_of(connection, flow)
    if definition is None:
        return None
    return Flow(flow, definition, replay(definition, story(connection, flow)))


def _insert(connection: Connection, now: datetime, job: Job, definition: FlowDefinition) -> None:
    at = written_time(now)
    connection.execute(
        "INSERT INTO snapshots (snapshot, content, since) VALUES (?, ?, ?)"
        " ON CONFLICT (snapshot) DO NOTHING",
        (definition.sha256, definition.to_json().decode(), at),
    )
    connection.executemany(
        "INSERT INTO flow_parties (definition, party, person, people) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        [(definition.sha256, one.name, one.user, one.group) for one in definition.parties],
    )
    connection.execute(
        "INSERT INTO flows (id, definition, name, source, owner, state, version, parties, steps,"
        " awaited, revision, due, begun, updated, unsettled)"
        " VALUES (?, ?, ?, ?, '', 'new', 0, '', '', '', '', '', ?, ?, 1)",
        (job.id, definition.sha256, definition.name, display(job.source), at, at),
    )


def _follow(connection: Connection, now: datetime, flow: Flow, act: Act) -> Flow:
    """Append what follows from an act, and let the row tell of it."""
    events = decide(flow.definition, flow.status, _printable(act), now)
    if not events:
        return flow
    for event in events:
        step = {STEP: event.step} if event.step else {}
        append(
            connection, now, event.kind, dict(event.details) | step, job=flow.id, actor=event.actor
        )
    status = flow.status
    for event in events:
        status = evolve(status, event)
    _update(connection, now, replace(flow, status=status))
    if status.state.ended and flow.status.state is FlowState.RUNNING:
        _wake(connection, flow.status.job)
    return replace(flow, status=status)


def _printable(act: Act) -> Act:
    """Make an act's texts what the log will say, so that the log alone leads to the same state."""
    fields = tuple((display(key), display(value)) for key, value in act.fields)
    return replace(
        act,
        actor=replace(act.actor, name=display(act.actor.name)),
        why=display(act.why),
        source=display(act.source),
        signer=display(act.signer),
        fields=fields,
    )


def _update(connection: Connection, now: datetime, flow: Flow) -> None:
    row = projected(flow.definition, flow.status)
    connection.execute(
        "UPDATE flows SET owner = ?, state = ?, version = ?, parties = ?, steps = ?, awaited = ?,"
        " revision = ?, due = ?, deadline = ?, updated = ?, unsettled = unsettled + 1 WHERE id = ?",
        (*row, written_time(now), flow.id),
    )


def _wake(connection: Connection, job: str) -> None:
    """Let the job look at once that would have sealed for a flow which has ended."""
    connection.execute("UPDATE jobs SET not_before = 0 WHERE id = ?", (job,))


def _awaits(connection: Connection, job: str, flow: str) -> bool:
    row = connection.execute("SELECT awaited FROM flows WHERE id = ?", (flow,)).fetchone()
    return row is not None and row[0] == job
