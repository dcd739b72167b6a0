"""Looking into a ledger that need not be there, without writing to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from gateway.ledger.connection import Connection
from gateway.ledger.faults import ledger_faults

Found = TypeVar("Found")


class Place(Protocol):
    """Where a ledger is, or will be."""

    def look(self, table: str, read: Callable[[Connection], Found]) -> Found | None:
        """Return what is read in one snapshot; None when there is no ledger or no such table.

        Raises `SiteFault` when it is there and cannot be read.
        """


@dataclass(frozen=True)
class SqliteFile:
    """A `Place`: a file."""

    path: Path

    def look(self, table: str, read: Callable[[Connection], Found]) -> Found | None:
        """Return what is read in one snapshot, as the port says."""
        if not self.path.exists():
            return None
        with ledger_faults(self.path):
            address = f"{self.path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
                connection.execute("BEGIN")
                known = "SELECT 1 FROM sqlite_master WHERE name = ?"
                if connection.execute(known, (table,)).fetchone() is None:
                    return None  # an earlier version wrote it; it is brought forward when opened
                return read(connection)
