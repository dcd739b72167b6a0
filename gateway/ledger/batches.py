"""Batches: what manifests list, who claimed it, and whose manifest goes on when it has ended."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.batches import UNDER_WAY, Listed, Member
from gateway.core.job import Job
from gateway.core.states import TERMINAL, Event
from gateway.core.tickets import Ticket
from gateway.ledger.connection import Connection
from gateway.ledger.jobs import moved, selected
from gateway.ledger.rows import Row
from gateway.ledger.store import Face

_NEVER = 1e12
"""Seconds since the epoch: the last member's end wakes the manifest's job."""
_ENDED = ", ".join(f"'{state.value}'" for state in sorted(TERMINAL))
_MEMBERS = "SELECT batch, row, source, ticket, job FROM batch_members"
_LEFT = f"""
SELECT count(*) FILTER (WHERE member.job = ''),
       count(*) FILTER (WHERE jobs.state NOT IN ({_ENDED})), count(*),
       coalesce(max(due), 0)
FROM batch_members AS member LEFT JOIN jobs ON jobs.id = member.job WHERE member.batch = ?
"""  # noqa: S608  # our own names


class LedgerBatches(Face):
    """The port `Batches`."""

    def begin(self, job: Job, listed: tuple[Listed, ...], missing_after: float) -> Job:
        """Follow LISTED with a manifest's job and note its members, in one transaction."""
        now = self._clock.now()
        folder = job.source.rpartition("/")[0]
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM batch_members WHERE batch = ?", (job.id,))
            connection.executemany(
                "INSERT INTO batch_members (batch, row, inbox, source, ticket, due)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (
                        *(job.id, row, job.inbox),
                        os.fsencode(f"{folder}/{one.file}" if folder else one.file),
                        one.ticket.to_json(),
                        now.timestamp() + missing_after,
                    )
                    for row, one in enumerate(listed, 1)
                ),
            )
            details = {"documents": str(len(listed))}
            return moved(
                connection, now, job, Event.LISTED, details=details, changes={"batch": job.id}
            )

    def awaited(self, inbox: str) -> Mapping[str, Member]:
        """Return the members that nobody has claimed, of batches under way, by their source."""
        statement = (
            f"{_MEMBERS} WHERE inbox = ? AND job = '' AND missed = 0 AND batch IN"  # noqa: S608
            " (SELECT id FROM jobs WHERE state = 'planned' AND batch = id) ORDER BY batch DESC"
        )
        with self._store.reading() as connection:
            rows = connection.execute(statement, (inbox,)).fetchall()
        return {member.source: member for member in map(_member, rows)}

    def members(self, batch: str) -> tuple[tuple[Member, Job | None], ...]:
        """Return a batch's members in the order of its manifest, with the jobs that took them."""
        with self._store.reading() as connection:
            rows = connection.execute(f"{_MEMBERS} WHERE batch = ? ORDER BY row", (batch,))
            found = tuple(map(_member, rows.fetchall()))
            jobs = {job.id: job for job in selected(connection, "WHERE batch = :id", {"id": batch})}
        return tuple((one, jobs.get(one.job)) for one in found)

    def member(self, job: str) -> Member | None:
        """Return the member that a job has claimed."""
        with self._store.reading() as connection:
            row = connection.execute(f"{_MEMBERS} WHERE job = ?", (job,)).fetchone()
        return _member(row) if row else None

    def ends(self, job: Job) -> bool:
        """Tell whether a batch has ended; what is missing then is not claimed for it later."""
        with self._store.transaction() as connection:
            if _left(connection, job.id).keep(self._clock.now().timestamp()):
                return False
            connection.execute(
                "UPDATE batch_members SET missed = 1 WHERE batch = ? AND job = ''", (job.id,)
            )
        return True

    def rest(self, job: Job) -> Job:
        """Let a manifest's job wait for its members, unless none is left to be waited for."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            left = _left(connection, job.id)
            if not left.keep(now.timestamp()):
                return job
            until = left.due if left.missing and now.timestamp() < left.due else _NEVER
            ended = left.listed - left.missing - left.working
            detail = f"{ended} of {left.listed} have ended, {left.missing} are missing"
            return moved(
                connection,
                now,
                job,
                Event.HELD,
                details={"code": UNDER_WAY, "detail": detail, "in": job.state.value},
                changes={"code": UNDER_WAY, "detail": detail, "not_before": until},
            )


@dataclass(frozen=True)
class _Left:
    """How many members a manifest's job has, and waits for."""

    missing: int
    working: int
    listed: int
    due: float

    def keep(self, now: float) -> bool:
        """Tell whether the manifest's job has to wait."""
        return bool(self.working) or (bool(self.missing) and now < self.due)


def _left(connection: Connection, batch: str) -> _Left:
    return _Left(*connection.execute(_LEFT, (batch,)).fetchone())


def _member(row: Row) -> Member:
    batch, number, source, ticket, job = row
    return Member(batch, number, os.fsdecode(source), Ticket.from_json(ticket), job)
