"""Nothing is spent for a flow that has ended: asked inside the transactions that spend."""

from __future__ import annotations

from gateway.core.errors import DocumentFault
from gateway.ledger.connection import Connection, Rows

_STOPPED = """
SELECT flows.state FROM jobs JOIN flows ON flows.id = jobs.flow
WHERE jobs.id = ? AND jobs.flow <> jobs.id AND flows.awaited <> jobs.id
"""


def stopped(connection: Connection, job: str) -> Rows:
    """Ask whether a job is that of a step that its flow waits for no more."""
    return connection.execute(_STOPPED, (job,))


def refuse_stopped(asked: Rows) -> None:
    """Raise `DocumentFault` (`flow.stopped`) when it is."""
    for row in asked.fetchall():
        raise DocumentFault("flow.stopped", str(row[0]))


def note_end(connection: Connection, flow: str) -> None:
    """Let a flow be looked after whose own job has come to an end."""
    connection.execute("UPDATE flows SET unsettled = unsettled + 1 WHERE id = ?", (flow,))
