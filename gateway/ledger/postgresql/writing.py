"""Transactions that write: what PostgreSQL needs beyond `ledger.writer`.

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
account comes after it in the server's log, and is on disk later. A process waits for that beside
its next transaction, which begins in another session.

When the connection is lost while a commit is under way, nobody knows whether it was done. Then
the log is looked at for the last entry that the transaction has appended. (The server's numbers
of transactions would not do: after a crash it may give the same one again.)
"""

from __future__ import annotations

import select
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import psycopg
from psycopg.errors import LockNotAvailable
from psycopg.pq import TransactionStatus

from gateway.core.errors import SiteFault
from gateway.ledger.log import HEAD
from gateway.ledger.postgresql.connection import Head, PostgresqlConnection, Raw
from gateway.ledger.postgresql.standing_still import LOCK, end_who_stands_still
from gateway.ledger.writer import Refused

_IN_DOUBT = 10.0
"""Seconds for which a server that went away during a commit is waited for."""
BEGIN = (
    b"BEGIN ISOLATION LEVEL READ COMMITTED",
    f"SELECT pg_advisory_xact_lock({LOCK}, hashtext(current_schema()))".encode(),
)
"""A transaction beside which nobody writes."""
_NOT_WAITING = b"SET LOCAL synchronous_commit = off"
_WAITING = b"SELECT pg_logical_emit_message(true, 'sealgate', '')"
_ENTRY = b"SELECT 1 FROM log WHERE sequence = %s AND hash = %s"


class _Session:
    """A session, in which statements are sent without waiting for what they come to."""

    def __init__(self, raw: Raw, era: int) -> None:
        self.raw = raw
        self.era = era
        self._mode = ExitStack()
        self.pipeline = self._mode.enter_context(raw.pipeline())

    def undo(self) -> None:
        """Take back what is under way."""
        with suppress(psycopg.Error):
            self.pipeline.sync()  # before that, the server skips what it is sent
        with suppress(psycopg.Error):
            self.raw.execute(b"ROLLBACK")
            self.pipeline.sync()

    def is_idle(self) -> bool:
        """Tell whether nothing is under way; asked after a `sync`."""
        return self.raw.info.transaction_status is TransactionStatus.IDLE

    def close(self) -> None:
        """Close it, whatever is under way."""
        self.raw.close()
        with suppress(psycopg.Error):
            self._mode.close()


class PostgresqlEngine:
    """The writer's `Engine`: sessions are opened when they are needed, and kept."""

    def __init__(self, connect: Callable[[], Raw]) -> None:
        self.connect = connect
        self._looks: dict[str, bytes] = {}
        """What each transaction begins with, under the lock, and may be refused by."""
        self._era = 0
        self._idle: deque[_Session] = deque()
        self._closed = False

    def fence(self, name: str, look: bytes) -> None:
        """Begin each transaction with a look, under the lock, that may refuse; empty: no more."""
        others = {known: one for known, one in self._looks.items() if known != name}
        self._looks = others | ({name: look} if look else {})

    def renew(self) -> None:
        """Begin further transactions in new sessions."""
        self._era += 1
        self._drop()

    def begin(self, *, supposing: bool) -> _Transaction:
        """Begin a transaction beside which nobody writes, and learn the log's head."""
        session = self._take()
        try:
            for one in (*BEGIN, *self._looks.values(), _NOT_WAITING):
                session.raw.execute(one)
            head = session.raw.execute(HEAD.encode()).fetchone()
        except BaseException as error:
            session.undo()
            self.give_back(session)
            if isinstance(error, LockNotAvailable):
                end_who_stands_still(self.connect)
            raise
        return _Transaction(self, session, head, supposing=supposing)

    def give_back(self, session: _Session) -> None:
        """Keep a session for a later transaction, if it is as it was."""
        if session.is_idle() and session.era == self._era and not self._closed:
            self._idle.append(session)
        else:
            session.close()

    def close(self) -> None:
        """Close the sessions; nothing is begun after that."""
        self._closed = True
        self._drop()

    def _take(self) -> _Session:
        if self._closed:
            raise SiteFault("ledger.unusable", "it is closed")
        while self._idle:
            session = self._idle.pop()
            if is_alive(session.raw):
                return session
            session.close()
        return _Session(self.connect(), self._era)

    def _drop(self) -> None:
        while self._idle:
            self._idle.pop().close()


class _Transaction:
    """One that is under way, as the writer knows it."""

    def __init__(
        self,
        engine: PostgresqlEngine,
        session: _Session,
        head: Head | None,
        *,
        supposing: bool,
    ) -> None:
        self._engine = engine
        self._session = session
        self._former = head
        """The log's head before."""
        self.connection = PostgresqlConnection(session.raw, session.pipeline, supposing=supposing)
        self.connection.head = head
        self.savepoint = self.connection.savepoint
        self._committed: psycopg.Cursor[tuple[Any, ...]] | None = None

    def commit(self) -> None:
        """Send the commit, behind which the server lets the next one begin."""
        with self._judged():
            self._committed = self._session.raw.execute(b"COMMIT")
            self._session.raw.execute(_WAITING)

    def settle(self) -> None:
        """Return when what was done is on disk; raises `Refused` when nothing was done."""
        try:
            with self._judged():
                self._session.pipeline.sync()
            done = self._committed and self._committed.statusmessage
            if done != "COMMIT" and not self._session.raw.closed:
                raise SiteFault("ledger.unusable", f"{done} instead of COMMIT")
        except BaseException:
            self.undo()
            raise
        self._engine.give_back(self._session)

    def undo(self) -> None:
        """Take back all of it, if it is still under way; the session is free again."""
        self._session.undo()
        self._engine.give_back(self._session)

    @contextmanager
    def _judged(self) -> Iterator[None]:
        """Say of an error whether anything was done."""
        try:
            yield
        except psycopg.Error as error:
            if not self._session.raw.closed:
                raise (Refused if self.connection.supposing else error) from error
            head = self.connection.head
            if head in (None, self._former) or not self._is_there(head):
                raise

    def _is_there(self, head: Head | None) -> bool:
        """Look for an entry whose session was lost; False as well when nobody answers in time."""
        until = time.monotonic() + _IN_DOUBT
        while time.monotonic() < until:
            with suppress(psycopg.Error), self._engine.connect() as raw:
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
