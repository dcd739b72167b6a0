"""Legal holds and purges; both look at each other inside their transactions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.core.errors import UsageFault
from gateway.core.states import State
from gateway.ledger.connection import Connection
from gateway.ledger.log import append
from gateway.ledger.rows import read_time, written_time
from gateway.ledger.store import Face
from gateway.ports import LegalHold, PurgedFile

_FREE = "NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.job = jobs.id)"
_MAY_GO = f"state = ? AND {_FREE.format(table='legal_holds')} AND {_FREE.format(table='purges')}"


class LedgerLegalHolds(Face):
    """The port `LegalHolds`."""

    def hold(self, job: str, why: str, actor: str) -> None:
        """Put a job under legal hold; logged as `archive.held`; raises as the port says."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            _check_known(connection, job)
            if _has(connection, "purges", job):
                raise UsageFault("usage.purged", job)
            if _has(connection, "legal_holds", job):
                raise UsageFault("usage.legal-hold", f"{job} is under legal hold")
            connection.execute(
                "INSERT INTO legal_holds (job, since, actor, why) VALUES (?, ?, ?, ?)",
                (job, written_time(now), actor, why),
            )
            append(connection, now, "archive.held", {"job": job, "why": why}, actor=actor)

    def release(self, job: str, actor: str) -> None:
        """End a legal hold; logged as `archive.released`; raises as the port says."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            _check_known(connection, job)
            if not _has(connection, "legal_holds", job):
                raise UsageFault("usage.legal-hold", f"{job} is not under legal hold")
            connection.execute("DELETE FROM legal_holds WHERE job = ?", (job,))
            append(connection, now, "archive.released", {"job": job}, actor=actor)

    def all(self) -> tuple[LegalHold, ...]:
        """Return the legal holds, by job."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT job, since, actor, why FROM legal_holds ORDER BY job"
            ).fetchall()
        return tuple(LegalHold(job, read_time(since), *rest) for job, since, *rest in rows)


class LedgerPurges(Face):
    """The port `Purges`."""

    def due(self, before: datetime) -> tuple[str, ...]:
        """Return the jobs archived before a time, neither purged nor under legal hold, by id."""
        # ARCHIVED is an end: the last change of such a job is that it was archived.
        with self._store.reading() as connection:
            rows = connection.execute(
                f"SELECT id FROM jobs WHERE {_MAY_GO} AND updated < ? ORDER BY id",  # noqa: S608
                (State.ARCHIVED.value, written_time(before)),
            ).fetchall()
        return tuple(row[0] for row in rows)

    def begin(self, job: str, files: Sequence[PurgedFile], actor: str) -> bool:
        """Commit that a job's files are about to go; logged as `archive.purged`."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            found = connection.execute(
                f"SELECT 1 FROM jobs WHERE {_MAY_GO} AND id = ?",  # noqa: S608  # our own words
                (State.ARCHIVED.value, job),
            ).fetchone()
            if found is None:
                return False
            connection.execute(
                "INSERT INTO purges (job, begun) VALUES (?, ?)", (job, written_time(now))
            )
            connection.execute("DELETE FROM renewals WHERE job = ?", (job,))
            append(connection, now, "archive.purged", _details(job, files), actor=actor)
        return True

    def finish(self, job: str) -> None:
        """Commit that the last file is gone."""
        now = written_time(self._clock.now())
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE purges SET finished = ? WHERE job = ? AND finished = ''", (now, job)
            )

    def under_way(self) -> tuple[str, ...]:
        """Return the jobs whose files were about to go and may still be there, by id."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT job FROM purges WHERE finished = '' ORDER BY job"
            ).fetchall()
        return tuple(row[0] for row in rows)

    def purged(self, job: str) -> bool:
        """Tell whether a job's files are gone or about to go."""
        with self._store.reading() as connection:
            return _has(connection, "purges", job)


def _details(job: str, files: Sequence[PurgedFile]) -> dict[str, str]:
    """Return what the log keeps: each file as `sha256sum` would print it.

    Names are users': two of them may look the same in the log, so they are no keys.
    """
    digits = len(str(len(files)))
    lines = {
        f"file.{number:0{digits}}": f"{file.sha256}  {file.name}"
        for number, file in enumerate(files, 1)
    }
    return {"job": job, "files": str(len(files))} | lines


def _check_known(connection: Connection, job: str) -> None:
    if connection.execute("SELECT 1 FROM jobs WHERE id = ?", (job,)).fetchone() is None:
        raise UsageFault("usage.unknown-job", job)


def _has(connection: Connection, table: str, job: str) -> bool:
    statement = f"SELECT 1 FROM {table} WHERE job = ?"  # noqa: S608  # one of our own tables
    return connection.execute(statement, (job,)).fetchone() is not None
