"""Where a PostgreSQL ledger is, and how sessions there are set up."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import psycopg
from psycopg.conninfo import make_conninfo

from gateway.ledger.postgresql.connection import Raw

# What it says there is raised as well.
logging.getLogger("psycopg").setLevel(logging.ERROR)

PATIENCE = 15.0
"""Seconds to wait for other transactions; longer than one may lie idle, so that a session whose
process is stopped is ended before others give up."""
IDLE = 10.0
"""Seconds for which a session may lie idle amid a transaction."""
_LONGEST = 60.0
_ANSWER = 20.0
"""Seconds after which a server that does not acknowledge what it was sent counts as gone."""
# A session's own settings count: with others, a commit would not be on disk when it returns,
# or a stopped process could hold up the site for ever.
_SESSION = f"""
SET synchronous_commit = on;
SET lock_timeout = '{PATIENCE:.0f}s';
SET statement_timeout = '{_LONGEST:.0f}s';
SET idle_in_transaction_session_timeout = '{IDLE:.0f}s';
""".encode()


@dataclass(frozen=True)
class PostgresqlAddress:
    """How to connect; `parameters` are libpq's, without those that are set here."""

    parameters: tuple[tuple[str, str | int], ...]
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        """Return it for messages, as `postgresql://HOST/DATABASE`."""
        known = dict(self.parameters)
        port = f":{known['port']}" if known.get("port") else ""
        return f"postgresql://{known.get('host', '')}{port}/{known.get('dbname', '')}"

    def named(self, application: str) -> PostgresqlAddress:
        """Return the same address, whose sessions the server knows by a name."""
        named = dict(self.parameters) | {"application_name": application}
        return PostgresqlAddress(tuple(named.items()), self.password)

    def keywords(self) -> dict[str, str | int]:
        """Return libpq's parameters, with the password."""
        secret: dict[str, str | int] = {"password": self.password} if self.password else {}
        defaults: dict[str, str | int] = {
            "application_name": "sealgate",
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 2,
            "tcp_user_timeout": int(_ANSWER * 1000),
        }
        return defaults | dict(self.parameters) | {"client_encoding": "utf8"} | secret

    def connect(self) -> Raw:
        """Open a session; raises `psycopg.Error`."""
        connection = psycopg.connect(make_conninfo("", **self.keywords()), autocommit=True)
        try:
            connection.execute(_SESSION)
        except BaseException:
            connection.close()
            raise
        return connection
