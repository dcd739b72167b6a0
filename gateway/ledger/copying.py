"""A copy of the ledger in a file of its own, taken while others work.

Writers are held back for the moment in which somebody copies what belongs to the ledger's state
at that moment; the ledger itself is copied afterwards, from a snapshot that began in it. So the
copy and those files are together what a crash at that moment would have left.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from gateway.core.chain import Flaw
from gateway.core.errors import UsageFault
from gateway.ledger import schema
from gateway.ledger.audit import audit
from gateway.ledger.connection import Connection, Store
from gateway.ledger.faults import ledger_faults

_HEAD = "SELECT sequence, hash FROM head"
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
_KEYS = "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk"
_COLUMNS = "SELECT name FROM pragma_table_info(?) ORDER BY cid"
_PAGE = 1000
_LET_IN = ("sessions", "one_time_links", "sign_ons")
"""Who was let in, or may be, by the copy: what has ended since would be open again."""


@dataclass(frozen=True)
class Copied:
    """What a copy shows."""

    entries: int
    """Of the signing log."""
    head: str
    """Hash of the last one; empty when the ledger has no record of it."""
    schema: int


def copy_ledger(store: Store, target: Path, meanwhile: Callable[[], None]) -> Copied:
    """Write the ledger into a new file, as it is while `meanwhile` runs and nobody commits.

    Raises `SiteFault`; `UsageFault` (`ledger.newer`) when it has tables that we do not know.
    """
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    with ExitStack() as stack:
        with store.transaction() as held:
            held.execute(_HEAD).fetchone()  # answered when nobody else can commit any more
            source = stack.enter_context(store.snapshot())
            source.execute(_HEAD).fetchone()  # a snapshot begins with what is first read
            meanwhile()
        with ledger_faults(target), closing(_connect(target)) as copy:
            if isinstance(source, sqlite3.Connection):
                source.backup(copy)
            else:
                _fill(source, copy)
            # One file, which can be read where nothing can be written.
            copy.execute("PRAGMA journal_mode=DELETE").fetchone()
            return _shown(copy)


def examine(file: Path) -> tuple[Copied, tuple[Flaw, ...]]:
    """Return what a copy shows, and the flaws of its log; nothing is written.

    Raises `SiteFault` when it is no ledger; `UsageFault` (`ledger.newer`).
    """
    with ledger_faults(file):
        address = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
            shown = _shown(connection)
            if shown.schema > len(schema.migrations()):
                schema.is_current(connection)
            if shown.schema < len(schema.migrations()):
                return shown, _of_earlier(connection)
            return shown, audit(connection)


def relocate(file: Path, moved: Mapping[Path, Path]) -> None:
    """Let a copy's paths lead to where their folders are now, and end all sessions.

    Of several folders above a path the deepest counts. Raises `SiteFault`.
    """
    deepest = sorted(moved.items(), key=lambda pair: len(pair[0].parts), reverse=True)
    pairs = [(os.fsencode(old), os.fsencode(new)) for old, new in deepest]

    def elsewhere(path: bytes) -> bytes:
        for old, new in pairs:
            if path == old or path.startswith(old + b"/"):
                return new + path[len(old) :]
        return path

    with ledger_faults(file), closing(_connect(file)) as connection:
        connection.create_function("elsewhere", 1, elsewhere, deterministic=True)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "UPDATE jobs SET spooled = elsewhere(spooled), delivered = elsewhere(delivered),"
            " returned = elsewhere(returned)"
        )
        connection.execute("UPDATE renewals SET path = elsewhere(path)")
        for table in _LET_IN:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608  # a name of our own schema
        connection.execute("COMMIT")


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _shown(connection: sqlite3.Connection) -> Copied:
    entries, head = connection.execute(_HEAD).fetchone() or (0, "")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return Copied(int(entries), str(head), int(version))


def _of_earlier(connection: sqlite3.Connection) -> tuple[Flaw, ...]:
    """Audit a ledger of an earlier version as it will be when it is brought forward."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as forward:
        connection.backup(forward)
        schema.migrate(forward)
        return audit(forward)


def _fill(source: Connection, copy: sqlite3.Connection) -> None:
    """Copy a database's rows into a new file; triggers are for what comes after."""
    (version,) = source.execute("SELECT version FROM ledger_schema").fetchone()
    known = len(schema.migrations())
    if version > known:
        detail = f"its schema is {version}, this version knows {known}"
        raise UsageFault("ledger.newer", detail)
    copy.execute("BEGIN IMMEDIATE")
    schema.migrate(copy)
    triggers = copy.execute(_TRIGGERS).fetchall()
    for name, _ in triggers:
        copy.execute(f"DROP TRIGGER {name}")
    for (table,) in copy.execute(_TABLES).fetchall():
        copy.execute(f"DELETE FROM {table}")  # noqa: S608  # names of our own schema
        _fill_table(source, copy, table)
    for _, statement in triggers:
        copy.execute(statement)
    copy.execute("COMMIT")


def _fill_table(source: Connection, copy: sqlite3.Connection, table: str) -> None:
    columns = [name for (name,) in copy.execute(_COLUMNS, (table,))]
    keys = [name for (name,) in copy.execute(_KEYS, (table,))] or columns
    named, order = (", ".join(f'"{name}"' for name in names) for names in (columns, keys))
    places = [columns.index(key) for key in keys]
    after, last = "", ()
    while True:
        statement = f"SELECT {named} FROM {table} {after} ORDER BY {order} LIMIT ?"  # noqa: S608
        rows = source.execute(statement, (*last, _PAGE)).fetchall()
        marks = ", ".join("?" for _ in columns)
        copy.executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", rows)  # noqa: S608
        if len(rows) < _PAGE:
            return
        last = tuple(rows[-1][place] for place in places)
        after = f"WHERE ({order}) > ({', '.join('?' for _ in keys)})"
