"""A PostgreSQL server of the tests' own: a cluster in a temporary folder, on loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from gateway.ledger.postgresql.address import PostgresqlAddress
from gateway.ledger.postgresql.ledger import PostgresqlLedger
from tests.certificates import ServerCertificate
from tests.loopback import LoopbackServer
from tests.standing_clock import StandingClock

USER = "sealgate"
PASSWORD = "loopback only"
"""For connections by TCP."""
_PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"))
_TABLES = """
SELECT string_agg(format('DELETE FROM %I;', relname), '' ORDER BY relname) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  AND relname NOT IN ('ledger_schema', 'own_schema')
"""
_NUMBERS = """
SELECT string_agg(format('ALTER SEQUENCE %I RESTART;', relname), '') FROM pg_class
WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
"""


def _somebody() -> int | None:
    """Return who runs the server: it refuses to be root's."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


class PostgresqlServer:
    """One cluster; start it, make databases, stop it."""

    def __init__(self, *, durable: bool = False) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="sealgate-postgresql-"))
        self._data, self._user = self.root / "data", _somebody()
        made = ServerCertificate.make(self.root)
        self.ca_file = made.certificate
        """What vouches for the server, to who comes by TCP."""
        password = self.root / "password"
        password.write_text(PASSWORD)
        made.key.chmod(0o600)
        for path in (self.root, *self.root.iterdir()):
            if self._user is not None:
                os.chown(path, self._user, -1)
        self._run(
            *("initdb", f"--username={USER}", "--encoding=UTF8", "--locale=C.UTF-8"),
            *("--no-sync", "--no-instructions", f"--pgdata={self._data}"),
            *("--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password}"),
        )
        self.port = LoopbackServer(self.root).port
        self._options = (
            *("-c", f"port={self.port}", "-c", "listen_addresses=127.0.0.1"),
            *("-c", f"unix_socket_directories={self.root}", "-c", "shared_buffers=16MB"),
            *("-c", "ssl=on", "-c", f"ssl_cert_file={made.certificate}"),
            *("-c", f"ssl_key_file={made.key}"),
            *("-c", "autovacuum=off", "-c", "wal_level=minimal", "-c", "max_wal_senders=0"),
            *(() if durable else ("-c", "fsync=off", "-c", "full_page_writes=off")),
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self.root / "words").open("ab") as words:
            self._process = subprocess.Popen(
                [str(_PROGRAMS / "postgres"), "-D", str(self._data), *self._options],
                stdout=words,
                stderr=words,
                user=self._user,
                cwd="/",
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                self.address("postgres").connect().close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise AssertionError((self.root / "words").read_text()) from None
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends sessions first, SIGQUIT is as good as a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def remove(self) -> None:
        """Stop it and remove its folder."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.root)

    def address(self, database: str) -> PostgresqlAddress:
        """Return where one of its databases is, by its socket, which asks for no password."""
        return PostgresqlAddress(
            (("host", str(self.root)), ("port", self.port), ("dbname", database), ("user", USER))
        )

    def create(self, database: str) -> PostgresqlAddress:
        """Make an empty database."""
        self.execute("postgres", f"CREATE DATABASE {database}")
        return self.address(database)

    def execute(self, database: str, *statements: str) -> None:
        """Do as the server's administrator whatever is to be done."""
        with self.address(database).connect() as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(_PROGRAMS / program), *arguments]
        done = subprocess.run(command, capture_output=True, user=self._user, cwd="/", check=False)
        assert done.returncode == 0, done.stderr.decode()


@contextmanager
def lasting_server() -> Iterator[PostgresqlServer]:
    """Yield a server that keeps what it has committed, whatever happens to it."""
    server = PostgresqlServer(durable=True)
    try:
        server.start()
        yield server
    finally:
        server.remove()


class LedgerDatabase:
    """One database with a ledger in it, emptied for each test."""

    def __init__(self, server: PostgresqlServer) -> None:
        self.server = server
        self.address = server.create("ledger")
        PostgresqlLedger(self.address, StandingClock()).close()

    def empty(self) -> None:
        """Let the ledger be as a new one: quicker than making one."""
        with self.address.connect() as connection:
            gathered: list[str] = []
            for question in (_TABLES, _NUMBERS):
                row = connection.execute(question.encode()).fetchone()
                assert row is not None
                gathered.append(row[0])
            head = "INSERT INTO head VALUES (1, 0, repeat('0', 64));"
            all_of_it = f"SET session_replication_role = replica; {''.join(gathered)} {head}"
            connection.execute(all_of_it.encode())
