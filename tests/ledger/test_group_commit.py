"""Steps of several threads reach the disk in one commit, and nobody is told before."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault, UsageFault
from gateway.core.states import Event, State
from gateway.ledger import Ledger, SqliteLedger
from gateway.ledger import writer as writer_module
from gateway.ledger.connection import Connection
from gateway.ledger.writer import Transaction, Writer
from gateway.ports import Clock
from tests.ledger.making import StandingClock, new_job, together

_VICTIM = """
import os, signal, sqlite3, sys, threading
from pathlib import Path
sys.path.insert(0, sys.argv[3])

class Dying(sqlite3.Connection):
    left = members = 0
    def execute(self, statement, *rest):
        if statement == "COMMIT" and Dying.left and Dying.members > 1:
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
from gateway.ledger.writer import Writer

def counted(writer):
    group = gather(writer)
    Dying.members = len(group)
    return group

gather, Writer._gather = Writer._gather, counted
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


class Counted:
    """A ledger whose commits are counted and slow, and fail when told so."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.commits = 0
        self.failing = False
        begin = self.writer._engine.begin

        def counted(*, supposing: bool) -> Transaction:
            transaction = begin(supposing=supposing)
            transaction.commit = partial(self._commit, type(transaction).commit, transaction)
            return transaction

        self.writer._engine.begin = counted  # type: ignore[method-assign]

    def _commit(self, commit: Callable[[Transaction], None], transaction: Transaction) -> None:
        self.commits += 1
        if self.failing:
            raise SiteFault("site.disk-full", "as it happens")
        time.sleep(0.005)  # as on a disk
        commit(transaction)

    @property
    def writer(self) -> Writer:
        """Return what the ledger writes with."""
        return self.ledger._store._writer  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def counted(open_ledger: Callable[[Clock], Ledger]) -> Iterator[Counted]:
    """Yield a ledger on each engine whose commits are counted."""
    with closing(open_ledger(StandingClock())) as ledger:
        yield Counted(ledger)


def test_threads_share_a_commit(counted: Counted) -> None:
    """What many threads write at once is committed once, each with a result of its own."""
    calls = [partial(counted.ledger.open, new_job(f"job-{number:02}"), {}) for number in range(20)]
    jobs = together(counted.writer, calls)
    assert counted.commits == 1
    assert list(counted.ledger.find([State.CLAIMED])) == jobs
    assert counted.ledger.verify() == ()


def test_many_threads_need_fewer_commits(counted: Counted) -> None:
    """Threads that go on writing share commits all the time, and the chain stays whole."""

    def work(name: str) -> None:
        job = counted.ledger.open(new_job(name), {})
        for number in range(9):
            job = counted.ledger.advance(job, Event.HELD, {"number": str(number)})

    threads = [threading.Thread(target=work, args=(f"job-{n:02}",)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted.commits < 60
    assert {job.version for job in counted.ledger.find([State.CLAIMED])} == {10}
    assert counted.ledger.verify() == ()


def test_an_error_takes_back_its_own_block_only(counted: Counted) -> None:
    """One caller's refusal, halfway through its writing, undoes nothing of the others'."""

    def step(connection: Connection) -> None:
        connection.execute("DELETE FROM jobs")
        connection.execute("UPDATE facts SET value = 'b'")
        raise UsageFault("usage.wrong-time", "refused")

    counted.ledger.remember("a", "a")
    counted.commits = 0
    refused = partial(counted.ledger._store.together, step)
    jobs = [partial(counted.ledger.open, new_job(f"job-{number}"), {}) for number in range(4)]
    outcomes = together(counted.writer, [jobs[0], jobs[1], refused, jobs[2], refused, jobs[3]])
    assert sum(isinstance(one, UsageFault) for one in outcomes) == 2
    assert len(counted.ledger.find([State.CLAIMED])) == 4
    assert counted.ledger.recall("a") == "a"
    assert counted.commits == 1
    assert counted.ledger.verify() == ()


def test_failed_commit_is_told_to_all(counted: Counted) -> None:
    """When the shared commit fails, every caller hears of it and nothing of it is there."""
    counted.failing = True
    jobs = [partial(counted.ledger.open, new_job(f"job-{number}"), {}) for number in range(4)]
    outcomes = together(counted.writer, jobs)
    assert [isinstance(one, SiteFault) for one in outcomes] == [True] * 4
    counted.failing = False
    assert counted.ledger.find([State.CLAIMED]) == ()
    assert counted.ledger.open(new_job("later"), {}).id == "later"
    assert counted.ledger.verify() == ()


def test_readers_see_committed_state_only(counted: Counted) -> None:
    """Another thread reads past a transaction that is under way; its own sees what it did."""
    counted.ledger.open(new_job("one"), {})
    seen: list[str] = []
    with counted.ledger._store.transaction() as connection:
        connection.execute("UPDATE jobs SET inbox = 'elsewhere'")
        reader = threading.Thread(
            target=lambda: seen.extend(job.inbox for job in counted.ledger.find([State.CLAIMED]))
        )
        reader.start()
        reader.join(10)
        (own,) = counted.ledger.find([State.CLAIMED])
    assert seen == ["invoices"]
    assert own.inbox == "elsewhere"


def test_a_transaction_within_another_is_committed_with_it(counted: Counted) -> None:
    """Calls inside of one transaction cost one commit, and go with it when it is undone."""
    with counted.ledger._store.transaction():
        for number in range(5):
            counted.ledger.open(new_job(f"job-{number}"), {})
        with pytest.raises(UsageFault):
            counted.ledger.open(new_job("job-0"), {})
    assert counted.commits == 1
    assert len(counted.ledger.find([State.CLAIMED])) == 5
    with pytest.raises(ZeroDivisionError), counted.ledger._store.transaction():
        counted.ledger.open(new_job("job-9"), {})
        raise ZeroDivisionError
    assert counted.ledger.get("job-9") is None
    assert counted.ledger.verify() == ()


def test_what_is_out_of_date_is_refused_alone(counted: Counted) -> None:
    """Of steps that are supposed to go well together those that do not are told, and only those."""
    job = counted.ledger.open(new_job("one"), {})
    other = counted.ledger.open(new_job("other"), {})
    stale = partial(counted.ledger.advance, job, Event.HELD, {})
    counted.commits = 0
    well = partial(counted.ledger.advance, other, Event.HELD, {})
    again = partial(counted.ledger.open, new_job("one"), {})
    outcomes = together(counted.writer, [stale, well, stale, again])
    assert sorted(getattr(one, "version", 0) for one in outcomes) == [0, 0, 2, 2]
    assert sum(isinstance(one, UsageFault) for one in outcomes) == 2
    assert len(list(counted.ledger.entries())) == 4
    assert counted.ledger.verify() == ()


def test_who_leads_is_interrupted(counted: Counted) -> None:
    """Then nothing of its group was done, the others are told that it passes, and work goes on."""

    def step(_: Connection) -> None:
        raise KeyboardInterrupt

    calls = [partial(counted.ledger.open, new_job(f"job-{number}"), {}) for number in range(3)]
    outcomes = together(counted.writer, [partial(counted.ledger._store.together, step), *calls])
    told = sorted(type(one).__name__ for one in outcomes)
    assert told == ["KeyboardInterrupt"] + ["SiteFault"] * 3
    assert counted.ledger.find([State.CLAIMED]) == ()
    assert counted.ledger.open(new_job("later"), {}).id == "later"


def test_who_waits_is_interrupted(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that was not begun is not done, and the next one leads if that one should have."""
    writer = counted.writer

    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            raise KeyboardInterrupt

    def woken(step: Callable[[Connection], object]) -> writer_module._Waiting:
        waiting = real(step)
        waiting.woken = Interrupted()
        return waiting

    real = writer_module._Waiting
    with writer._turn:
        first = threading.Thread(target=counted.ledger.open, args=(new_job("first"), {}))
        first.start()
        while not writer._gathered:
            time.sleep(0.001)
        with monkeypatch.context() as patched:
            patched.setattr(writer_module, "_Waiting", woken)
            with pytest.raises(KeyboardInterrupt):
                counted.ledger.open(new_job("second"), {})
    first.join()
    counted.ledger.open(new_job("third"), {})
    assert [job.id for job in counted.ledger.find([State.CLAIMED])] == ["first", "third"]


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
