"""The ledger in a PostgreSQL database: a session for each thread that needs one.

Theory of operation: what a transaction reads (the log's head, a job's version, what is left of
a quota) has to be true when it commits, in every process and on every machine. SQLite has one
writer at a time; so has this store: each write transaction begins by taking an advisory lock
that ends with it. Under READ COMMITTED every statement then sees all that was committed before,
and nobody commits in between. SERIALIZABLE would find the same conflicts afterwards: every
transaction appends to the one log, so all but one at a time would be rolled back and done
again. A lock on the row `head` would do as well, but not when that row is missing, and it would
write to it even where nothing is logged.

When the connection is lost while a commit is under way, nobody knows whether it was done. The
number of the transaction is asked for when it begins, so the server can be asked later.
"""

from __future__ import annotations

import select
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg.pq import TransactionStatus

from gateway.core.errors import SiteFault
from gateway.ledger.postgresql import schema
from gateway.ledger.postgresql.address import PostgresqlAddress
from gateway.ledger.postgresql.connection import PostgresqlConnection, Raw
from gateway.ledger.postgresql.faults import ledger_faults

_MOST_IDLE = 8
_IN_DOUBT = 10.0
"""Seconds for which a server that went away during a commit is waited for."""
_LOCK = 0x5EA16A7E
"""Our first key of advisory locks; the second is the schema's, for several may be in a database."""
_BEGIN = f"""
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT pg_advisory_xact_lock({_LOCK}, hashtext(current_schema()));
SELECT pg_current_xact_id()::text;
""".encode()
_LOOK = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresqlStore:
    """An open ledger in a PostgreSQL database, at the newest schema; safe for several threads."""

    def __init__(self, address: PostgresqlAddress) -> None:
        self._address = address
        self._where = str(address)
        self._idle: deque[Raw] = deque()
        self._lock = threading.Lock()
        self._closed = False
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[PostgresqlConnection]:
        """Yield a connection inside the one write transaction; commit unless the block raises."""
        with ledger_faults(self._where), self._session() as raw:
            number = _begin(raw)
            try:
                yield PostgresqlConnection(raw)
            except BaseException:
                with suppress(psycopg.Error):
                    raw.execute(b"ROLLBACK")
                raise
            self._commit(raw, number)

    @contextmanager
    def reading(self) -> Iterator[PostgresqlConnection]:
        """Yield a connection for one statement that reads."""
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

    def close(self) -> None:
        """Close the sessions; a call after that is a `SiteFault`."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, deque()
        for raw in idle:
            raw.close()

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

    def _commit(self, raw: Raw, number: str) -> None:
        try:
            ended = raw.execute(b"COMMIT").statusmessage
        except psycopg.OperationalError:
            if not raw.closed or not self._was_committed(number):
                raise
            return
        if ended != "COMMIT":
            raise SiteFault("ledger.unusable", f"{self._where}: {ended} instead of COMMIT")

    def _was_committed(self, number: str) -> bool:
        """Ask about a transaction whose session was lost; False as well when nobody answers."""
        until = time.monotonic() + _IN_DOUBT
        while time.monotonic() < until:
            with suppress(psycopg.Error), self._address.connect() as raw:
                row = raw.execute(b"SELECT pg_xact_status(%s::xid8)", (number,)).fetchone()
                if row is not None and row[0] != "in progress":
                    return bool(row[0] == "committed")
            time.sleep(0.1)
        return False

    def _prepare(self) -> None:
        with self.reading() as connection:
            if schema.is_current(connection):
                return
        with self.transaction() as connection:
            schema.migrate(connection)


def _begin(raw: Raw) -> str:
    """Begin the one write transaction, in one message; return its number."""
    try:
        cursor = raw.execute(_BEGIN, prepare=False)
        while cursor.nextset():
            pass
        row = cursor.fetchone()
    except psycopg.Error:
        with suppress(psycopg.Error):
            raw.execute(b"ROLLBACK")
        raise
    return str(row[0]) if row is not None else ""


def _is_alive(raw: Raw) -> bool:
    """Tell whether an idle session is as it was: a server that ends it says so, unasked."""
    if raw.closed:
        return False
    poll = select.poll()
    poll.register(raw.fileno(), select.POLLIN)
    return not poll.poll(0)
