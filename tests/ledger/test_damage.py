"""A ledger whose file is damaged or gone is not worked with."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.core.errors import SealgateError, SiteFault
from gateway.core.states import Event
from gateway.ledger import SqliteLedger
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
