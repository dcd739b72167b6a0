"""Papers: small artifacts of jobs under way, durable with the transition that stores them.

A file of its own would cost each of them two fsyncs, and the file system's search for a free place.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.core.job import Artifact, Job, Slot
from gateway.core.states import TERMINAL, State
from gateway.ledger.connection import Connection

_STORE = """
INSERT INTO papers (job, slot, content) VALUES (?, ?, ?)
ON CONFLICT (job, slot) DO UPDATE SET content = excluded.content
"""


def store_papers(connection: Connection, job_id: str, artifacts: Iterable[Artifact]) -> None:
    """Store the content of those artifacts that have it at hand."""
    rows = [
        (job_id, artifact.slot.value, artifact.content)
        for artifact in artifacts
        if artifact.content is not None
    ]
    if rows:
        connection.executemany(_STORE, rows)


def drop_papers(connection: Connection, job: Job, following: Job) -> None:
    """Remove what is needed no more once `job` has become `following`."""
    if following.state in TERMINAL and not _may_go_on(following):
        connection.execute("DELETE FROM papers WHERE job = ?", (job.id,))
        return
    gone = {one.slot for one in job.artifacts} - {one.slot for one in following.artifacts}
    if gone:
        rows = [(job.id, slot.value) for slot in sorted(gone)]
        connection.executemany("DELETE FROM papers WHERE job = ? AND slot = ?", rows)


def stored_paper(connection: Connection, job_id: str, slot: Slot) -> bytes | None:
    """Return a paper's content, or None."""
    row = connection.execute(
        "SELECT content FROM papers WHERE job = ? AND slot = ?", (job_id, slot.value)
    ).fetchone()
    return bytes(row[0]) if row is not None else None


def _may_go_on(job: Job) -> bool:
    """Tell whether a failed job may be taken up again after its signature, which is paid for."""
    return job.state is State.FAILED and job.artifact(Slot.SIGNATURE) is not None
