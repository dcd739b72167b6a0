"""Jobs and their transitions; a job's row and its log entry are one transaction."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from gateway.core.errors import UsageFault, WaitingFault
from gateway.core.job import Job, Slot
from gateway.core.names import display
from gateway.core.quota import Price
from gateway.core.states import TERMINAL, Event, State, follow
from gateway.ledger.charges import Attempt, settle_job
from gateway.ledger.connection import EVERY, ChangesOne, Connection
from gateway.ledger.flow_stop import note_end
from gateway.ledger.log import append
from gateway.ledger.papers import drop_papers, store_papers, stored_paper
from gateway.ledger.permission import count
from gateway.ledger.rows import JOB_COLUMNS, job_parameters, jobs_from
from gateway.ledger.store import Face

_FIXED = frozenset({"id", "state", "version", "inbox", "created", "updated"})
"""Fields that only the ledger itself sets, once or at every step."""

_TWINS = 100
"""Jobs of the same bytes that are looked at."""

# Only the names of our own columns are put into statements.
_COLUMNS = ", ".join(JOB_COLUMNS)
_SETTINGS = ", ".join(f"{name} = :{name}" for name in JOB_COLUMNS if name not in _FIXED)
_INSERT = ChangesOne(f"""
INSERT INTO jobs ({_COLUMNS}) VALUES (:{_COLUMNS.replace(", ", ", :")}) ON CONFLICT (id) DO NOTHING
""")  # noqa: S608
_UPDATE = ChangesOne(f"""
UPDATE jobs SET {_SETTINGS}, state = :state, version = :version, updated = :updated
WHERE id = :id AND version = :version - 1 AND state = :former
""")  # noqa: S608
_TAKE_MEMBER = ChangesOne(
    "UPDATE batch_members SET job = ? WHERE batch = ? AND source = ? AND job = '' AND missed = 0"
)
_ENDED = ", ".join(f"'{state.value}'" for state in sorted(TERMINAL))
_WAKE_MANIFEST = f"""
UPDATE jobs SET not_before = 0 WHERE id = ? AND state = 'planned' AND NOT EXISTS (
  SELECT 1 FROM batch_members JOIN jobs AS other ON other.id = batch_members.job
  WHERE batch_members.batch = ? AND other.state NOT IN ({_ENDED})
)
"""  # noqa: S608
_SELECT = """
SELECT job.*, artifacts.slot, artifacts.sha256, artifacts.size
FROM (SELECT {columns} FROM jobs {which}) AS job LEFT JOIN artifacts ON artifacts.job = job.id
ORDER BY job.id, artifacts.place
"""


class LedgerJobs(Face):
    """The port `Jobs`."""

    def open(self, job: Job, details: Mapping[str, str]) -> Job:
        """Insert a new job in CLAIMED and its `job.claimed` entry, in one transaction.

        Raises `UsageFault` (`usage.illegal-transition`) when there is a job of that id,
        `WaitingFault` (`batch.ended`) when its batch awaits no such file any more.
        """
        now = self._clock.now()
        return self._store.together(lambda connection: _opened(connection, now, job, details))

    def open_all(self, wanted: Iterable[tuple[Job, Mapping[str, str]]]) -> tuple[Job | None, ...]:
        """Insert several so, in one transaction; None for one that its batch awaits no more.

        Raises `UsageFault` as `open` does; then none is inserted.
        """
        now = self._clock.now()
        given = tuple(wanted)

        def step(connection: Connection) -> tuple[Job | None, ...]:
            return tuple(_opened_if_awaited(connection, now, *one) for one in given)

        return self._store.together(step)

    def advance(self, job: Job, event: Event, details: Mapping[str, str], **changes: object) -> Job:
        """Follow `event` from the job's state, set `changes`, log it; all in one transaction.

        Raises `UsageFault` (`usage.illegal-transition`) when the table has no such row or the
        stored job is not as `job` knows it, `SiteFault` (`ledger.busy`) when another job has
        accepted the same bytes under the same name in the same moment.
        """
        if _FIXED & changes.keys():
            raise TypeError(f"not to be changed from outside: {sorted(_FIXED & changes.keys())}")
        now = self._clock.now()

        def step(connection: Connection) -> Job:
            following = moved(connection, now, job, event, details=details, changes=changes)
            settle_job(connection, job.id, event, details.get("code", ""))
            return following

        return self._store.together(step)

    def send(self, job: Job, details: Mapping[str, str], price: Price) -> Job:
        """Commit that the job's digest is about to be sent: its charge and its seals' uses.

        Raises `ServiceFault` (`service.repeat-limit`, `service.out-of-quota`), `DocumentFault`
        and `WaitingFault` (of the seals: see `core.seal_use`); then nothing is committed.
        """
        now = self._clock.now()

        def step(connection: Connection) -> Job:
            attempt = Attempt(connection, price, job.id, job.digest)
            count(connection, now, job)
            attempt.begin(now)
            return moved(connection, now, job, Event.SENT, details=details, changes={})

        return self._store.together(step)

    def get(self, job_id: str) -> Job | None:
        """Return a job, or None."""
        found = self._select("WHERE id = :id", {"id": job_id})
        return found[0] if found else None

    def find(
        self, states: Iterable[State], *, limit: int | None = None, newest_first: bool = False
    ) -> tuple[Job, ...]:
        """Return the jobs in any of `states`, by id; with a limit, the first of that order."""
        wanted = {f"state{number}": state.value for number, state in enumerate(states)}
        if not wanted:
            return ()
        marks = ", ".join(f":{name}" for name in wanted)
        order = "DESC" if newest_first else "ASC"
        found = self._select(
            f"WHERE state IN ({marks}) ORDER BY id {order} LIMIT :limit",
            {**wanted, "limit": EVERY if limit is None else limit},
        )
        return found[::-1] if newest_first else found

    def paper(self, job_id: str, slot: Slot) -> bytes | None:
        """Return what was stored as a job's small artifact, or None."""
        with self._store.reading() as connection:
            return stored_paper(connection, job_id, slot)

    def of_bytes(self, sha256: str) -> tuple[Job, ...]:
        """Return the newest jobs that accepted these bytes, under any name, newest first."""
        which = (
            "INDEXED BY jobs_by_bytes WHERE sha256 = :sha256 AND sha256 <> ''"
            " ORDER BY id DESC LIMIT :limit"
        )
        return self._select(which, {"sha256": sha256, "limit": _TWINS})[::-1]

    def generations(self, inbox: str, source: str, sha256: str) -> int:
        """Count the times these bytes were accepted under this name before.

        A job that is retried is accepted once more, so this is the highest generation given,
        not the number of jobs.
        """
        statement = (
            "SELECT coalesce(max(generation), 0) FROM jobs INDEXED BY jobs_accepted_once"
            " WHERE inbox = ? AND source = ? AND sha256 = ? AND sha256 <> ''"
        )
        with self._store.reading() as connection:
            row = connection.execute(statement, (inbox, os.fsencode(source), sha256)).fetchone()
        return int(row[0])

    def _select(self, which: str, parameters: Mapping[str, object]) -> tuple[Job, ...]:
        with self._store.reading() as connection:
            return selected(connection, which, parameters)


def selected(
    connection: Connection, which: str, parameters: Mapping[str, object]
) -> tuple[Job, ...]:
    """Return the jobs that a clause of our own chooses, by id."""
    statement = _SELECT.format(columns=_COLUMNS, which=which)
    return tuple(jobs_from(connection.execute(statement, dict(parameters)).fetchall()))


def moved(
    connection: Connection,
    now: datetime,
    job: Job,
    event: Event,
    *,
    details: Mapping[str, str],
    changes: Mapping[str, object],
) -> Job:
    """Move a job by one event, with artifacts and log entry, inside the caller's transaction."""
    fixed = {"state": follow(job.state, event), "version": job.version + 1, "updated": now}
    # Also the free text, which may quote anything a document says, is made printable.
    detail = display(str(changes.get("detail", job.detail)))
    following = replace(job, **cast("dict[str, Any]", {**changes, **fixed, "detail": detail}))
    _update(connection, job, event, following)
    _change_artifacts(connection, job, following)
    append(connection, now, event, details, job=job.id)
    drop_papers(connection, job, following)
    if following.batch not in ("", job.id) and following.state in TERMINAL:
        _leave_batch(connection, following)
    if following.flow == job.id and following.state in TERMINAL:
        note_end(connection, job.id)
    return following


def _opened(connection: Connection, now: datetime, job: Job, details: Mapping[str, str]) -> Job:
    job = replace(_storable(job), state=State.CLAIMED, version=1)
    if job.batch:
        _take_member(connection, job)
    if connection.execute(_INSERT, job_parameters(job)).rowcount != 1:
        raise UsageFault("usage.illegal-transition", f"job {job.id} exists already")
    _store_artifacts(connection, job)
    append(connection, now, Event.CLAIMED, details, job=job.id)
    return job


def _opened_if_awaited(
    connection: Connection, now: datetime, job: Job, details: Mapping[str, str]
) -> Job | None:
    try:
        return _opened(connection, now, job, details)
    except WaitingFault:  # raised before anything was written
        return None


def _take_member(connection: Connection, job: Job) -> None:
    """Note that a job has claimed what its batch lists."""
    taken = connection.execute(_TAKE_MEMBER, (job.id, job.batch, os.fsencode(job.source)))
    if taken.rowcount != 1:
        raise WaitingFault("batch.ended", f"{job.source} of batch {job.batch}")


def _leave_batch(connection: Connection, job: Job) -> None:
    """Let the manifest's job look again at once; a claim that came to nothing is awaited anew."""
    if job.state is State.VOID:
        connection.execute("UPDATE batch_members SET job = '' WHERE job = ?", (job.id,))
    connection.execute(_WAKE_MANIFEST, (job.batch, job.batch))


def _storable(job: Job) -> Job:
    """Make the one free text of a job printable: it may quote anything a document says."""
    return replace(job, detail=display(job.detail))


def _update(connection: Connection, job: Job, event: Event, following: Job) -> None:
    updated = connection.execute(_UPDATE, job_parameters(following) | {"former": job.state.value})
    if updated.rowcount != 1:
        detail = f"{event}: job {job.id} is not at version {job.version} in state {job.state}"
        raise UsageFault("usage.illegal-transition", detail)


def _change_artifacts(connection: Connection, job: Job, following: Job) -> None:
    """Store what a job has gained; anew where something was replaced or taken away."""
    had = len(job.artifacts)
    if following.artifacts[:had] != job.artifacts:
        connection.execute("DELETE FROM artifacts WHERE job = ?", (job.id,))
        had = 0
    _store_artifacts(connection, following, behind=had)


def _store_artifacts(connection: Connection, job: Job, *, behind: int = 0) -> None:
    added = [
        (job.id, place, artifact.slot.value, artifact.sha256, artifact.size)
        for place, artifact in enumerate(job.artifacts)
        if place >= behind
    ]
    if added:
        connection.executemany(
            "INSERT INTO artifacts (job, place, slot, sha256, size) VALUES (?, ?, ?, ?, ?)", added
        )
        store_papers(connection, job.id, job.artifacts[behind:])
