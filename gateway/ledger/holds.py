"""Holds: work that is paused, told once when it begins and once when it ends."""

from __future__ import annotations

from gateway.core.names import display
from gateway.ledger.log import append
from gateway.ledger.rows import Row, read_time, written_time
from gateway.ledger.store import Face
from gateway.ports import Hold


class LedgerHolds(Face):
    """The port `Holds`."""

    def hold(self, subject: str, code: str, detail: str, probe_at: float) -> Hold:
        """Open a hold, or count one more failure of an open one."""
        now, detail = self._clock.now(), display(detail)
        with self._store.transaction() as connection:
            (row,) = connection.execute(
                "INSERT INTO holds (subject, code, detail, since, failures, probe_at)"
                " VALUES (?, ?, ?, ?, 1, ?)"
                " ON CONFLICT (subject) DO UPDATE SET code = excluded.code,"
                " detail = excluded.detail, failures = holds.failures + 1,"
                " probe_at = excluded.probe_at"
                " RETURNING subject, code, detail, since, failures, probe_at",
                (subject, code, detail, written_time(now), probe_at),
            ).fetchall()
            hold = _hold(row)
            if hold.failures == 1:
                details = {"subject": subject, "code": code, "detail": detail}
                append(connection, now, "hold.opened", details)
        return hold

    def release(self, subject: str) -> bool:
        """Close a hold; return whether there was one."""
        now = self._clock.now()
        with self._store.transaction() as connection:
            closed = connection.execute(
                "DELETE FROM holds WHERE subject = ?"
                " RETURNING subject, code, detail, since, failures, probe_at",
                (subject,),
            ).fetchall()
            for hold in map(_hold, closed):
                seconds = f"{(now - hold.since).total_seconds():.0f}"
                details = {
                    "subject": subject,
                    "code": hold.code,
                    "failures": str(hold.failures),
                    "seconds": seconds,
                }
                append(connection, now, "hold.closed", details)
        return bool(closed)

    def all(self) -> tuple[Hold, ...]:
        """Return the open holds, oldest first."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT subject, code, detail, since, failures, probe_at FROM holds"
                " ORDER BY since, subject"
            ).fetchall()
        return tuple(map(_hold, rows))


def _hold(row: Row) -> Hold:
    subject, code, detail, since, failures, probe_at = row
    return Hold(subject, code, detail, read_time(since), failures, probe_at)
