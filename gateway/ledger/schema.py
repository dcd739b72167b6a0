"""Migrations: numbered SQL files, each applied once, in order, in one transaction.

`schema.sql` is their sum, for reading; a test keeps the two equal. A migration that was
released is never edited: a change is a new file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import cache
from importlib import resources

from gateway.core.errors import UsageFault


@cache
def migrations() -> tuple[str, ...]:
    """Return the text of every migration, the first to apply first."""
    folder = resources.files("gateway.ledger") / "migrations"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return tuple(file.read_text(encoding="utf-8") for file in files)


def whole() -> str:
    """Return the whole schema as one text."""
    return (resources.files("gateway.ledger") / "schema.sql").read_text(encoding="utf-8")


def is_current(connection: sqlite3.Connection) -> bool:
    """Tell whether nothing is to be migrated; raises `UsageFault` (`ledger.newer`)."""
    version = _version(connection)
    if version > len(migrations()):
        known = len(migrations())
        raise UsageFault("ledger.newer", f"its schema is {version}, this version knows {known}")
    return version == len(migrations())


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing, inside the caller's transaction."""
    # Looked at again inside the transaction: another process may have been first.
    if is_current(connection):
        return
    for migration in migrations()[_version(connection) :]:
        for statement in statements(migration):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version={len(migrations())}")


def statements(text: str) -> Iterator[str]:
    """Yield the statements of a script; triggers, which have `;` inside, in one piece."""
    gathered = ""
    for line in text.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered.strip()
            gathered = ""


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
