"""Several threads and several processes have the same ledger open."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.core.errors import UsageFault
from gateway.core.states import Event, State
from gateway.ledger import Ledger, SqliteLedger
from gateway.ports import Clock
from tests.ledger.making import StandingClock, new_job

_WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from tests.ledger.making import StandingClock, new_job
from gateway.core.states import Event
from gateway.ledger import SqliteLedger

ledger = SqliteLedger(Path(sys.argv[1]), StandingClock())
print("open", flush=True)
sys.stdin.readline()
job = ledger.open(new_job(sys.argv[2]), {})
for number in range(60):
    job = ledger.advance(job, Event.HELD, {"number": str(number)})
"""


def _writer(path: Path, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, str(path), name, str(Path(__file__).parents[2])]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_processes_write_one_chain(path: Path, clock: StandingClock) -> None:
    """Processes that create and write a ledger at the same time leave one unbroken chain."""
    writers = [_writer(path, name) for name in ("one", "two", "three")]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    for writer in writers:
        writer.communicate()
    ledger = SqliteLedger(path, clock)
    assert ledger.verify() == ()
    assert [job.version for job in ledger.find([State.CLAIMED])] == [61, 61, 61]
    ledger.close()


def test_reading_does_not_wait_for_a_writer(
    open_ledger: Callable[[Clock], Ledger], clock: StandingClock
) -> None:
    """Another reader sees the last commit while a transaction is under way."""
    with closing(open_ledger(clock)) as ledger, closing(open_ledger(clock)) as reader:
        ledger.open(new_job("one"), {})
        with ledger._store.transaction() as connection:
            connection.execute("UPDATE jobs SET inbox = 'elsewhere'")
            (job,) = reader.find([State.CLAIMED])
            assert job.inbox == "invoices"
            assert len(list(reader.entries())) == 1
            assert reader.verify() == ()


@pytest.fixture
def ledger(open_ledger: Callable[[Clock], Ledger], clock: StandingClock) -> Iterator[Ledger]:
    """Yield an open, empty ledger on each engine."""
    with closing(open_ledger(clock)) as opened:
        yield opened


def test_two_threads_race_for_one_transition(ledger: Ledger) -> None:
    """Of several threads that know the same version of a job, exactly one moves it."""
    job = ledger.open(new_job("one"), {})
    start = threading.Barrier(4)
    outcomes: list[str] = []

    def try_it() -> None:
        start.wait()
        try:
            ledger.advance(job, Event.LOST, {})
            outcomes.append("moved")
        except UsageFault as fault:
            outcomes.append(fault.code)

    threads = [threading.Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved"] + ["usage.illegal-transition"] * 3
    assert [entry.event for entry in ledger.entries()] == ["job.claimed", "claim.lost"]


def test_writing_while_reading_through_the_log(ledger: Ledger) -> None:
    """A search that is under way does not keep anybody from writing."""
    for number in range(1200):
        ledger.record("a.thing", {"number": str(number)})
    found = ledger.entries()
    next(found)
    ledger.record("another.thing", {})
    assert [entry.event for entry in found] == ["a.thing"] * 1199
    assert list(ledger.entries())[-1].event == "another.thing"
