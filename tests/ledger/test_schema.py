"""The schema and its migrations."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault, UsageFault
from gateway.ledger import SqliteFile, SqliteLedger, schema
from gateway.ledger.seals import registered_seals
from tests.ledger.making import StandingClock, travelled


def _objects(*scripts: str) -> dict[tuple[str, str], str]:
    """Return what scripts create, without comments and white space."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for script in scripts:
            for statement in schema.statements(script):
                connection.execute(statement)
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql <> ''")
        return {
            (kind, name): re.sub(r"\s+", "", re.sub(r"--.*", "", sql)) for kind, name, sql in rows
        }


def test_schema_is_the_sum_of_its_migrations() -> None:
    """The schema that people read is the one that the migrations make."""
    assert _objects(schema.whole()) == _objects(*schema.migrations())
    assert len(_objects(schema.whole())) > 10


def test_new_ledger_is_at_the_newest_version(path: Path, ledger: SqliteLedger) -> None:
    """A new file gets every migration and says so."""
    with closing(sqlite3.connect(path)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        assert version == len(schema.migrations()) >= 1
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_opening_again_changes_nothing(path: Path, clock: StandingClock) -> None:
    """What is in a ledger is still there when it is opened again."""
    first = SqliteLedger(path, clock)
    job = travelled(first, "one")
    first.close()
    second = SqliteLedger(path, clock)
    assert second.get("one") == job
    assert second.verify() == ()
    second.close()


def test_older_ledger_is_brought_forward(
    path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger of an earlier version gets what it lacks, and keeps what it has."""
    first = SqliteLedger(path, clock)
    job = travelled(first, "one")
    first.close()
    known = schema.migrations()
    later = (*known, "CREATE TABLE later (\n  thing TEXT\n);\nINSERT INTO later VALUES ('here');")
    monkeypatch.setattr(schema, "migrations", lambda: later)
    second = SqliteLedger(path, clock)
    assert second.get("one") == job
    second.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT thing FROM later").fetchall() == [("here",)]
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(known) + 1


def test_broken_migration_leaves_the_ledger_as_it_was(
    path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A migration is applied as a whole or not at all."""
    SqliteLedger(path, clock).close()
    known = schema.migrations()
    with monkeypatch.context() as patch:
        broken = (*known, "CREATE TABLE half (thing TEXT);\nINSERT INTO nowhere VALUES (1);")
        patch.setattr(schema, "migrations", lambda: broken)
        with pytest.raises(SiteFault) as fault:
            SqliteLedger(path, clock)
        assert fault.value.code == "ledger.unusable"
    with closing(sqlite3.connect(path)) as connection:
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchall()
    SqliteLedger(path, clock).close()


def test_newer_ledger_is_refused(path: Path, clock: StandingClock) -> None:
    """A ledger that a newer version wrote is not touched."""
    SqliteLedger(path, clock).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=999")
    with pytest.raises(UsageFault) as fault:
        SqliteLedger(path, clock)
    assert fault.value.code == "ledger.newer"


def test_seals_of_an_older_ledger_are_read_before_it_is_brought_forward(path: Path) -> None:
    """Rules are loaded before the ledger is opened for writing: its seals are known by then."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for migration in schema.migrations():
            if "fixed_size" in migration:
                break
            for statement in schema.statements(migration):
                connection.execute(statement)
        connection.execute(
            "INSERT INTO seals (name, service, owner, keeper, valid_from, valid_until, approval,"
            " standing, revision) VALUES ('round', 'csc', '', '', '', '', 1, 'active', 3)"
        )
    (seal,) = registered_seals(SqliteFile(path))
    assert (seal.name, seal.approval, seal.fixed_size, seal.revision) == ("round", True, False, 3)
