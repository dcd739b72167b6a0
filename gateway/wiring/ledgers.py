"""Choose the ledger's engine, and move a ledger from one to the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gateway.core.errors import UsageFault
from gateway.core.ledger_settings import PostgresqlSettings
from gateway.core.site import SiteSettings
from gateway.ledger import Ledger, Place, SqliteFile, SqliteLedger
from gateway.ports import Clock

if TYPE_CHECKING:
    from gateway.ledger.postgresql.address import PostgresqlAddress
    from gateway.ledger.postgresql.moving import Moved

FILE = "ledger.sqlite"


def open_ledger(state: Path, database: PostgresqlSettings | None, clock: Clock) -> Ledger:
    """Open the ledger of a site; raises `UsageFault` and `SiteFault`."""
    if database is None:
        if (state / "vault").is_dir() and not (state / FILE).exists():
            # A new ledger would know nothing of what was sealed and paid for.
            raise UsageFault("ledger.missing", str(state / FILE))
        return SqliteLedger(state / FILE, clock)
    if (state / FILE).exists():
        # A new ledger beside it would know nothing of the jobs under way.
        raise UsageFault("ledger.not-moved", str(state / FILE))
    from gateway.ledger.postgresql.ledger import PostgresqlLedger  # noqa: PLC0415  # where chosen

    return PostgresqlLedger(_address(database), clock)


def ledger_place(state: Path, database: PostgresqlSettings | None) -> Place:
    """Return where the ledger of a site is, for who only looks."""
    if database is None or (state / FILE).exists():
        return SqliteFile(state / FILE)
    from gateway.ledger.postgresql.looking import PostgresqlPlace  # noqa: PLC0415

    return PostgresqlPlace(_address(database))


def move_ledger(settings: SiteSettings, clock: Clock, actor: str) -> Moved:
    """Move the ledger of a site on which nobody works from its file to the database.

    Raises `UsageFault` (`ledger.no-database`, and as `moving.move`) and `SiteFault`.
    """
    if settings.ledger is None:
        raise UsageFault("ledger.no-database")
    from gateway.ledger.postgresql.moving import move  # noqa: PLC0415

    return move(settings.state / FILE, _address(settings.ledger), clock, actor)


def _address(database: PostgresqlSettings) -> PostgresqlAddress:
    from gateway.ledger.postgresql.address import PostgresqlAddress  # noqa: PLC0415

    parameters: dict[str, str | int] = {
        "host": database.host,
        "port": database.port,
        "dbname": database.database,
        "user": database.user,
        "sslmode": "verify-full" if database.encrypted else "disable",
    }
    if database.encrypted:
        trusted = database.ca_file
        parameters["sslrootcert"] = str(trusted) if trusted is not None else "system"
    password = database.password.value if database.password is not None else ""
    return PostgresqlAddress(tuple(parameters.items()), password)
