"""Looking into a ledger that need not be there, without writing to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from gateway.ledger.faults import ledger_faults

Found = TypeVar("Found")


def look(ledger: Path, table: str, read: Callable[[sqlite3.Connection], Found]) -> Found | None:
    """Return what is read in one snapshot of a ledger; None when there is no ledger or no table.

    Raises `SiteFault` (`ledger.unusable`, `ledger.busy`) when it is there and cannot be read.
    """
    if not ledger.exists():
        return None
    with ledger_faults(ledger):
        address = f"{ledger.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            known = "SELECT 1 FROM sqlite_master WHERE name = ?"
            if connection.execute(known, (table,)).fetchone() is None:
                return None  # an earlier version wrote it; it is brought forward when opened
            return read(connection)
