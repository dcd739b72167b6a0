"""What differs on PostgreSQL: its schema, its way of having one writer, and its going away."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg
import pytest

from gateway.core.errors import SiteFault, UsageFault
from gateway.core.ledger_settings import PostgresqlSettings
from gateway.core.secret import Secret
from gateway.core.states import Event, State
from gateway.ledger import schema
from gateway.ledger.postgresql import address as address_module
from gateway.ledger.postgresql import standing_still
from gateway.ledger.postgresql.address import PostgresqlAddress
from gateway.ledger.postgresql.ledger import PostgresqlLedger
from gateway.ledger.postgresql.statements import statement
from gateway.wiring.ledgers import open_ledger
from tests.certificates import ServerCertificate
from tests.ledger.making import StandingClock, new_job, together, travelled
from tests.postgresql import PASSWORD, USER, LedgerDatabase

_OWN = "('ledger_schema', 'own_schema', 'site_lease', 'nodes')"
_COLUMNS = f"""
SELECT table_name, column_name, is_nullable = 'NO' FROM information_schema.columns
WHERE table_schema = 'public' AND table_name NOT IN {_OWN}
  AND table_name NOT LIKE 'procrastinate%'
"""  # noqa: S608
_INDEXES = f"""
SELECT tablename, indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND tablename NOT IN {_OWN}
  AND tablename NOT LIKE 'procrastinate%'
"""  # noqa: S608
_TRIGGERS = """
SELECT event_object_table, trigger_name FROM information_schema.triggers
WHERE event_object_table NOT LIKE 'procrastinate%'
"""


@pytest.fixture
def address(ledger_database: LedgerDatabase) -> PostgresqlAddress:
    """Return where an empty ledger is."""
    ledger_database.empty()
    return ledger_database.address


@pytest.fixture
def ledger(address: PostgresqlAddress, clock: StandingClock) -> Iterator[PostgresqlLedger]:
    """Yield an open, empty ledger."""
    with closing(PostgresqlLedger(address, clock)) as opened:
        yield opened


def _plain(definition: str) -> str:
    """Return an index without how its engine writes it."""
    kind, _, rest = definition.partition("INDEX ")
    columns, _, condition = rest.partition(" WHERE ")
    listed = re.search(r"\(([^()]*)\)", columns)
    assert listed is not None
    condition = condition.replace("= ANY", "IN").replace("<> ALL", "NOT IN")
    words = re.sub(r"[()\s\"]|::text|ARRAY|\[|\]", "", condition)
    return f"{kind.strip()} {re.sub(r'[^a-z0-9_,]', '', listed[1])} {words}"


def test_schema_is_that_of_sqlite(address: PostgresqlAddress) -> None:
    """Both engines have the same tables, columns, indexes and triggers."""
    with closing(sqlite3.connect(":memory:")) as file:
        for one in schema.statements(schema.whole()):
            file.execute(one)
        rows = file.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        columns = {
            (row[1], column[1], bool(column[3]))
            for row in rows
            if row[0] == "table"
            for column in file.execute(f"PRAGMA table_info({row[1]})")
        }
    indexes = {(row[2], row[1]): _plain(row[3]) for row in rows if row[0] == "index" and row[3]}
    triggers = {(row[2], row[1]) for row in rows if row[0] == "trigger"}
    with address.connect() as database:
        assert set(database.execute(_COLUMNS.encode())) == columns
        found = database.execute(_INDEXES.encode()).fetchall()
        assert set(database.execute(_TRIGGERS.encode())) == triggers
    made = {(table, name): _plain(text) for table, name, text in found}
    assert {key: made.get(key) for key in indexes} == indexes
    assert len(columns) > 200
    assert len(indexes) > 15


def test_marks_are_translated() -> None:
    """Marks become psycopg's, but not in texts; hints for SQLite are left out."""
    common = "SELECT '?', ':x', \"a?\" FROM t INDEXED BY i WHERE a = ? AND b LIKE '%' AND c = :name"
    wanted = "SELECT '?', ':x', \"a?\" FROM t  WHERE a = %s AND b LIKE '%%' AND c = %(name)s"
    assert statement(common).decode() == wanted


@pytest.mark.parametrize(
    ("common", "wanted"),
    [
        ("length(CAST(log.actor AS BLOB))", "octet_length(log.actor)"),
        ("instr(lower(a), 'instr') > 0", "strpos(lower(a), 'instr') > 0"),
        ("CAST(jobs.source AS TEXT)", "encode(jobs.source, 'escape')"),
        (
            "length(CAST(a.b || CAST(a.c AS TEXT) AS BLOB)) <> length(a.b)",
            "octet_length(a.b || encode(a.c, 'escape')) <> length(a.b)",
        ),
    ],
)
def test_what_is_searched_is_translated(common: str, wanted: str) -> None:
    """Bytes are counted, found and shown as text by PostgreSQL's own functions."""
    assert statement(common).decode() == wanted


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE log SET actor = 'x' WHERE sequence = 1",
        "DELETE FROM log WHERE sequence = 1",
        "INSERT INTO log SELECT 99, at, event, job, actor, details, previous, hash FROM log",
    ],
)
def test_accidents_are_refused(
    ledger: PostgresqlLedger, address: PostgresqlAddress, change: str
) -> None:
    """The log cannot be changed by accident, with whatever tool."""
    ledger.record("a.thing", {})
    with address.connect() as database, pytest.raises(psycopg.IntegrityError, match="append-only"):
        database.execute(change.encode())
    assert ledger.verify() == ()


def test_what_was_altered_is_found(ledger: PostgresqlLedger, address: PostgresqlAddress) -> None:
    """Who puts the triggers aside is found out by the chain, as on SQLite."""
    travelled(ledger, "one")
    with address.connect() as database:
        database.execute(b"SET session_replication_role = replica")
        database.execute(b"UPDATE log SET actor = 'somebody' WHERE sequence = 7")
    assert [flaw.sequence for flaw in ledger.verify()] == [7]


def test_text_that_postgresql_cannot_hold(ledger: PostgresqlLedger) -> None:
    """A NUL in a text is kept as it is shown, and the chain is whole."""
    job = ledger.open(new_job("one"), {"what": "a\0b"})
    job = ledger.advance(job, Event.HELD, {"detail": "c\0d"}, detail="c\0d")
    ledger.record("a.thing", {}, actor="user:e\0f")
    assert ledger.get("one") == replace(job, detail=r"c\x00d")
    assert ledger.verify() == ()


_WRITER = """
import sys
sys.path.insert(0, sys.argv[4])
from tests.ledger.making import StandingClock, new_job
from gateway.core.states import Event
from gateway.ledger.postgresql.address import PostgresqlAddress
from gateway.ledger.postgresql.ledger import PostgresqlLedger

where = (("host", sys.argv[1]), ("port", sys.argv[2]), ("dbname", "ledger"), ("user", "sealgate"))
ledger = PostgresqlLedger(PostgresqlAddress(where), StandingClock())
print("open", flush=True)
job = ledger.open(new_job(sys.argv[3]), {})
for number in range(60):
    job = ledger.advance(job, Event.HELD, {"number": str(number)})
with ledger._store.transaction() as connection:
    connection.execute("SELECT 1").fetchone()
    print("inside", flush=True)
    sys.stdin.readline()
"""


def _writer(address: PostgresqlAddress, name: str) -> subprocess.Popen[str]:
    known = dict(address.parameters)
    where = (str(known["host"]), str(known["port"]), name, str(Path(__file__).parents[2]))
    command = [sys.executable, "-c", _WRITER, *where]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_processes_write_one_chain(ledger: PostgresqlLedger, address: PostgresqlAddress) -> None:
    """Writers leave one chain; one that is stopped in a transaction loses it, not the others."""
    writer = _writer(address, "one")
    assert _hear(writer) == "open"
    names = [f"thread {number}" for number in range(4)]
    threads = [threading.Thread(target=travelled, args=(ledger, name)) for name in names]
    for thread in threads:
        thread.start()
    assert _hear(writer) == "inside"
    os.kill(writer.pid, signal.SIGSTOP)
    with address.connect() as database:  # as the server does by itself after some seconds
        database.execute(
            b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            b" WHERE state = 'idle in transaction' AND datname = 'ledger'"
        )
    for thread in threads:
        thread.join(60)
    os.kill(writer.pid, signal.SIGCONT)
    writer.communicate("go\n")
    assert ledger.verify() == ()
    assert [job.id for job in ledger.find([State.ARCHIVED])] == names
    assert [job.version for job in ledger.find([State.CLAIMED])] == [61]


def test_process_stopped_amid_its_statements(
    ledger: PostgresqlLedger, address: PostgresqlAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that the server does not take for idle is ended by who waits for it."""
    monkeypatch.setattr(standing_still, "IDLE", 0.0)
    writer = _writer(address, "one")
    assert [_hear(writer), _hear(writer)] == ["open", "inside"]
    os.kill(writer.pid, signal.SIGSTOP)
    with address.connect() as database:
        (state,) = database.execute(
            b"SELECT state FROM pg_stat_activity JOIN pg_locks USING (pid)"
            b" WHERE locktype = 'advisory' AND granted AND datname = 'ledger'"
        ).fetchone() or ("",)
    assert state == "active"
    standing_still.end_who_stands_still(address.connect)
    assert ledger.record("a.thing", {}).event == "a.thing"
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    assert ledger.verify() == ()


def test_sessions_see_to_themselves(address: PostgresqlAddress) -> None:
    """Whatever the server is set to, a commit is on disk, and nobody holds up the others."""
    names = ("synchronous_commit", "lock_timeout", "idle_in_transaction_session_timeout")
    with address.connect() as database:
        known = [database.execute(f"SHOW {name}".encode()).fetchone() for name in names]
    assert known == [("on",), ("15s",), ("10s",)]


def _cut(address: PostgresqlAddress) -> None:
    """End every session but our own, as a server does that is stopped."""
    with address.connect() as database:
        database.execute(
            b"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            b" WHERE datname = 'ledger' AND pid <> pg_backend_pid()"
        )


def test_idle_sessions_that_were_ended_are_noticed(
    ledger: PostgresqlLedger, address: PostgresqlAddress
) -> None:
    """After the server was away the next call succeeds: nobody is given a dead session."""
    job = ledger.open(new_job("one"), {})
    _cut(address)
    assert ledger.get("one") == job
    _cut(address)
    assert ledger.advance(job, Event.HELD, {}).version == 2


def test_session_lost_in_a_transaction(
    ledger: PostgresqlLedger, address: PostgresqlAddress
) -> None:
    """What was under way never happened, is told as what may pass, and is done again."""
    job = ledger.open(new_job("one"), {})
    with pytest.raises(SiteFault) as fault, ledger._store.transaction() as connection:
        connection.execute("UPDATE jobs SET inbox = 'elsewhere'")
        _cut(address)
        connection.execute("UPDATE jobs SET inbox = 'nowhere'")
    assert fault.value.code == "ledger.unreachable"
    assert fault.value.retryable
    assert ledger.get("one") == job


@pytest.mark.parametrize("moment", ["before", "after"])
def test_answer_to_a_commit_is_lost(
    ledger: PostgresqlLedger,
    address: PostgresqlAddress,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    """The server is asked what became of a commit; a step is neither lost nor done twice.

    So it is told to everybody whose step was part of it.
    """
    jobs = [ledger.open(new_job(name), {}) for name in ("one", "two", "three")]
    real = psycopg.Connection.execute

    def cut(self: psycopg.Connection, query: bytes, *rest: object, **named: object) -> object:
        if query != b"COMMIT":
            return real(self, query, *rest, **named)
        if moment == "after":
            real(self, query)
        monkeypatch.undo()
        _cut(address)
        return real(self, b"SELECT 1")

    monkeypatch.setattr(psycopg.Connection, "execute", cut)
    steps = [partial(ledger.advance, job, Event.HELD, {}) for job in jobs]
    outcomes = together(ledger._store._writer, steps)
    stored = [ledger.get(job.id) for job in jobs]
    if moment == "after":
        assert stored == outcomes
    else:
        assert {getattr(one, "code", "") for one in outcomes} == {"ledger.unreachable"}
        assert stored == jobs
    assert len(list(ledger.entries())) == (6 if moment == "after" else 3)
    assert ledger.verify() == ()


def test_transaction_inside_of_another(ledger: PostgresqlLedger) -> None:
    """It sees what that one did, is taken back alone, and is committed with it."""
    with ledger._store.transaction() as connection:
        job = ledger.open(new_job("one"), {})
        assert ledger.get("one") == job
        with pytest.raises(UsageFault):
            ledger.open(new_job("one"), {})
        connection.execute("INSERT INTO facts (name, value) VALUES ('a', 'b')")
    assert ledger.recall("a") == "b"
    assert [entry.event for entry in ledger.entries()] == ["job.claimed"]
    assert ledger.verify() == ()


def test_nobody_answers(address: PostgresqlAddress) -> None:
    """A server that is not there is told by its address, without the password."""
    known = dict(address.parameters) | {"port": 1}
    nowhere = PostgresqlAddress(tuple(known.items()), "a password")
    with pytest.raises(SiteFault) as fault:
        PostgresqlLedger(nowhere, StandingClock())
    assert fault.value.code == "ledger.unreachable"
    assert ":1/ledger" in fault.value.detail
    assert "a password" not in fault.value.detail + repr(nowhere)


def test_server_has_to_prove_who_it_is(ledger_database: LedgerDatabase, tmp_path: Path) -> None:
    """By TLS only a server whose certificate is vouched for gets the password, and looks at it."""
    server = ledger_database.server
    other = ServerCertificate.make(tmp_path / "other").certificate
    good = PostgresqlSettings(
        "127.0.0.1", server.port, "ledger", USER, Secret("s", PASSWORD), True, server.ca_file
    )
    open_ledger(tmp_path, good, StandingClock()).close()
    wrong = {
        "certificate verify failed": replace(good, ca_file=other),
        "password authentication failed": replace(good, password=Secret("s", "guessed")),
        "no password supplied": replace(good, password=None),
    }
    for words, settings in wrong.items():
        with pytest.raises(SiteFault, match=words) as fault:
            open_ledger(tmp_path, settings, StandingClock())
        assert fault.value.code == "ledger.unreachable"
        assert "guessed" not in fault.value.detail


def test_long_transaction_is_waited_for(
    address: PostgresqlAddress, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another writer is waited for, then reported as what may pass; readers do not wait."""
    monkeypatch.setattr(address_module, "_SESSION", b"SET lock_timeout = '50ms'")
    with (
        closing(PostgresqlLedger(address, clock)) as ledger,
        closing(PostgresqlLedger(address, clock)) as other,
    ):
        job = ledger.open(new_job("one"), {})
        with other._store.transaction() as connection:
            connection.execute("SELECT 1").fetchone()  # it has the lock
            with pytest.raises(SiteFault) as fault:
                ledger.advance(job, Event.HELD, {})
            assert ledger.get("one") == job
        assert fault.value.code == "ledger.busy"
        assert ledger.advance(job, Event.HELD, {}).version == 2


def test_older_version_beside_a_newer_one(
    address: PostgresqlAddress, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nodes go on with a ledger that was only added to, and refuse one that was changed."""
    known = schema.migrations()
    added = (*known, "-- additive\nCREATE TABLE later (thing TEXT);")
    changed = (*added, "ALTER TABLE later ADD COLUMN another INTEGER NOT NULL;")
    old = PostgresqlLedger(address, clock)
    try:
        with monkeypatch.context() as newer:
            newer.setattr(schema, "migrations", lambda: added)
            travelled(PostgresqlLedger(address, clock), "new")
        travelled(old, "old")
        travelled(PostgresqlLedger(address, clock), "old but opened later")
        with monkeypatch.context() as newest:
            newest.setattr(schema, "migrations", lambda: changed)
            PostgresqlLedger(address, clock).close()
        with pytest.raises(UsageFault) as fault:
            PostgresqlLedger(address, clock)
        assert fault.value.code == "ledger.newer"
        assert old.verify() == ()
    finally:
        with address.connect() as database:
            database.execute(b"DROP TABLE IF EXISTS later")
            again = b"UPDATE ledger_schema SET version = %s, compatible_from = 1"
            database.execute(again, (len(known),))
        old.close()


def test_closed_ledger_is_told(address: PostgresqlAddress, clock: StandingClock) -> None:
    """A call after closing is a fault of ours, not psycopg's own exception."""
    ledger = PostgresqlLedger(address, clock)
    ledger.close()
    with pytest.raises(SiteFault):
        ledger.all()
