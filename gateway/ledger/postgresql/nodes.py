"""The nodes of a site, and taking over from one that is silent.

Theory of operation: a node works as a *worker* of procrastinate, whose row has the node's
heartbeat. Every transaction of a working node begins with a look whether that row is there
(`ledger_fence_worker`), under the one lock of all writers; and the row is removed under that lock,
too. So between a transaction's look and its commit nobody can take over, and a process that was
stopped for so long that others did commits nothing any more: it neither spends nor delivers.

Taking over has an order. First the rows go, then whatever lets former workers reach files
(`forget`), and only then their tasks, so that others may run those jobs. Tasks are removed and
not queued again: who coordinates decides anew about each job. A process that dies in between
leaves tasks of nobody, which the next look finds.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.core.errors import SiteFault, UsageFault
from gateway.ledger.connection import Connection
from gateway.ledger.log import append
from gateway.ledger.postgresql.own_schema import newest_known
from gateway.ledger.postgresql.store import PostgresqlStore
from gateway.ports import Clock, Cluster, Forget, Joined, Node, NodeFacts

_JOIN = """
INSERT INTO nodes (name, host, version, configuration, tasks, worker, number, since, seen)
VALUES (?, ?, ?, ?, ?, NULL, nextval('node_numbers'), clock_timestamp(), clock_timestamp())
ON CONFLICT (name) DO UPDATE
SET host = excluded.host, version = excluded.version, configuration = excluded.configuration,
    tasks = excluded.tasks, worker = NULL, number = excluded.number,
    since = excluded.since, seen = excluded.seen
RETURNING number, draining
"""
_FORMER = "SELECT worker FROM nodes WHERE name = ? AND worker IS NOT NULL"
_FORGET_WORKER = "DELETE FROM procrastinate_workers WHERE id = ?"
_ALIVE = """
UPDATE nodes SET seen = clock_timestamp(), worker = ?
WHERE name = ?
RETURNING draining, worker IS NULL OR EXISTS (
  SELECT 1 FROM procrastinate_workers WHERE id = nodes.worker
)
"""
_BEAT = "SELECT procrastinate_update_heartbeat_v1(?)"
"""The worker beats, too; but when the server was away, only after some waiting of its own."""
_SILENT = """
SELECT nodes.name FROM procrastinate_workers
LEFT JOIN nodes ON nodes.worker = procrastinate_workers.id
WHERE last_heartbeat < now() - make_interval(secs => ?)
"""
_GONE = "UPDATE nodes SET worker = NULL, number = 0 WHERE worker = ANY(?) RETURNING name"
_ORPHANS = "SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND worker_id IS NULL"
_LEFT = "SELECT number FROM nodes"
_NEWEST = "SELECT last_value FROM node_numbers"
_DRAIN = "UPDATE nodes SET draining = ? WHERE name = ?"
_ALL = """
SELECT name, host, version, configuration, number, since, greatest(seen, last_heartbeat),
  CAST(extract(epoch FROM clock_timestamp() - greatest(seen, last_heartbeat)) AS float8),
  procrastinate_workers.id IS NOT NULL, draining,
  EXISTS (SELECT 1 FROM site_lease WHERE holder = name AND until > clock_timestamp()),
  (SELECT count(*) FROM procrastinate_jobs
   WHERE status = 'doing' AND worker_id = procrastinate_workers.id)
FROM nodes LEFT JOIN procrastinate_workers ON procrastinate_workers.id = nodes.worker
ORDER BY name
"""
_PRUNE = "SELECT worker_id FROM procrastinate_prune_stalled_workers_v1(?)"
_FINISH = "SELECT procrastinate_finish_job_v1(?, 'failed', true)"
_QUEUED = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"


class PostgresqlNodes:
    """The port `Nodes`."""

    def __init__(self, store: PostgresqlStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def join(self, facts: NodeFacts) -> Joined:
        """Take a node on, as the port says."""
        self._store.end_sessions(facts.name)
        self._store.named(facts.name)
        with self._store.bulk() as connection:
            for (former,) in connection.execute(_FORMER, (facts.name,)).fetchall():
                connection.execute(_FORGET_WORKER, (former,))
            row = (facts.name, facts.host, facts.version, facts.configuration, newest_known())
            number, draining = connection.execute(_JOIN, row).fetchone()
        return Joined(number, draining)

    def work_as(self, name: str, worker: int | None) -> None:
        """Begin each transaction with a look whether that worker is still there; None ends it."""
        if worker is None:
            self._store.unfence("ledger_fence_worker")
        else:
            self._store.fence("ledger_fence_worker", worker)
        self.sign_of_life(name, worker)

    def sign_of_life(self, name: str, worker: int | None) -> bool:
        """Say that a node lives, as the port says."""
        with self._store.reading() as connection:
            row = connection.execute(_ALIVE, (worker, name)).fetchone()
            if worker is not None:
                connection.execute(_BEAT, (worker,)).fetchall()
        if row is None or not row[1]:
            raise SiteFault("ledger.fenced", f"other nodes have taken over from {name}")
        return bool(row[0])

    def take_over(self, seconds: float, forget: Forget, *, always: bool = False) -> tuple[str, ...]:
        """Take over from silent nodes, as the port says."""
        with self._store.reading() as connection:
            silent = [name for (name,) in connection.execute(_SILENT, (seconds,)).fetchall()]
            orphans = connection.execute(_ORPHANS).fetchall()
        if not silent and not orphans and not always:
            return ()
        for name in filter(None, silent):
            self._store.end_sessions(name)
        with self._store.transaction() as connection:
            gone, none_of_ours = self._prune(connection, seconds)
        forget(none_of_ours)
        with self._store.transaction() as connection:
            for (task,) in connection.execute(_ORPHANS).fetchall():
                connection.execute(_FINISH, (task,)).fetchall()
        return gone

    def _prune(
        self, connection: Connection, seconds: float
    ) -> tuple[tuple[str, ...], Callable[[int], bool]]:
        """Remove the silent; return their names, and what tells the numbers of those removed."""
        pruned = [worker for (worker,) in connection.execute(_PRUNE, (seconds,)).fetchall()]
        gone = tuple(name for (name,) in connection.execute(_GONE, (pruned,)).fetchall())
        for name in gone:
            append(connection, self._clock.now(), "node.taken-over", {"node": name})
        left = {number for (number,) in connection.execute(_LEFT).fetchall()}
        (newest,) = connection.execute(_NEWEST).fetchone()
        return gone, lambda number: number <= newest and number not in left

    def drain(self, name: str, draining: bool, actor: str) -> None:
        """Let a node take nothing more, or work again, as the port says."""
        event = "node.draining" if draining else "node.resumed"
        with self._store.transaction() as connection:
            if connection.execute(_DRAIN, (draining, name)).rowcount != 1:
                raise UsageFault("usage.no-node", name)
            append(connection, self._clock.now(), event, {"node": name}, actor=actor)

    def look(self) -> Cluster:
        """Return who there is and what waits."""
        with self._store.reading() as connection:
            rows = connection.execute(_ALL).fetchall()
            (queued,) = connection.execute(_QUEUED).fetchone()
        return Cluster(tuple(Node(NodeFacts(*row[:4]), *row[4:]) for row in rows), int(queued))
