"""Transactions of several threads reach the disk in one commit, and nobody is told before."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault, UsageFault
from gateway.core.states import Event, State
from gateway.ledger import SqliteLedger
from tests.ledger.making import StandingClock, new_job

_VICTIM = """
import os, signal, sqlite3, sys, threading
from pathlib import Path
sys.path.insert(0, sys.argv[3])

class Dying(sqlite3.Connection):
    left = 0
    def execute(self, statement, *rest):
        if statement == "COMMIT" and Dying.left and ledger._store._writer._open.members > 1:
            Dying.left -= 1
            if not Dying.left:
                with real(sys.argv[1]) as other:
                    (entries,) = other.execute("SELECT count(*) FROM log").fetchone()
                os.write(1, f"entries {entries}\\n".encode())
            if not Dying.left and sys.argv[2] == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            done = super().execute(statement, *rest)
            if not Dying.left:
                os.kill(os.getpid(), signal.SIGKILL)
            return done
        return super().execute(statement, *rest)

real = sqlite3.connect
sqlite3.connect = lambda *given, **named: real(*given, **named, factory=Dying)
from tests.ledger.making import StandingClock, new_job
from gateway.core.states import Event
from gateway.ledger import SqliteLedger

ledger = SqliteLedger(Path(sys.argv[1]), StandingClock())
Dying.left = 12

def work(name):
    job = ledger.open(new_job(name), {})
    os.write(1, f"{name} {job.version}\\n".encode())
    while True:
        job = ledger.advance(job, Event.HELD, {})
        os.write(1, f"{name} {job.version}\\n".encode())

for number in range(16):
    threading.Thread(target=work, args=(f"job-{number:02}",)).start()
"""


class _Counting(sqlite3.Connection):
    """Counts commits, and fails them when told so."""

    commits = 0
    failing = False

    def execute(self, statement: str, *rest: object) -> sqlite3.Cursor:
        if statement == "COMMIT":
            _Counting.commits += 1
            if _Counting.failing:
                raise sqlite3.OperationalError("disk I/O error")
            time.sleep(0.005)  # as on a disk
        return super().execute(statement, *rest)  # type: ignore[arg-type]


@pytest.fixture
def counted(path: Path, monkeypatch: pytest.MonkeyPatch) -> SqliteLedger:
    """Return a ledger whose commits are counted and slow."""
    real = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *given, **named: real(*given, **named, factory=_Counting)
    )
    ledger = SqliteLedger(path, StandingClock())
    _Counting.commits, _Counting.failing = 0, False
    return ledger


def _together(ledger: SqliteLedger, calls: list[Callable[[], object]]) -> list[object]:
    """Make calls in threads that all wait for one transaction; return results or exceptions."""
    outcomes: list[object] = [None] * len(calls)

    def make(index: int) -> None:
        try:
            outcomes[index] = calls[index]()
        except Exception as error:
            outcomes[index] = error

    threads = [threading.Thread(target=make, args=(index,)) for index in range(len(calls))]
    with ledger._store.transaction():
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 30
        while ledger._store._writer._coming < len(calls) and time.monotonic() < deadline:
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    return outcomes


def test_threads_share_a_commit(counted: SqliteLedger) -> None:
    """What many threads write at once is committed once, each with a result of its own."""
    calls = [partial(counted.open, new_job(f"job-{number:02}"), {}) for number in range(20)]
    jobs = _together(counted, calls)
    assert _Counting.commits == 1
    assert list(counted.find([State.CLAIMED])) == jobs
    assert counted.verify() == ()


def test_many_threads_need_fewer_commits(counted: SqliteLedger) -> None:
    """Threads that go on writing share commits all the time, and the chain stays whole."""

    def work(name: str) -> None:
        job = counted.open(new_job(name), {})
        for number in range(9):
            job = counted.advance(job, Event.HELD, {"number": str(number)})

    threads = [threading.Thread(target=work, args=(f"job-{n:02}",)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _Counting.commits < 60
    assert {job.version for job in counted.find([State.CLAIMED])} == {10}
    assert counted.verify() == ()


def test_an_error_takes_back_its_own_block_only(counted: SqliteLedger) -> None:
    """One caller's refusal, halfway through its writing, undoes nothing of the others'."""

    def refused() -> None:
        with counted._store.transaction() as connection:
            connection.execute("DELETE FROM jobs")
            connection.execute("UPDATE head SET sequence = 41")
            raise UsageFault("usage.wrong-time", "refused")

    jobs = [partial(counted.open, new_job(f"job-{number}"), {}) for number in range(4)]
    outcomes = _together(counted, [jobs[0], jobs[1], refused, jobs[2], refused, jobs[3]])
    assert sum(isinstance(one, UsageFault) for one in outcomes) == 2
    assert len(counted.find([State.CLAIMED])) == 4
    assert _Counting.commits == 1
    assert counted.verify() == ()


def test_failed_commit_is_told_to_all(counted: SqliteLedger) -> None:
    """When the shared commit fails, every caller hears of it and nothing of it is there."""
    _Counting.failing = True
    jobs = [partial(counted.open, new_job(f"job-{number}"), {}) for number in range(4)]
    with pytest.raises(SiteFault):
        _together(counted, jobs)
    _Counting.failing = False
    assert counted.find([State.CLAIMED]) == ()
    assert counted.open(new_job("later"), {}).id == "later"
    assert counted.verify() == ()


def test_readers_see_committed_state_only(counted: SqliteLedger) -> None:
    """Another thread reads past a transaction that is under way; its own sees what it did."""
    counted.open(new_job("one"), {})
    seen: list[str] = []
    with counted._store.transaction() as connection:
        connection.execute("UPDATE jobs SET inbox = 'elsewhere'")
        reader = threading.Thread(
            target=lambda: seen.extend(job.inbox for job in counted.find([State.CLAIMED]))
        )
        reader.start()
        reader.join(10)
        (own,) = counted.find([State.CLAIMED])
    assert seen == ["invoices"]
    assert own.inbox == "elsewhere"


def test_a_transaction_within_another_is_committed_with_it(counted: SqliteLedger) -> None:
    """Calls inside of one transaction cost one commit, and go with it when it is undone."""
    with counted._store.transaction():
        for number in range(5):
            counted.open(new_job(f"job-{number}"), {})
        with pytest.raises(UsageFault):
            counted.open(new_job("job-0"), {})
    assert _Counting.commits == 1
    assert len(counted.find([State.CLAIMED])) == 5
    with pytest.raises(ZeroDivisionError), counted._store.transaction():
        counted.open(new_job("job-9"), {})
        raise ZeroDivisionError
    assert counted.get("job-9") is None
    assert counted.verify() == ()


def test_a_commit_that_was_left_to_nobody(counted: SqliteLedger) -> None:
    """Who waits for a commit sees to it when the thread it was left to does not come."""
    counted._store._writer._coming += 1
    assert counted.open(new_job("one"), {}) == counted.get("one")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_around_a_shared_commit(path: Path, clock: StandingClock, moment: str) -> None:
    """Killed with blocks of many threads done and not committed: nobody was told of one."""
    command = [sys.executable, "-c", _VICTIM, str(path), moment, str(Path(__file__).parents[2])]
    done = subprocess.run(command, check=False, timeout=60, capture_output=True, text=True)
    assert done.returncode == -9
    told: dict[str, int] = {}
    for line in done.stdout.splitlines():
        name, version = line.split()
        told[name] = int(version)
    ledger = SqliteLedger(path, clock)
    stored = {job.id: job.version for job in ledger.find([State.CLAIMED])}
    committed = told.pop("entries")
    assert [name for name, version in told.items() if stored.get(name, 0) < version] == []
    happened = len(list(ledger.entries())) - committed
    assert happened == 0 if moment == "before" else happened > 1
    assert ledger.verify() == ()
    ledger.close()
