"""From a ledger's file to a database: everything, or nothing, and the log is whole afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from gateway.core.chain import Flaw
from gateway.core.errors import SiteFault, UsageFault
from gateway.ledger.audit import audit
from gateway.ledger.connection import Connection
from gateway.ledger.log import append
from gateway.ledger.postgresql.address import PostgresqlAddress
from gateway.ledger.postgresql.connection import PostgresqlConnection
from gateway.ledger.postgresql.store import PostgresqlStore
from gateway.ledger.store import SqliteStore
from gateway.ports import Clock

_PAGE = 1000
# Made first are those that others refer to. `head` and `facts` have rows in an empty ledger, too.
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_OF_EVERY_LEDGER = ("head", "facts")
_NUMBERED = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = current_schema() AND is_identity = 'YES'
"""
_HAS_ENTRY = "SELECT 1 FROM log WHERE sequence = ? AND hash = ?"
# Who has the file still open must not go on writing into what is only kept.
_CLOSED = """
CREATE TRIGGER IF NOT EXISTS ledger_was_moved BEFORE INSERT ON log
BEGIN
  SELECT RAISE(ABORT, 'the ledger was moved to PostgreSQL');
END
"""


@dataclass(frozen=True)
class Moved:
    """What was moved."""

    rows: int
    entries: int
    """Of the signing log."""
    flaws: tuple[Flaw, ...]
    """What was wrong with the log before, and still is."""
    kept: Path
    """The file, under its new name."""


def move(file: Path, address: PostgresqlAddress, clock: Clock, actor: str) -> Moved:
    """Copy a ledger's file into an empty database, compare, and put the file aside.

    Interrupted, it is done again from the start, or finished. Raises `UsageFault`
    (`ledger.no-file`, `ledger.not-empty`) and `SiteFault` (`ledger.unusable` as well when the
    copy is not what was copied).
    """
    if not file.exists():
        raise UsageFault("ledger.no-file", str(file))
    with closing(SqliteStore(file)) as source, closing(PostgresqlStore(address)) as target:
        with source.transaction() as old, target.bulk() as new:
            head = old.execute("SELECT sequence, hash FROM head").fetchone()
            tables = [name for (name,) in old.execute(_TABLES)]
            done = new.execute(_HAS_ENTRY, head).fetchone() is not None
            if not done:
                _check_empty(new, tables)
                for table in tables:
                    _copy(old, new, table)
                _number_on(new)
            flaws = audit(old)
            rows = sum(_rows(old, table) for table in tables)
            if not done:
                _compare(old, new, tables, flaws)
                details = {"from": file.name, "entries": str(head[0]), "rows": str(rows)}
                append(new, clock.now(), "ledger.moved", details, actor=actor)
            old.execute(_CLOSED)
        with source.reading() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return Moved(rows, head[0], flaws, _put_aside(file, clock.now()))


def _check_empty(new: Connection, tables: list[str]) -> None:
    for table in tables:
        if table not in _OF_EVERY_LEDGER and _rows(new, table):
            raise UsageFault("ledger.not-empty", f"table {table}")


def _copy(old: Connection, new: PostgresqlConnection, table: str) -> None:
    found = old.execute(f"SELECT * FROM {table}")  # noqa: S608  # a name of our own schema
    columns = [column[0] for column in found.description]
    new.execute(f"DELETE FROM {table}")  # noqa: S608
    new.fill(table, columns, _paged(found))


def _paged(found: Any) -> Iterator[tuple[object, ...]]:
    while rows := found.fetchmany(_PAGE):
        yield from rows


def _number_on(new: Connection) -> None:
    """Let new rows be numbered behind those that were copied."""
    for table, column in new.execute(_NUMBERED).fetchall():
        new.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'),"  # noqa: S608
            f" (SELECT coalesce(max({column}), 0) + 1 FROM {table}), false)"
        )


def _compare(old: Connection, new: Connection, tables: list[str], flaws: tuple[Flaw, ...]) -> None:
    for table in tables:
        here, there = _rows(old, table), _rows(new, table)
        if here != there:
            raise SiteFault("ledger.unusable", f"{there} of {here} rows of {table} were copied")
    if audit(new) != flaws:
        raise SiteFault("ledger.unusable", "the copied log is not what the file's is")


def _rows(connection: Connection, table: str) -> int:
    (found,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    return int(found)


def _put_aside(file: Path, now: datetime) -> Path:
    for number in count(1):
        again = f"-{number}" if number > 1 else ""
        kept = file.with_name(f"{file.stem}-moved-{now:%Y-%m-%d}{again}{file.suffix}")
        if not kept.exists():
            break
    return file.rename(kept)
