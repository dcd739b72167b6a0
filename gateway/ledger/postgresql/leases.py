"""The lease of a site, with fencing: who has lost it commits nothing any more.

Theory of operation: every transaction of a process that has taken the lease begins with
`ledger_fence`, under the one lock of all writers, and taking the lease needs that lock, too. So
between a transaction's look at the lease and its commit nobody can take it. Sessions of a node
that has lost its lease are ended first: threads of a process that is stopped would hold the lock
one after another, each until the server has had enough of it. A process that was
stopped for so long that another one took over finds its next commit refused, the one that a
signature is about to be paid with and the one that a result was delivered with among them.
"""

from __future__ import annotations

from datetime import datetime

from gateway.core.errors import SiteFault
from gateway.ledger.postgresql.store import PostgresqlStore
from gateway.ports import Lease

_TAKE = """
INSERT INTO site_lease (one, holder, term, until)
VALUES (1, ?, 1, clock_timestamp() + make_interval(secs => ?))
ON CONFLICT (one) DO UPDATE
SET holder = excluded.holder, term = site_lease.term + 1, until = excluded.until
WHERE site_lease.until < clock_timestamp() OR site_lease.holder = excluded.holder
RETURNING term, until
"""
# Who has lost the lease has lost everything: it is taken over from as a node that is silent.
_FORMER = """
SELECT holder FROM site_lease
WHERE until > '-infinity' AND until < clock_timestamp() AND holder <> ?
"""
_END_WORKER = """
DELETE FROM procrastinate_workers WHERE id = (SELECT worker FROM nodes WHERE name = ?)
"""
_END_NODE = "UPDATE nodes SET worker = NULL, number = 0 WHERE name = ?"
_RENEW = """
UPDATE site_lease SET until = clock_timestamp() + make_interval(secs => ?)
WHERE holder = ? AND term = ?
"""
_RELEASE = "UPDATE site_lease SET until = '-infinity' WHERE holder = ? AND term = ?"
_CURRENT = """
SELECT holder, term, until, until < clock_timestamp() FROM site_lease
WHERE until > '-infinity'
"""


class PostgresqlLeases:
    """The port `Leases`."""

    def __init__(self, store: PostgresqlStore) -> None:
        self._store = store

    def take(self, holder: str, seconds: float) -> Lease | None:
        """Take the lease, as the port says."""
        current = self.current()
        if current is not None and (current.expired or current.holder == holder):
            self._store.end_sessions(current.holder)
        elif current is not None:
            return None
        with self._store.bulk() as connection:
            expired = connection.execute(_FORMER, (holder,)).fetchone()
            row = connection.execute(_TAKE, (holder, seconds)).fetchone()
            if row is not None and expired is not None:
                connection.execute(_END_WORKER, expired)
                connection.execute(_END_NODE, expired)
        if row is None:
            return None
        lease = Lease(holder, *row)
        self._store.fence("ledger_fence", lease.holder, lease.term)
        # Whoever takes over ends our sessions by their name: those from here on have it.
        self._store.named(lease.holder)
        return lease

    def renew(self, lease: Lease, seconds: float) -> None:
        """Keep the lease, as the port says."""
        with self._store.bulk() as connection:
            kept = connection.execute(_RENEW, (seconds, lease.holder, lease.term))
            if kept.rowcount != 1:
                raise SiteFault("ledger.fenced", f"{lease.holder} has lost its lease")

    def release(self, lease: Lease) -> None:
        """Give the lease back."""
        with self._store.bulk() as connection:
            given = connection.execute(_RELEASE, (lease.holder, lease.term)).rowcount == 1
        if given:  # who has lost it stays fenced
            self._store.unfence("ledger_fence")

    def current(self) -> Lease | None:
        """Return the lease as it is now."""
        with self._store.reading() as connection:
            row = connection.execute(_CURRENT).fetchone()
        if row is None:
            return None
        holder, term, until, expired = row
        assert isinstance(until, datetime)  # noqa: S101  # timestamptz
        return Lease(holder, term, until, expired)
