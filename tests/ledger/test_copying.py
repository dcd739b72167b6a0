"""A copy of the ledger, taken while others write: for backups."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import SiteFault, UsageFault
from gateway.core.states import State
from gateway.ledger import Ledger, SqliteLedger, schema
from gateway.ledger.copying import examine, relocate
from gateway.ledger.postgresql.ledger import PostgresqlLedger
from tests.ledger.filling import fill
from tests.ledger.making import StandingClock, new_job, tamper, travelled
from tests.postgresql import LedgerDatabase

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest, path: Path, clock: StandingClock) -> Iterator[Ledger]:
    """Yield a filled ledger in each of the engines."""
    opened: Ledger
    if request.param == "sqlite":
        opened = SqliteLedger(path, clock)
    else:
        database: LedgerDatabase = request.getfixturevalue("ledger_database")
        database.empty()
        opened = PostgresqlLedger(database.address, clock)
    with closing(opened):
        fill(opened)
        yield opened


def _rows(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(file)) as connection:
        tables = [name for (name,) in connection.execute(_TABLES)]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}")) for name in tables}  # noqa: S608


def _shown(rows: dict[str, list[tuple[Any, ...]]]) -> str:
    """Write rows out, NUL as PostgreSQL has it."""
    return str(rows).replace(r"\\x00", r"\x00")


def test_copy_is_the_ledger_of_one_moment(
    anywhere: Ledger, tmp_path: Path, clock: StandingClock
) -> None:
    """Who writes meanwhile waits, and is not in the copy; nothing else is missing from it."""
    copy = tmp_path / "copy.sqlite"
    writing = threading.Thread(target=travelled, args=(anywhere, "three"))
    entries = len(list(anywhere.entries()))

    def meanwhile() -> None:
        writing.start()
        writing.join(0.3)
        assert writing.is_alive()
        assert anywhere.get("three") is None

    copied = anywhere.copy_to(copy, meanwhile)
    writing.join(30)
    assert anywhere.get("three") is not None
    assert [path.name for path in tmp_path.glob("copy.sqlite*")] == ["copy.sqlite"]
    assert copy.stat().st_mode & 0o777 == 0o600
    shown, flaws = examine(copy)
    assert (shown, flaws) == (copied, ())
    assert copied.entries == entries
    with closing(SqliteLedger(copy, clock)) as opened:
        assert opened.get("three") is None
        assert opened.get("one") == anywhere.get("one")
        assert [hold.subject for hold in opened.all()] == ["service:csc"]
        assert opened.people.all() == anywhere.people.all()
        travelled(opened, "four")
        assert opened.verify() == ()
        with pytest.raises(SiteFault, match="append-only"), opened._store.transaction() as one:
            one.execute("UPDATE log SET actor = 'x'")
    assert sum(bool(rows) for rows in _rows(copy).values()) > 15


def test_copies_of_both_engines_are_the_same(
    path: Path, clock: StandingClock, tmp_path: Path, ledger_database: LedgerDatabase
) -> None:
    """Whatever engine a site has, its backup is one file of the same content."""
    ledger_database.empty()
    files = []
    for opened in (
        SqliteLedger(path, StandingClock()),
        PostgresqlLedger(ledger_database.address, StandingClock()),
    ):
        with closing(opened):
            fill(opened)
            files.append(tmp_path / f"{type(opened).__name__}.sqlite")
            opened.copy_to(files[-1], lambda: None)
    first, second = (_shown(_rows(file)) for file in files)
    assert first == second


def test_copy_of_an_altered_log_says_so(ledger: SqliteLedger, path: Path, tmp_path: Path) -> None:
    """A backup is no way to make a log whole."""
    fill(ledger)
    tamper(path, "UPDATE log SET actor = 'x' WHERE sequence = 3")
    ledger.copy_to(tmp_path / "copy.sqlite", lambda: None)
    _, flaws = examine(tmp_path / "copy.sqlite")
    assert [flaw.sequence for flaw in flaws] == [3]


def test_newer_copy_is_refused(ledger: SqliteLedger, tmp_path: Path) -> None:
    """What a newer version wrote is not guessed at."""
    copy = tmp_path / "copy.sqlite"
    ledger.copy_to(copy, lambda: None)
    tamper(copy, f"PRAGMA user_version={len(schema.migrations()) + 1}")
    with pytest.raises(UsageFault, match=r"ledger\.newer"):
        examine(copy)
    copy.write_bytes(b"no ledger at all" * 64)
    with pytest.raises(SiteFault, match=r"ledger\.damaged"):
        examine(copy)


def test_paths_lead_to_where_their_folders_are_now(
    ledger: SqliteLedger, tmp_path: Path, clock: StandingClock
) -> None:
    """The deepest folder that moved counts; what lies elsewhere stays; nobody is logged in."""
    for job in ("a", "b", "c"):
        ledger.open(new_job(job), {})
    spooled = {"a": "/old/state/spool/a\udce9", "b": "/old/x/b", "c": "/older/c"}
    copy = tmp_path / "copy.sqlite"
    ledger.copy_to(copy, lambda: None)
    with closing(sqlite3.connect(copy)) as connection, connection:
        for job, path in spooled.items():
            raw = path.encode("utf-8", "surrogateescape")
            connection.execute("UPDATE jobs SET spooled = ? WHERE id = ?", (raw, job))
    relocate(copy, {Path("/old"): Path("/new"), Path("/old/state"): Path("/var/s")})
    with closing(SqliteLedger(copy, clock)) as opened:
        found = {job.id: job.spooled for job in opened.find((State.CLAIMED,))}
    assert found == {"a": "/var/s/spool/a\udce9", "b": "/new/x/b", "c": "/older/c"}
