"""The ledger in a PostgreSQL database: a session for each thread that needs one.

Theory of operation: what a transaction reads (the log's head, a job's version, what is left of
a quota) has to be true when it commits, in every process and on every machine. SQLite has one
writer at a time; so has this store: each write transaction begins by taking an advisory lock
that ends with it. Under READ COMMITTED every statement then sees all that was committed before,
and nobody commits in between. SERIALIZABLE would find the same conflicts afterwards: every
transaction appends to the one log, so all but one at a time would be rolled back and done
again. A lock on the row `head` would do as well, but not when that row is missing, and it would
write to it even where nothing is logged.

A commit does not wait for the disk, which gives the lock to the next writer at once; what waits
is the call, afterwards (`flushing`). So others may see for some milliseconds what is not on disk
yet; whatever they commit on its account comes after it in the server's log, and is on disk later.

When the connection is lost while a commit is under way, nobody knows whether it was done. Then
the log is looked at for the entry that the transaction has appended. (The server's numbers of
transactions would not do: after a crash it may give the same one again.)
"""

from __future__ import annotations

import select
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from gateway.core.errors import SiteFault
from gateway.ledger.postgresql import schema
from gateway.ledger.postgresql.address import PostgresqlAddress
from gateway.ledger.postgresql.connection import PostgresqlConnection, Raw
from gateway.ledger.postgresql.faults import ledger_faults
from gateway.ledger.postgresql.flushing import Flushing

_MOST_IDLE = 8
_IN_DOUBT = 10.0
"""Seconds for which a server that went away during a commit is waited for."""
_LOCK = 0x5EA16A7E
"""Our first key of advisory locks; the second is the schema's, for several may be in a database."""
_BEGIN = (
    b"BEGIN ISOLATION LEVEL READ COMMITTED",
    b"SET LOCAL synchronous_commit = off",
    f"SELECT pg_advisory_xact_lock({_LOCK}, hashtext(current_schema()))".encode(),
)
_ENTRY = b"SELECT 1 FROM log WHERE sequence = %s AND hash = %s"
_LOOK = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresqlStore:
    """An open ledger in a PostgreSQL database, at the newest schema; safe for several threads."""

    def __init__(self, address: PostgresqlAddress) -> None:
        self._address = address
        self._where = str(address)
        self._idle: deque[Raw] = deque()
        self._lock = threading.Lock()
        self._closed = False
        self._flushing = Flushing()
        self._fences: dict[str, bytes] = {}
        """What each transaction looks at first, by the function that is asked."""
        self._own = threading.local()
        """The connection of the transaction in which a thread is."""
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[PostgresqlConnection]:
        """Yield a connection inside the one write transaction; commit unless the block raises.

        A transaction inside of another one of the same thread is committed with that.
        """
        outer = self._mine()
        if outer is not None:
            with ledger_faults(self._where), outer.savepoint():
                yield outer
            return
        with ledger_faults(self._where), self._session() as raw, _undone_if_it_fails(raw):
            head = None
            try:
                with raw.pipeline() as pipeline:
                    for one in (*_BEGIN, *tuple(self._fences.values())):
                        raw.execute(one)
                    self._own.connection = connection = PostgresqlConnection(raw, pipeline)
                    yield connection
                    head = connection.head
                    commit = raw.execute(b"COMMIT")
                self._flush(raw, commit)
            except psycopg.OperationalError:
                if not raw.closed or head is None or not self._was_committed(head):
                    raise
            finally:
                self._own.connection = None

    @contextmanager
    def bulk(self) -> Iterator[PostgresqlConnection]:
        """Yield a connection as `transaction` does, for definitions and copies of many rows.

        It is not fenced.
        """
        with ledger_faults(self._where), self._session() as raw, _undone_if_it_fails(raw):
            for one in _BEGIN:
                raw.execute(one)
            yield PostgresqlConnection(raw)
            self._flush(raw, raw.execute(b"COMMIT"))

    @contextmanager
    def reading(self) -> Iterator[PostgresqlConnection]:
        """Yield a connection for one statement that reads what is committed.

        Inside of a transaction it is that one's, and sees what it has done so far.
        """
        outer = self._mine()
        if outer is not None:
            with ledger_faults(self._where):
                yield outer
            return
        with ledger_faults(self._where), self._session() as raw:
            yield PostgresqlConnection(raw)

    @contextmanager
    def snapshot(self) -> Iterator[PostgresqlConnection]:
        """Yield a connection that sees the ledger as it is now, however long the block takes."""
        with ledger_faults(self._where), self._session() as raw:
            raw.execute(_LOOK)
            try:
                yield PostgresqlConnection(raw)
            finally:
                with suppress(psycopg.Error):
                    raw.execute(b"ROLLBACK")

    def fence(self, function: str, *arguments: object) -> None:
        """Commit nothing from here on when the function objects: see `leases` and `nodes`."""
        question = sql.SQL("SELECT {}({})").format(
            sql.Identifier(function), sql.SQL(", ").join(map(sql.Literal, arguments))
        )
        self._fences = self._fences | {function: question.as_string().encode()}

    def unfence(self, function: str) -> None:
        """Ask a function no more: what it guards was given back."""
        self._fences = {name: one for name, one in self._fences.items() if name != function}

    def named(self, holder: str) -> None:
        """Let the server know our sessions by a node: whoever takes over from it ends them."""
        self._address = self._address.named(session_name(holder))
        self._drop_idle()

    @contextmanager
    def session(self) -> Iterator[Raw]:
        """Yield a session outside of transactions, for who has statements of its own."""
        with ledger_faults(self._where), self._session() as raw:
            yield raw

    @property
    def address(self) -> PostgresqlAddress:
        """Where the ledger is, as `named`."""
        return self._address

    def close(self) -> None:
        """Close the sessions; a call after that is a `SiteFault`."""
        self._closed = True
        self._drop_idle()

    def _drop_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, deque()
        for raw in idle:
            raw.close()

    def _mine(self) -> PostgresqlConnection | None:
        return getattr(self._own, "connection", None)

    @contextmanager
    def _session(self) -> Iterator[Raw]:
        """Yield a session that nobody else uses meanwhile, an idle one if there is one."""
        raw = self._take()
        try:
            yield raw
        finally:
            self._give_back(raw)

    def _take(self) -> Raw:
        while True:
            with self._lock:
                if self._closed:
                    raise SiteFault("ledger.unusable", f"{self._where}: closed")
                raw = self._idle.pop() if self._idle else None
            if raw is None:
                return self._address.connect()
            if _is_alive(raw):
                return raw
            raw.close()

    def _give_back(self, raw: Raw) -> None:
        if not raw.closed and raw.info.transaction_status is TransactionStatus.IDLE:
            with self._lock:
                if not self._closed and len(self._idle) < _MOST_IDLE:
                    self._idle.append(raw)
                    return
        raw.close()

    def _flush(self, raw: Raw, commit: psycopg.Cursor[tuple[Any, ...]]) -> None:
        """Return when what was committed is on disk."""
        if commit.statusmessage != "COMMIT":
            what = f"{commit.statusmessage} instead of COMMIT"
            raise SiteFault("ledger.unusable", f"{self._where}: {what}")
        self._flushing.wait(raw)

    def _was_committed(self, head: tuple[int, str]) -> bool:
        """Look for an entry whose session was lost; False as well when nobody answers in time."""
        until = time.monotonic() + _IN_DOUBT
        while time.monotonic() < until:
            with suppress(psycopg.Error), self._address.connect() as raw:
                for one in _BEGIN:  # when that session still commits, this waits for it
                    raw.execute(one)
                found = raw.execute(_ENTRY, head).fetchone() is not None
                raw.execute(b"COMMIT")
                self._flushing.wait(raw)
                return found
            time.sleep(0.1)
        return False

    def _prepare(self) -> None:
        with self.reading() as connection:
            if schema.is_current(connection):
                return
        with self.bulk() as connection:
            schema.migrate(connection)


def session_name(holder: str) -> str:
    """Return how the server knows the sessions of the node that works on the site."""
    return f"sealgate:{holder}"


@contextmanager
def _undone_if_it_fails(raw: Raw) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(psycopg.Error):
            raw.execute(b"ROLLBACK")
        raise


def _is_alive(raw: Raw) -> bool:
    """Tell whether an idle session is as it was: a server that ends it says so, unasked."""
    if raw.closed:
        return False
    poll = select.poll()
    poll.register(raw.fileno(), select.POLLIN)
    return not poll.poll(0)
