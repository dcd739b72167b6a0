"""Ledgers of every earlier version are brought forward with what is in them, and not back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import UsageFault
from gateway.core.states import Event
from gateway.ledger import SqliteLedger, schema
from gateway.ledger.copying import examine
from tests.ledger.filling import fill
from tests.ledger.making import StandingClock, new_job, travelled

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
_EARLIER = range(1, len(schema.migrations()) + 1)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a ledger of the present version, with something in many of its tables."""
    file = tmp_path_factory.mktemp("filled") / "state" / "ledger.sqlite"
    with closing(SqliteLedger(file, StandingClock())) as ledger:
        fill(ledger)
        ledger.remember("mount:invoices", "17")
        ledger.save_snapshot("ab" * 32, '{"rules": []}')
    return file


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    found = connection.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,))
    return [name for (name,) in found]


def _tables(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute(_TABLES)]


def _as_of(version: int, filled: Path, file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Make a ledger as an earlier version would have left it; return its rows, by table."""
    file.parent.mkdir(mode=0o700)
    rows = {}
    with (
        closing(sqlite3.connect(filled)) as source,
        closing(sqlite3.connect(file, isolation_level=None)) as made,
    ):
        made.execute("PRAGMA journal_mode=WAL")
        for migration in schema.migrations()[:version]:
            for statement in schema.statements(migration):
                made.execute(statement)
        triggers = made.execute(_TRIGGERS).fetchall()
        for name, _ in triggers:
            made.execute(f"DROP TRIGGER {name}")
        for table in _tables(made):
            names = [one for one in _columns(made, table) if one in _columns(source, table)]
            listed = ", ".join(f'"{name}"' for name in names)
            rows[table] = source.execute(f"SELECT {listed} FROM {table}").fetchall()  # noqa: S608
            made.execute(f"DELETE FROM {table}")  # noqa: S608
            marks = ", ".join("?" for _ in names)
            insert = f"INSERT INTO {table} ({listed}) VALUES ({marks})"  # noqa: S608
            made.executemany(insert, rows[table])
        for _, statement in triggers:
            made.execute(statement)
        made.execute(f"PRAGMA user_version={version}")
    return rows


@pytest.mark.parametrize("version", _EARLIER)
def test_every_earlier_ledger_is_brought_forward(
    version: int, filled: Path, path: Path, clock: StandingClock
) -> None:
    """Whatever was in it is in it still, its log is whole, and work goes on."""
    before = _as_of(version, filled, path)
    assert sum(map(bool, before.values())) >= 3
    with closing(SqliteLedger(path, clock)) as ledger:
        assert ledger.verify() == ()
        known = ledger.get("one")
        assert known is not None
        assert [entry.event for entry in ledger.entries(job="two")] == ["job.claimed", "job.held"]
        held = ledger.get("two")
        assert held is not None
        assert ledger.advance(held, Event.ACCEPTED, {}, sha256="ab").version == held.version + 1
        travelled(ledger, "three")
        assert ledger.verify() == ()
    with closing(sqlite3.connect(path)) as after, closing(sqlite3.connect(filled)) as source:
        assert set(_tables(after)) == set(_tables(source))
        assert after.execute("PRAGMA user_version").fetchone() == (len(schema.migrations()),)
        for table, rows in before.items():
            names = [one for one in _columns(source, table) if one in _columns(after, table)]
            if table in ("jobs", "head", "log"):
                continue  # which have just gone on
            kept = after.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
            assert names
            assert kept[0] >= len(rows), table


@pytest.mark.parametrize("version", _EARLIER)
def test_backup_from_before_an_upgrade_is_whole(version: int, filled: Path, path: Path) -> None:
    """It is judged as it will be when it is brought forward, and not a byte of it changes."""
    _as_of(version, filled, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    content = path.read_bytes()
    shown, flaws = examine(path)
    assert (shown.schema, flaws) == (version, ())
    assert path.read_bytes() == content
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("additive", [True, False])
def test_earlier_program_leaves_a_newer_ledger_alone(
    additive: bool, path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that a newer version has brought forward is refused by its code, and not touched."""
    with monkeypatch.context() as newer:
        remark = "-- additive\n" if additive else ""
        later = (*schema.migrations(), f"{remark}CREATE TABLE later (thing TEXT);")
        newer.setattr(schema, "migrations", lambda: later)
        with closing(SqliteLedger(path, clock)) as ledger:
            ledger.open(new_job("one"), {})
    before = {one.name: one.read_bytes() for one in path.parent.iterdir()}
    with pytest.raises(UsageFault) as fault:
        SqliteLedger(path, clock)
    assert fault.value.code == "ledger.newer"
    assert "Install that version" in fault.value.remedy
    assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == before
