"""A process that ends inside a transaction leaves no half of it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.core.job import Artifact, Slot
from gateway.core.states import Event, State
from gateway.ledger import SqliteLedger
from tests.ledger.making import StandingClock, new_job

_VICTIM = """
import os, signal, sqlite3, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])

class Dying(sqlite3.Connection):
    armed = False
    def execute(self, statement, *rest):
        if Dying.armed and statement == "COMMIT" and sys.argv[2] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = super().execute(statement, *rest)
        if Dying.armed and statement == "COMMIT":
            os.kill(os.getpid(), signal.SIGKILL)
        return done

real = sqlite3.connect
sqlite3.connect = lambda *given, **named: real(*given, **named, factory=Dying)
from tests.ledger.making import StandingClock, new_job
from gateway.core.states import Event
from gateway.ledger import SqliteLedger

ledger = SqliteLedger(Path(sys.argv[1]), StandingClock())
job = ledger.open(new_job("one"), {})
Dying.armed = True
ledger.advance(job, Event.ACCEPTED, {}, sha256="ab")
"""


@pytest.mark.parametrize(("moment", "state"), [("before", "claimed"), ("after", "accepted")])
def test_killed_around_a_commit(path: Path, clock: StandingClock, moment: str, state: str) -> None:
    """Killed before its commit a step never happened, killed after it it did; never half."""
    command = [sys.executable, "-c", _VICTIM, str(path), moment, str(Path(__file__).parents[2])]
    done = subprocess.run(command, check=False, timeout=60)
    assert done.returncode == -9
    ledger = SqliteLedger(path, clock)
    job = ledger.get("one")
    assert job is not None
    assert job.state == State(state)
    assert job.sha256 == ("ab" if state == "accepted" else "")
    assert len(list(ledger.entries(job="one"))) == job.version
    assert ledger.verify() == ()
    ledger.close()


def test_failed_commit_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit that fails is rolled back, told by its code, and the next one succeeds."""

    class Failing(sqlite3.Connection):
        failing = False

        def execute(self, statement: str, *rest: object) -> sqlite3.Cursor:
            if statement == "COMMIT" and Failing.failing:
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorcode = sqlite3.SQLITE_FULL
                raise error
            return super().execute(statement, *rest)  # type: ignore[arg-type]

    real = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *given, **named: real(*given, **named, factory=Failing)
    )
    ledger = SqliteLedger(path, StandingClock())
    job = ledger.open(new_job("one"), {})
    Failing.failing = True
    original = Artifact(Slot.ORIGINAL, "ab", 3)
    with pytest.raises(SiteFault) as fault:
        ledger.advance(job, Event.ACCEPTED, {}, artifacts=(original,))
    assert fault.value.code == "site.disk-full"
    Failing.failing = False
    assert ledger.get("one") == job
    assert ledger.advance(job, Event.ACCEPTED, {}, artifacts=(original,)) == ledger.get("one")
    assert ledger.verify() == ()
    ledger.close()


def test_entry_that_cannot_be_written_undoes_the_step(ledger: SqliteLedger) -> None:
    """State and log entry are one: where the entry cannot be made, the job stays."""
    job = ledger.open(new_job("one"), {})
    with ledger._store.transaction() as connection:
        connection.execute("UPDATE head SET sequence = 41")
        connection.execute("DELETE FROM head")
    with pytest.raises(SiteFault) as fault:
        ledger.advance(job, Event.ACCEPTED, {})
    assert fault.value.code == "ledger.unusable"
    assert "log verify" in fault.value.sentence
    assert ledger.get("one") == job
