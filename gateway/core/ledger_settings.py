"""Where the ledger is kept, when it is not in a file of the state folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gateway.core.secret import Secret


@dataclass(frozen=True)
class PostgresqlSettings:
    """A database of a PostgreSQL server."""

    host: str
    """Name or address, or the folder of the server's socket."""
    port: int
    database: str
    user: str
    password: Secret | None
    """None where the server knows the user otherwise, such as by its socket."""
    encrypted: bool
    """TLS, with the server's certificate checked against its name."""
    ca_file: Path | None
    """PEM; None trusts the authorities of the machine."""
    takeover: float = 15.0
    """Seconds without a sign of life after which another node may take over."""
