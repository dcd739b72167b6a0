"""What the rooms of the ledger need of a database, so that one set of statements serves all.

Statements are written in what SQLite and PostgreSQL have in common: marks are `?` or `:name`,
`"user"` is quoted, a changed column of an upsert is named with its table, and lists are spelt
out (`marks`). What remains different is in one file an engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

EVERY = 2**63 - 1
"""A limit that is none."""
Result = TypeVar("Result")


class ChangesOne(str):
    """A statement that changes one row, unless what its caller knows is out of date.

    Where that can be found out later, its `rowcount` is 1 meanwhile: see `writer`.
    """

    __slots__ = ()


class Rows(Protocol):
    """What a statement came to."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    @property
    def description(self) -> Any:  # of each column; its name comes first
        """What columns its rows have."""

    def fetchone(self) -> Any:  # columns are of any type
        """Return the next row, or None."""

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """An open database; `sqlite3.Connection` is one."""

    def execute(self, statement: str, parameters: Any = ..., /) -> Rows:
        """Run one statement."""

    def executemany(self, statement: str, parameters: Iterable[Any], /) -> object:
        """Run one statement for each of several rows of parameters."""


class Store(Protocol):
    """An open ledger; safe to use from several threads. Its faults are `SiteFault`s."""

    def together(self, step: Callable[[Connection], Result]) -> Result:
        """Do a step in a write transaction that it may share; return what it returns, or raise.

        What is read inside is still true when it commits, and on disk when this returns. The
        step may be called twice, by any thread: what it changes is the ledger alone.
        """

    def transaction(self) -> AbstractContextManager[Connection]:
        """Yield a connection inside of a write transaction; commit unless the block raises."""

    def reading(self) -> AbstractContextManager[Connection]:
        """Yield a connection for one statement that reads."""

    def snapshot(self) -> AbstractContextManager[Connection]:
        """Yield a connection that sees the ledger as it is now, however long the block takes."""

    def close(self) -> None:
        """Close it; a call after that is a `SiteFault`."""


def marks(values: Iterable[object]) -> str:
    """Return as many marks as there are values; without any, what no value is in."""
    return ", ".join("?" for _ in values) or "NULL"
