"""A ledger whose file is damaged or gone is not worked with."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.core.errors import SealgateError, SiteFault
from gateway.core.states import Event
from gateway.ledger import SqliteLedger, soundness
from gateway.ledger.store import SqliteStore
from gateway.wiring.ledgers import open_ledger
from tests.ledger.damaging import damage
from tests.ledger.making import StandingClock, new_job


def test_check_finds_an_overwritten_page(path: Path, clock: StandingClock) -> None:
    """Where a page was overwritten while nobody worked, the check says so; a whole file passes."""
    ledger = SqliteLedger(path, clock)
    ledger.open(new_job("one"), {})
    ledger.check()
    ledger.close()
    damage(path, "jobs_by_bytes")
    ledger = SqliteLedger(path, clock)
    with pytest.raises(SiteFault) as fault:
        ledger.check()
    assert fault.value.code == "ledger.damaged"
    ledger.close()


def test_untouched_file_is_not_looked_through_again(
    path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is, as soon as anybody has written to it, after a crash, and when a day has passed."""
    looks = []
    look = SqliteStore._look_through
    monkeypatch.setattr(SqliteStore, "_look_through", lambda self: looks.append(path) or look(self))

    def started() -> int:
        before = len(looks)
        opened = SqliteLedger(path, clock)
        opened.check()
        opened.open(new_job(f"job-{before}-{clock.monotonic()}"), {})
        opened.close()
        return len(looks) - before

    assert [started() for _ in range(3)] == [1, 0, 0]
    other = SqliteLedger(path, clock)  # such as a command, which checks nothing
    other.record("a.thing", {})
    other.close()
    assert [started() for _ in range(2)] == [1, 0]
    with path.open("r+b") as file:
        file.write(b"S")  # as it was
    assert [started() for _ in range(2)] == [1, 0]
    crashed = SqliteLedger(path, clock)
    crashed.check()
    assert [started() for _ in range(2)] == [1, 1], "its log is there, and it has the file open"
    crashed.close()
    monkeypatch.setattr(soundness, "_RECENT", 0.0)
    assert [started() for _ in range(2)] == [1, 1]


def test_damage_that_no_time_tells_of_is_found_meanwhile(
    path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a disk did to an untouched file is found beside the work, and nothing follows it."""
    ledger = SqliteLedger(path, clock)
    ledger.open(new_job("one"), {})
    ledger.check()
    ledger.close()
    damage(path, "jobs_by_bytes")
    monkeypatch.setattr(soundness.Soundness, "is_untouched", lambda self: True)
    monkeypatch.setattr(soundness, "_RECENT", 0.0)
    ledger = SqliteLedger(path, clock)
    ledger.check(meanwhile=True)
    assert ledger._file._checking is not None
    ledger._file._checking.join(60)
    with pytest.raises(SiteFault) as fault:
        ledger.record("a.thing", {})
    assert fault.value.code == "ledger.damaged"
    ledger.close()
    monkeypatch.undo()
    ledger = SqliteLedger(path, clock)
    with pytest.raises(SiteFault):
        ledger.check(meanwhile=True)
    ledger.close()


def test_nothing_follows_damage(path: Path, clock: StandingClock) -> None:
    """Once damage is met, the process commits nothing more, not even where pages are sound."""
    ledger = SqliteLedger(path, clock)
    job = ledger.open(new_job("one"), {})
    ledger.close()
    damage(path, "holds")
    ledger = SqliteLedger(path, clock)
    with pytest.raises(SiteFault) as fault:
        ledger.all()
    assert fault.value.code == "ledger.damaged"
    with pytest.raises(SiteFault) as again:
        ledger.advance(job, Event.ACCEPTED, {}, sha256="ab")
    assert again.value.code == "ledger.damaged"
    ledger.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT state FROM jobs").fetchall() == [("claimed",)]


def test_ledger_that_is_gone_is_not_begun_anew(tmp_path: Path, clock: StandingClock) -> None:
    """Where a site has worked before, a missing ledger is an error: it knows what was paid for."""
    (tmp_path / "vault").mkdir()
    with pytest.raises(SealgateError) as fault:
        open_ledger(tmp_path, None, clock)
    assert fault.value.code == "ledger.missing"
    assert [path.name for path in tmp_path.iterdir()] == ["vault"]
