"""Damage to the file of a ledger that nobody has open."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def damage(path: Path, what: str | int) -> str:
    """Overwrite the first half of a root page: of a table or index, or of one by its number.

    Returns whose it was. What is in the WAL goes into the file before.
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        rows = connection.execute(
            "SELECT name, rootpage FROM sqlite_master WHERE rootpage > 0 ORDER BY rootpage"
        ).fetchall()
    pages = dict(rows)
    name = what if isinstance(what, str) else str(rows[what % len(rows)][0])
    with path.open("r+b") as file:
        file.seek((pages[name] - 1) * size)
        file.write(b"\xa5" * (size // 2))
    return name
