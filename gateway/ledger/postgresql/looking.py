"""Looking into a database in which there need not be a ledger yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gateway.ledger.connection import Connection
from gateway.ledger.postgresql.address import PostgresqlAddress
from gateway.ledger.postgresql.connection import PostgresqlConnection
from gateway.ledger.postgresql.faults import ledger_faults

Found = TypeVar("Found")


@dataclass(frozen=True)
class PostgresqlPlace:
    """A `Place`: a database."""

    address: PostgresqlAddress

    def look(self, table: str, read: Callable[[Connection], Found]) -> Found | None:
        """Return what is read in one snapshot, as the port says."""
        with ledger_faults(str(self.address)), self.address.connect() as raw:
            raw.execute(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection = PostgresqlConnection(raw)
            (known,) = connection.execute("SELECT to_regclass(?) IS NOT NULL", (table,)).fetchone()
            return read(connection) if known else None
