"""A ledger moves from its file to a database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault, UsageFault
from gateway.ledger import SqliteLedger
from gateway.ledger.postgresql import moving
from gateway.ledger.postgresql.address import PostgresqlAddress
from gateway.ledger.postgresql.ledger import PostgresqlLedger
from gateway.ledger.postgresql.moving import move
from tests.ledger.filling import PRICE, fill
from tests.ledger.making import StandingClock, tamper, travelled
from tests.postgresql import LedgerDatabase


@pytest.fixture
def address(ledger_database: LedgerDatabase) -> PostgresqlAddress:
    """Return where an empty ledger is."""
    ledger_database.empty()
    return ledger_database.address


@pytest.fixture
def told(path: Path, clock: StandingClock) -> Iterator[SqliteLedger]:
    """Yield a ledger with something in many of its tables."""
    with closing(SqliteLedger(path, clock)) as ledger:
        fill(ledger)
        yield ledger


def _all(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute(moving._TABLES)]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}")) for name in tables}  # noqa: S608


def _shown(value: object) -> object:
    return value.replace("\0", r"\x00") if isinstance(value, str) else value


def test_everything_is_moved(
    told: SqliteLedger, path: Path, address: PostgresqlAddress, clock: StandingClock
) -> None:
    """Every row of every table is there; the log is whole and goes on; the file is kept."""
    moved = move(path, address, clock, "user:test")
    assert not path.exists()
    assert moved.flaws == ()
    before = _all(moved.kept)
    with address.connect() as database, closing(PostgresqlLedger(address, clock)) as ledger:
        (last,) = ledger.entries(event="ledger.moved")
        assert last.sequence == moved.entries + 1
        for table in sorted(before.keys() - {"log", "head"}):
            found = database.execute(f"SELECT * FROM {table}".encode()).fetchall()  # noqa: S608
            assert sorted(found) == [tuple(map(_shown, row)) for row in before[table]], table
        assert sum(bool(rows) for rows in before.values()) > 15
        travelled(ledger, "three")
        assert ledger.begin(PRICE, "", "bb") == 2
        assert ledger.verify() == ()


def test_old_file_is_closed(
    told: SqliteLedger, path: Path, address: PostgresqlAddress, clock: StandingClock
) -> None:
    """Who has the file still open is refused: nothing is written where nobody will look."""
    move(path, address, clock, "user:test")
    with pytest.raises(SiteFault, match="moved to PostgreSQL"):
        travelled(told, "three")
    assert told.get("three") is None


def test_database_in_use_is_not_overwritten(
    told: SqliteLedger, path: Path, address: PostgresqlAddress, clock: StandingClock
) -> None:
    """A database with jobs of its own is left alone, and so is the file."""
    with closing(PostgresqlLedger(address, clock)) as ledger:
        travelled(ledger, "other")
        with pytest.raises(UsageFault) as fault:
            move(path, address, clock, "user:test")
        assert fault.value.code == "ledger.not-empty"
        assert ledger.verify() == ()
    assert path.exists()
    travelled(told, "three")


def test_interrupted_move_is_finished(
    told: SqliteLedger,
    path: Path,
    address: PostgresqlAddress,
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed before the file was put aside, the command does that when it is run again."""
    with monkeypatch.context() as patch:
        patch.setattr(moving, "_put_aside", lambda file, now: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            move(path, address, clock, "user:test")
    moved = move(path, address, clock, "user:test")
    assert moved.kept.exists()
    assert not path.exists()
    with closing(PostgresqlLedger(address, clock)) as ledger:
        assert len(list(ledger.entries(event="ledger.moved"))) == 1
        assert ledger.verify() == ()
    with pytest.raises(UsageFault, match=r"ledger\.no-file"):
        move(path, address, clock, "user:test")


def test_flaws_are_moved_and_told(
    told: SqliteLedger, path: Path, address: PostgresqlAddress, clock: StandingClock
) -> None:
    """A log that somebody has altered is not made good by moving it."""
    tamper(path, "UPDATE log SET actor = 'x' WHERE sequence = 3")
    moved = move(path, address, clock, "user:test")
    assert [flaw.sequence for flaw in moved.flaws] == [3]
    with closing(PostgresqlLedger(address, clock)) as ledger:
        assert ledger.verify() == moved.flaws


def test_copy_that_differs_is_given_up(
    told: SqliteLedger,
    path: Path,
    address: PostgresqlAddress,
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When a row is missing from the copy, nothing is moved."""
    monkeypatch.setattr(moving, "_paged", lambda found: iter(found.fetchall()[1:]))
    with pytest.raises(SiteFault, match="were copied"):
        move(path, address, clock, "user:test")
    assert path.exists()
    travelled(told, "three")
    with closing(PostgresqlLedger(address, clock)) as ledger:
        assert list(ledger.entries()) == []
