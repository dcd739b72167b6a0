"""The SQLite file: one connection, one lock, explicit transactions.

Every write is one `BEGIN IMMEDIATE` … `COMMIT`, so that a second process waits instead of
failing halfway, and what was read inside the transaction (the log's head, a job's version)
is still true when it commits. With `synchronous=FULL` a commit is on disk when it returns.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.ledger import schema
from gateway.ledger.connection import Store
from gateway.ledger.faults import ledger_faults
from gateway.ledger.location import make_room
from gateway.ports import Clock

_PATIENCE = 10.0
"""Seconds to wait for another process's transaction."""


class SqliteStore:
    """An open ledger file, at the newest schema."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        with ledger_faults(path):
            make_room(path)
            self._connection = self._connect()
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection inside a write transaction; commit unless the block raises."""
        with self._lock, ledger_faults(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself after some errors; a second time is one too many.
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection for one statement that reads."""
        with self._lock, ledger_faults(self._path):
            yield self._connection

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that sees the ledger as it is now, however long the block takes.

        It is a connection of its own: neither other threads nor other processes wait for it.
        """
        with ledger_faults(self._path), closing(self._connect()) as connection:
            connection.execute("BEGIN")
            yield connection

    def close(self) -> None:
        """Close the connection; a call after that is a `SiteFault`."""
        with self._lock:
            self._connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    def _prepare(self) -> None:
        if self._journal_mode() != "wal" and self._journal_mode("=WAL") != "wal":
            raise SiteFault("ledger.unusable", "write-ahead logging is not possible there")
        if schema.is_current(self._connection):
            return
        with self.transaction() as connection:
            schema.migrate(connection)

    def _journal_mode(self, assignment: str = "") -> str:
        row = self._connection.execute(f"PRAGMA journal_mode{assignment}").fetchone()
        return str(row[0])


class Face:
    """One of the ledger's ports, on a store it shares with the others."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
