"""A connection of psycopg behind the ledger's small `Connection`.

In a transaction statements are sent without waiting for what they come to, until somebody looks
(libpq's pipeline mode), and while it is supposed that nothing is refused (`ledger.writer`) nobody
looks at what a job's step has changed: the server refuses by itself what follows when that was
nothing. So any number of steps takes three ways to the server and back, and the lock of all
writers is held for one of them. What a statement objects to is raised where the next result is
looked at, at the latest by the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from gateway.ledger.connection import ChangesOne, Rows
from gateway.ledger.log import ENTRY, HEAD, MOVE_HEAD
from gateway.ledger.postgresql.statements import definition, guarded, statement

Raw = psycopg.Connection[tuple[Any, ...]]
# One statement instead of two: the entry comes first, for the head is moved to what it returns.
_ENTRY = f"""
WITH entry AS ({ENTRY} RETURNING sequence, hash)
UPDATE head SET sequence = entry.sequence, hash = entry.hash FROM entry
"""  # noqa: S608  # our own
Head = tuple[Any, ...]
"""Sequence and hash of the log's last entry."""


class Sent:
    """A statement that was sent; looking at what it came to waits for it."""

    def __init__(self, cursor: psycopg.Cursor[tuple[Any, ...]], pipeline: psycopg.Pipeline) -> None:
        self._cursor = cursor
        self._pipeline = pipeline

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""
        self.wait()
        return self._cursor.rowcount

    @property
    def description(self) -> Any:
        """What columns its rows have."""
        self.wait()
        return self._cursor.description

    def fetchone(self) -> Any:
        """Return the next row, or None."""
        return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        return self._cursor.fetchall()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor.fetchall())

    def wait(self) -> None:
        """Wait until it is known what it came to."""
        if self._cursor.pgresult is None:
            self._pipeline.sync()


class _Known:
    """A row that nobody has to ask for, or a change that is supposed to be one."""

    rowcount = 1
    description = None

    def __init__(self, *rows: tuple[Any, ...]) -> None:
        self._rows = list(rows)

    def fetchone(self) -> Any:
        """Return the row."""
        return self._rows.pop() if self._rows else None

    def fetchall(self) -> list[Any]:
        """Return the row, in a list."""
        rows, self._rows = self._rows, []
        return rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())


class PostgresqlConnection:
    """The port through which the rooms of the ledger speak to PostgreSQL."""

    def __init__(
        self, raw: Raw, pipeline: psycopg.Pipeline | None = None, *, supposing: bool = False
    ) -> None:
        self.raw = self._raw = raw
        self._pipeline = pipeline
        self.supposing = supposing
        self.head: Head | None = None
        """The log's, once it is known: nobody else appends meanwhile."""

    def execute(self, common: str, parameters: Any = (), /) -> Rows:
        """Run one statement."""
        if common is HEAD and self.head is not None:
            return _Known(self.head)
        if common is MOVE_HEAD:
            self.head = parameters
            return _Known()
        if common is ENTRY:
            common = _ENTRY
        if self.supposing and isinstance(common, ChangesOne):
            self._send(guarded(common), parameters)
            return _Known()
        cursor = self._send(statement(common), parameters)
        return cursor if self._pipeline is None else Sent(cursor, self._pipeline)

    def _send(self, query: bytes, parameters: Any) -> psycopg.Cursor[tuple[Any, ...]]:
        try:
            return self._raw.execute(query, parameters)
        except psycopg.DataError:
            # Found before anything is sent: PostgreSQL's texts cannot hold NUL, SQLite's can.
            without = _without_nul(parameters)
            if without == parameters:
                raise
            return self._raw.execute(query, without)

    def executemany(self, common: str, parameters: Iterable[Any], /) -> None:
        """Run one statement for each of several rows of parameters."""
        rows = [_without_nul(row) for row in parameters]
        if rows:
            self._raw.cursor().executemany(statement(common), rows)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Take back what the block did, and nothing else, when it raises."""
        head = self.head
        self._raw.execute(b"SAVEPOINT block")
        try:
            yield
            if self._pipeline is not None:
                self._pipeline.sync()
        except BaseException:
            self.head = head
            if self._pipeline is not None:
                with suppress(psycopg.Error):
                    self._pipeline.sync()
            self._raw.execute(b"ROLLBACK TO SAVEPOINT block")
            raise
        self._raw.execute(b"RELEASE SAVEPOINT block")

    def fill(self, table: str, columns: list[str], rows: Iterable[tuple[object, ...]]) -> None:
        """Copy rows into an empty table as they are; no trigger looks at them.

        It may take as long as it takes; so may what follows in this transaction.
        """
        self._raw.execute(b"SET LOCAL statement_timeout = 0", prepare=False)
        self._raw.execute(b"SET LOCAL idle_in_transaction_session_timeout = 0", prepare=False)
        names = ", ".join(f'"{column}"' for column in columns)
        self._raw.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        with self._raw.cursor().copy(f"COPY {table} ({names}) FROM STDIN".encode()) as target:
            for row in rows:
                target.write_row(_without_nul(row))
        self._raw.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())

    def run(self, script: str) -> None:
        """Run a script of PostgreSQL's own as it is."""
        self._raw.execute(script.encode(), prepare=False)

    def define(self, common: str) -> None:
        """Run one statement of a migration."""
        self._raw.execute(definition(common), prepare=False)


def _without_nul(parameters: Any) -> Any:
    if isinstance(parameters, Mapping):
        return {name: _shown(value) for name, value in parameters.items()}
    return [_shown(value) for value in parameters]


def _shown(value: object) -> object:
    return value.replace("\0", r"\x00") if isinstance(value, str) else value
