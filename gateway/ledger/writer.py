"""Group commit: transactions of several threads reach the disk together.

Theory of operation
-------------------
One connection writes. A thread that wants to waits for its turn; the first of a group begins the
transaction, and each thread's block runs under a savepoint of its own, so that an error takes
back what that block did and nothing else. Who leaves commits for the whole group, unless another
thread is waiting for its turn already: then the commit is left to that one, up to a bound. So
nobody waits for company that may not come, and while one commit is on its way to the disk the
next group gathers by itself.

No block's caller goes on before the commit of its group is on disk: neither with a result nor
with an error, for a refusal may rest on what another block of the group has written. When the
commit fails, everybody in the group is told so, and nothing of it happened.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_MOST = 64
"""Transactions that share a commit."""
_OVERDUE = 0.1
"""Seconds after which one who waits for a commit sees to it: the thread that it was left to may
have been interrupted."""


class _Group:
    """Transactions that are committed together."""

    def __init__(self) -> None:
        self.members = 0
        self.ended = threading.Event()
        self.failure: sqlite3.Error | None = None


class Writer:
    """The one connection of a process that writes; for many threads."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._turn = threading.Lock()
        self._inside = 0
        """Identity of the thread whose turn it is."""
        self._coming = 0
        """Threads that wait for their turn."""
        self._counting = threading.Lock()
        self._open: _Group | None = None

    def mine(self) -> bool:
        """Tell whether the calling thread is inside of a transaction."""
        return self._inside == threading.get_ident()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection; what the block has done is on disk when this returns.

        A transaction inside of another is undone alone, but committed with that one. Raises
        `sqlite3.Error`.
        """
        if self.mine():
            with self._savepoint(self._open):
                yield self.connection
            return
        group = self._join()
        try:
            with self._savepoint(group):
                yield self.connection
        finally:
            self._leave(group)
            self._await_end(group)
        if group.failure is not None:
            raise group.failure.with_traceback(None)

    def close(self) -> None:
        """Close the connection, after the transaction that is under way."""
        with self._turn:
            self.connection.close()

    def _join(self) -> _Group:
        """Wait for the turn; begin a transaction, unless one is left open by others."""
        with self._counting:
            self._coming += 1
        try:
            self._turn.acquire()
        finally:
            with self._counting:
                self._coming -= 1
        try:
            if self._open is None:
                self.connection.execute("BEGIN IMMEDIATE")
                self._open = _Group()
        except BaseException:
            self._turn.release()
            raise
        self._inside = threading.get_ident()
        self._open.members += 1
        return self._open

    def _leave(self, group: _Group) -> None:
        try:
            if group.failure or not self._coming or group.members >= _MOST:
                self._commit(group)
        finally:
            self._inside = 0
            self._turn.release()

    def _await_end(self, group: _Group) -> None:
        while not group.ended.wait(_OVERDUE):
            with self._turn:
                if self._open is group:
                    self._commit(group)

    def _commit(self, group: _Group) -> None:
        """End a group's transaction, well or not, and tell everybody in it."""
        try:
            if group.failure is None:
                self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            group.failure = error
        finally:
            if self.connection.in_transaction:
                with suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
            self._open = None
            group.ended.set()

    @contextmanager
    def _savepoint(self, group: _Group | None) -> Iterator[None]:
        self.connection.execute("SAVEPOINT block")
        try:
            yield
            self.connection.execute("RELEASE block")
        except BaseException as error:
            try:
                self.connection.execute("ROLLBACK TO block")
                self.connection.execute("RELEASE block")
            except sqlite3.Error as gone:
                # After some errors SQLite has rolled back everything by itself.
                if group is not None:
                    group.failure = error if isinstance(error, sqlite3.Error) else gone
            raise
