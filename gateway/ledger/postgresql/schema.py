"""The schema on PostgreSQL: the same migrations, and who can live with them.

A migration that begins with `-- additive` leaves what earlier versions write and read as it was
(new tables; new columns with a default): nodes that do not know it go on working, so that nodes
are brought forward one after another. After any other, earlier versions are refused.
"""

from __future__ import annotations

import re

from gateway.core.errors import SiteFault, UsageFault
from gateway.ledger import schema
from gateway.ledger.connection import Connection
from gateway.ledger.postgresql import own_schema
from gateway.ledger.postgresql.connection import PostgresqlConnection

_ADDITIVE = "-- additive"
_KNOWN = "SELECT to_regclass('ledger_schema') IS NOT NULL, current_setting('server_encoding')"
_VERSION = "SELECT version, compatible_from FROM ledger_schema"
_FILLS = re.compile(r"(?:--[^\n]*\n)*(?:UPDATE\b|INSERT\b[^;]*\bSELECT\b)")
"""What fills new columns and tables from old ones, which a new ledger has nothing in."""
# What only PostgreSQL has: which schema this is, and who may work on the site.
_OWN = (
    """
CREATE TABLE ledger_schema (
  one             bigint PRIMARY KEY CHECK (one = 1),
  version         bigint NOT NULL,
  compatible_from bigint NOT NULL         -- the oldest version of the schema that is served
)
""",
    """
CREATE TABLE site_lease (
  one    bigint PRIMARY KEY CHECK (one = 1),
  holder text COLLATE "C" NOT NULL,
  term   bigint NOT NULL,
  until  timestamptz NOT NULL
)
""",
    """
CREATE FUNCTION ledger_fence(who text, number bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM site_lease WHERE holder = who AND term = number) THEN
    RAISE EXCEPTION 'another node has taken over' USING ERRCODE = 'SG001';
  END IF;
END $$
""",
)


def is_current(connection: Connection) -> bool:
    """Tell whether nothing is to be migrated; raises `UsageFault` (`ledger.newer`)."""
    known = len(schema.migrations())
    version, compatible_from = _version(connection)
    if version > known and compatible_from > known:
        detail = f"its schema is {version}, this version knows {known}"
        raise UsageFault("ledger.newer", detail)
    return version >= known and own_schema.is_current(connection)


def migrate(connection: PostgresqlConnection) -> None:
    """Apply what is missing, inside the caller's transaction."""
    # Looked at again inside the transaction: another node may have been first.
    if is_current(connection):
        return
    version, compatible_from = _version(connection)
    if not version:
        for statement in _OWN:
            connection.execute(statement)
    for number, migration in enumerate(schema.migrations()[version:], version + 1):
        for statement in schema.statements(migration):
            if version or not _FILLS.match(statement):
                connection.define(statement)
        if not migration.startswith(_ADDITIVE):
            compatible_from = number
    connection.execute("DELETE FROM ledger_schema")
    connection.execute(
        "INSERT INTO ledger_schema (one, version, compatible_from) VALUES (1, ?, ?)",
        (max(version, len(schema.migrations())), compatible_from),
    )
    own_schema.migrate(connection)


def _version(connection: Connection) -> tuple[int, int]:
    known, encoding = connection.execute(_KNOWN).fetchone()
    if encoding != "UTF8":
        raise SiteFault("ledger.unusable", f"the database's encoding is {encoding}, not UTF8")
    return connection.execute(_VERSION).fetchone() if known else (0, 0)
