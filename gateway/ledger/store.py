"""The SQLite file: one connection that writes, others that read, explicit transactions.

Every write is inside of a `BEGIN IMMEDIATE` … `COMMIT`, so that a second process waits instead
of failing halfway, and what was read inside the transaction (the log's head, a job's version)
is still true when it commits. With `synchronous=FULL` a commit is on disk when it returns.
Steps of several threads share a commit: `writer` tells how.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.core.names import display
from gateway.ledger import schema
from gateway.ledger.connection import Connection, Result, Store
from gateway.ledger.faults import ledger_faults
from gateway.ledger.location import make_room
from gateway.ledger.readers import Readers
from gateway.ledger.soundness import Soundness
from gateway.ledger.writer import Writer
from gateway.ports import Clock

_PATIENCE = 10.0
"""Seconds to wait for another process's transaction."""
_PATIENCE_AT_END = 1.0
_DAMAGED = "ledger.damaged"
_STEPS = 1_000_000
"""Of SQLite's machine, between two looks whether to go on."""


class SqliteStore:
    """An open ledger file, at the newest schema."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._damage = ""
        """What was found damaged: from then on this process does nothing more with the file."""
        self._readers = Readers(self._connect)
        self._soundness = Soundness(path)
        self._sound = False
        self._checking: threading.Thread | None = None
        self._closing = threading.Event()
        with ledger_faults(path):
            make_room(path)
            connection = self._connect()
            self._writer = Writer(_Engine(connection))
            try:
                self._prepare(connection)
            except BaseException:
                self._writer.close()
                raise

    def together(self, step: Callable[[Connection], Result]) -> Result:
        """Do a step in a write transaction that it may share, as the port says."""
        with self._faults():
            return self._writer.together(step)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield the connection inside a write transaction; commit unless the block raises.

        What the block did is on disk when this returns. A transaction inside of another one of
        the same thread is committed with that.
        """
        with self._faults(), self._writer.transaction() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection for one statement that reads what is committed.

        Inside of a transaction it is that one's, and sees what it has done so far.
        """
        with self._faults():
            own = self._writer.mine()
            if own is not None:
                yield own.connection
                return
            with self._readers.reading() as connection:
                yield connection

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that sees the ledger as it is now, however long the block takes.

        Neither other threads nor other processes wait for it.
        """
        with self._faults(), self._readers.lasting() as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("ROLLBACK")

    def check(self, *, meanwhile: bool = False) -> None:
        """Look through the file for damage to its structure; raises `SiteFault`.

        It reads every page, unless nobody has written to the file since it was left in good order;
        then it does so once a day: with `meanwhile`, by a thread, and what that finds is raised by
        whatever is done with the ledger next. What was overwritten without breaking the structure
        is not seen: of the signing log's entries the chain of hashes tells.
        """
        known, recent = self._soundness.is_untouched(), self._soundness.is_recent
        if known and not recent and meanwhile:
            self._checking = threading.Thread(
                target=self._look_later, name="ledger-check", daemon=True
            )
            self._checking.start()
        elif not (known and recent):
            self._look_through()
        with ledger_faults(self._path):
            self._soundness.changes()
        self._sound = True

    def _look_later(self) -> None:
        with suppress(SiteFault):  # which is remembered, and raised by whatever comes next
            self._look_through()

    def _look_through(self) -> None:
        with self.snapshot() as connection:
            # Asked now and then amid the statement, for closing cannot wait for gigabytes.
            connection.set_progress_handler(self._closing.is_set, _STEPS)
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise SiteFault(
                    _DAMAGED, f"{display(str(self._path))}: {' '.join(str(found).split())}"
                )
            connection.set_progress_handler(None, 0)
        self._soundness.checked = time.time()

    def close(self) -> None:
        """Close the connections; a call after that is a `SiteFault`."""
        self._closing.set()
        if self._checking is not None:
            self._checking.join(_PATIENCE_AT_END)  # who looks only, may be stopped at any time
        self._readers.close()
        self._writer.close()
        if self._sound and not self._damage:
            self._soundness.is_left()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Translate errors, and refuse whatever comes after damage: no page is sure then."""
        if self._damage:
            raise SiteFault(_DAMAGED, self._damage)
        try:
            with ledger_faults(self._path):
                yield
        except SiteFault as fault:
            if fault.code == _DAMAGED:
                self._damage = self._damage or fault.detail
            raise

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        if _journal_mode(connection) != "wal" and _journal_mode(connection, "=WAL") != "wal":
            raise SiteFault("ledger.unusable", "write-ahead logging is not possible there")
        if schema.is_current(connection):
            return
        with self.transaction():
            schema.migrate(connection)


def _journal_mode(connection: sqlite3.Connection, assignment: str = "") -> str:
    row = connection.execute(f"PRAGMA journal_mode{assignment}").fetchone()
    return str(row[0])


class _Engine:
    """The one connection that writes, and the transaction that is under way on it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.close = connection.close

    def begin(self, *, supposing: bool) -> _Engine:  # what it is asked costs nothing
        """Begin a transaction; wait for that of another process."""
        self.connection.execute("BEGIN IMMEDIATE")
        return self

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Take back what the block did, and nothing else, when it raises."""
        self.connection.execute("SAVEPOINT block")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK TO block")
            raise
        finally:
            self.connection.execute("RELEASE block")

    def commit(self) -> None:
        """Return when what was done is on disk."""
        self.connection.execute("COMMIT")

    def settle(self) -> None:
        """Return at once."""

    def undo(self) -> None:
        """Take back all of it; after some errors SQLite has done that by itself."""
        with suppress(sqlite3.Error):
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")


class Face:
    """One of the ledger's ports, on a store it shares with the others."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
