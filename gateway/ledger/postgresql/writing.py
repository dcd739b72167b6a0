"""The session that writes: what PostgreSQL needs beyond `ledger.writer`.

Theory of operation: what a transaction reads (the log's head, a job's version, what is left of
a quota) has to be true when it commits, in every process and on every machine. SQLite has one
writer at a time; so has this: each write transaction begins by taking an advisory lock that ends
with it. Under READ COMMITTED every statement then sees all that was committed before, and nobody
commits in between. SERIALIZABLE would find the same conflicts afterwards: every transaction
appends to the one log, so all but one at a time would be rolled back and done again. A lock on
the row `head` would do as well, but not when that row is missing, and it would write to it even
where nothing is logged.

A commit does not wait for the disk, which gives the lock to the next writer at once; then
something empty is committed that does, and what the server has written before is on disk then,
too. So others may see for some milliseconds what is not on disk yet; whatever they commit on its
account comes after it in the server's log, and is on disk later.

When the connection is lost while a commit is under way, nobody knows whether it was done. Then
the log is looked at for the last entry that the transaction has appended. (The server's numbers
of transactions would not do: after a crash it may give the same one again.)
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress

import psycopg
from psycopg.pq import TransactionStatus

from gateway.core.errors import SiteFault
from gateway.ledger.log import HEAD
from gateway.ledger.postgresql.connection import Head, PostgresqlConnection, Raw
from gateway.ledger.writer import Refused

_IN_DOUBT = 10.0
"""Seconds for which a server that went away during a commit is waited for."""
_LOCK = 0x5EA16A7E
"""Our first key of advisory locks; the second is the schema's, for several may be in a database."""
BEGIN = (
    b"BEGIN ISOLATION LEVEL READ COMMITTED",
    f"SELECT pg_advisory_xact_lock({_LOCK}, hashtext(current_schema()))".encode(),
)
"""A transaction beside which nobody writes."""
_NOT_WAITING = b"SET LOCAL synchronous_commit = off"
_WAITING = b"SELECT pg_logical_emit_message(true, 'sealgate', '')"
_ENTRY = b"SELECT 1 FROM log WHERE sequence = %s AND hash = %s"


class _Open:
    """A session, in which statements are sent without waiting."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self._mode = ExitStack()
        self.pipeline = self._mode.enter_context(raw.pipeline())

    def close(self) -> None:
        """Close it, whatever is under way."""
        self.raw.close()
        with suppress(psycopg.Error):
            self._mode.close()

    def undone(self) -> bool:
        """Take back what is under way; tell whether the session is as it was."""
        for statement in (b"", b"ROLLBACK"):
            with suppress(psycopg.Error):
                if statement:
                    self.raw.execute(statement)
                self.pipeline.sync()
        return self.raw.info.transaction_status is TransactionStatus.IDLE


class PostgresqlSession:
    """A `Session` of the writer: opened when it is needed, and again when it was lost."""

    def __init__(self, connect: Callable[[], Raw]) -> None:
        self._connect = connect
        self._looks: dict[str, bytes] = {}
        """What each transaction begins with, under the lock, and may be refused by."""
        self._outdated = False
        self._closed = False
        self._open: _Open | None = None
        self._connection: PostgresqlConnection | None = None
        self._former: Head | None = None
        """The log's head when the transaction began."""

    def fence(self, name: str, look: bytes) -> None:
        """Begin each transaction with a look, under the lock, that may refuse; empty: no more."""
        others = {known: one for known, one in self._looks.items() if known != name}
        self._looks = others | ({name: look} if look else {})

    def renew(self) -> None:
        """Begin the next transaction in a new session."""
        self._outdated = True

    def begin(self, *, supposing: bool) -> PostgresqlConnection:
        """Begin a transaction in which nobody else writes, and learn the log's head."""
        session = self._opened()
        for one in (*BEGIN, *self._looks.values(), _NOT_WAITING):
            session.raw.execute(one)
        connection = PostgresqlConnection(session.raw, session.pipeline, supposing=supposing)
        connection.head = self._former = session.raw.execute(HEAD.encode()).fetchone()
        self._connection = connection
        return connection

    def savepoint(self) -> AbstractContextManager[None]:
        """Take back what the block did, and nothing else, when it raises."""
        assert self._connection is not None  # noqa: S101  # it is inside of a transaction
        return self._connection.savepoint()

    def commit(self) -> None:
        """Return when what was done is on disk; raises `Refused` when nothing was done."""
        session, connection = self._open, self._connection
        assert session is not None and connection is not None  # noqa: S101, PT018
        try:
            commit = session.raw.execute(b"COMMIT")
            session.raw.execute(_WAITING)
            session.pipeline.sync()
        except psycopg.Error as error:
            if not session.raw.closed:
                raise (Refused if connection.supposing else error) from error
            if connection.head in (None, self._former) or not self._done(connection.head):
                raise
        else:
            if commit.statusmessage != "COMMIT":
                raise SiteFault("ledger.unusable", f"{commit.statusmessage} instead of COMMIT")

    def undo(self) -> None:
        """Take back all of it, if it is still under way."""
        if self._open is not None and not self._open.undone():
            self._drop()

    def close(self) -> None:
        """Close the session; nothing is begun after that."""
        self._closed = True
        self._drop()

    def _opened(self) -> _Open:
        if self._closed:
            raise SiteFault("ledger.unusable", "it is closed")
        if self._outdated or (self._open is not None and not is_alive(self._open.raw)):
            self._outdated = False
            self._drop()
        if self._open is None:
            self._open = _Open(self._connect())
        return self._open

    def _drop(self) -> None:
        session, self._open = self._open, None
        if session is not None:
            session.close()

    def _done(self, head: Head | None) -> bool:
        """Look for an entry whose session was lost; False as well when nobody answers in time."""
        until = time.monotonic() + _IN_DOUBT
        while time.monotonic() < until:
            with suppress(psycopg.Error), self._connect() as raw:
                for one in BEGIN:  # when that session still commits, this waits for it
                    raw.execute(one)
                found = raw.execute(_ENTRY, head).fetchone() is not None
                raw.execute(b"COMMIT")
                raw.execute(_WAITING)
                return found
            time.sleep(0.1)
        return False


def is_alive(raw: Raw) -> bool:
    """Tell whether an idle session is as it was: a server that ends it says so, unasked."""
    if raw.closed:
        return False
    poll = select.poll()
    poll.register(raw.fileno(), select.POLLIN)
    return not poll.poll(0)
