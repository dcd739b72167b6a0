"""The ledger in a PostgreSQL database: sessions that write in turn, one for each who reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from psycopg import sql
from psycopg.errors import LockNotAvailable

from gateway.ledger.connection import Connection, Result
from gateway.ledger.postgresql import schema
from gateway.ledger.postgresql.address import PostgresqlAddress
from gateway.ledger.postgresql.connection import PostgresqlConnection, Raw
from gateway.ledger.postgresql.faults import ledger_faults
from gateway.ledger.postgresql.standing_still import end_who_stands_still
from gateway.ledger.postgresql.writing import BEGIN, PostgresqlEngine, is_alive
from gateway.ledger.readers import Readers
from gateway.ledger.writer import Writer

_LOOK = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_END_SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND application_name = ?
"""


class PostgresqlStore:
    """An open ledger in a PostgreSQL database, at the newest schema; safe for several threads."""

    def __init__(self, address: PostgresqlAddress) -> None:
        self._address = address
        self._where = str(address)
        self._holder = ""
        """The node whose name our sessions have."""
        self._readers = Readers(self._connect, is_alive)
        self._engine = PostgresqlEngine(self._connect)
        self._writer = Writer(self._engine)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def together(self, step: Callable[[Connection], Result]) -> Result:
        """Do a step in a write transaction that it may share, as the port says."""
        with ledger_faults(self._where):
            return self._writer.together(step)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield a connection inside of a write transaction; commit unless the block raises.

        A transaction inside of another one of the same thread is committed with that.
        """
        with ledger_faults(self._where), self._writer.transaction() as connection:
            yield connection

    @contextmanager
    def bulk(self) -> Iterator[PostgresqlConnection]:
        """Yield a connection as `transaction` does, for definitions and copies of many rows.

        It is not fenced.
        """
        with ledger_faults(self._where), self._readers.reading() as raw:
            try:
                for one in BEGIN:
                    raw.execute(one)
            except LockNotAvailable:
                end_who_stands_still(self._connect)
                raise
            yield PostgresqlConnection(raw)
            raw.execute(b"COMMIT")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection for one statement that reads what is committed.

        Inside of a transaction it is that one's, and sees what it has done so far.
        """
        with ledger_faults(self._where):
            own = self._writer.mine()
            if own is not None:
                yield own.connection
                return
            with self._readers.reading() as raw:
                yield PostgresqlConnection(raw)

    @contextmanager
    def snapshot(self) -> Iterator[PostgresqlConnection]:
        """Yield a connection that sees the ledger as it is now, however long the block takes."""
        with ledger_faults(self._where), self._readers.reading() as raw:
            raw.execute(_LOOK)
            yield PostgresqlConnection(raw)
            raw.execute(b"ROLLBACK")

    def fence(self, function: str, *arguments: object) -> None:
        """Commit nothing from here on when the function objects: see `leases` and `nodes`."""
        question = sql.SQL("SELECT {}({})").format(
            sql.Identifier(function), sql.SQL(", ").join(map(sql.Literal, arguments))
        )
        self._engine.fence(function, question.as_string().encode())

    def unfence(self, function: str) -> None:
        """Ask a function no more: what it guards was given back."""
        self._engine.fence(function, b"")

    def end_sessions(self, holder: str) -> None:
        """End the sessions of a node's process, which may be stopped; never our own."""
        if self._holder != holder:
            with self.reading() as connection:
                connection.execute(_END_SESSIONS, (session_name(holder),)).fetchall()

    def named(self, holder: str) -> None:
        """Let the server know our sessions by a node: whoever takes over from it ends them."""
        self._holder = holder
        self._address = self._address.named(session_name(holder))
        self._engine.renew()
        self._readers.renew()

    @contextmanager
    def session(self) -> Iterator[Raw]:
        """Yield a session outside of transactions, for who has statements of its own."""
        with ledger_faults(self._where), self._readers.reading() as raw:
            yield raw

    @property
    def address(self) -> PostgresqlAddress:
        """Where the ledger is, as `named`."""
        return self._address

    def close(self) -> None:
        """Close the sessions; a call after that is a `SiteFault`."""
        self._readers.close()
        self._writer.close()

    def _connect(self) -> Raw:
        return self._address.connect()

    def _prepare(self) -> None:
        with self.reading() as connection:
            if schema.is_current(connection):
                return
        with self.bulk() as connection:
            schema.migrate(connection)


def session_name(holder: str) -> str:
    """Return how the server knows the sessions of the node that works on the site."""
    return f"sealgate:{holder}"
