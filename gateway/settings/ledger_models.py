"""What may stand below `ledger:` in `gateway.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.settings.service_models import SecretReference
from gateway.settings.written import Part, PathText, Takeover, Words


class PostgresqlPart(Part):
    """A database of a PostgreSQL server, version 13 or newer, made with encoding UTF8."""

    host: Words
    """Name or address of the server, or the folder of its socket, such as /run/postgresql."""
    port: Annotated[int, Field(ge=1, le=65535)] = 5432
    """Of the server."""
    database: Words = "sealgate"
    """Its name."""
    user: Words = "sealgate"
    """Who we are to the server; the owner of the database."""
    password: SecretReference | None = None
    """What proves it; none where the server knows us otherwise, such as by its socket."""
    encryption: Literal["tls", "none"] | None = None
    """tls, with the certificate checked, or none; when not given, none on this machine only."""
    ca_file: PathText | None = None
    """PEM certificates by which the server's is checked; those of the machine when not given."""
    takeover: Takeover = "15s"  # type: ignore[assignment]
    """A node that stands by takes over from one that has given no sign of life for so long."""


class LedgerPart(Part):
    """Where the ledger is kept."""

    postgresql: PostgresqlPart | None = None
    """In a database, instead of in the file ledger.sqlite of the state folder."""
