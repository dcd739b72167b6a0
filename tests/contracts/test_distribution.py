"""The contract of the port `Distribution`, held against this process's threads and a queue."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from gateway.core.job import Job
from gateway.distribution.threads import LocalThreads
from gateway.ledger.postgresql.ledger import PostgresqlLedger
from gateway.ports import Distribution, Errand, NodeFacts, Work
from gateway.wiring import shared_work
from tests.e2e.site import wait_for
from tests.postgresql import LedgerDatabase
from tests.standing_clock import StandingClock

ROOM = 3


class Bench:
    """Whoever runs the jobs of a test, and what became of them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.may_end = threading.Event()
        self.may_end.set()
        self.begun: list[Errand] = []
        self.at_work: dict[str, int] = {}
        self.most = 0
        self.doubled = False
        self.ended: list[str] = []

    def work(self, errand: Errand) -> Job | None:
        """Do nothing for as long as the test says."""
        with self.lock:
            self.begun.append(errand)
            self.doubled = self.doubled or errand.job in self.at_work
            self.at_work[errand.job] = 1
            self.most = max(self.most, len(self.at_work))
        self.may_end.wait(60)
        with self.lock:
            del self.at_work[errand.job]
        if errand.job == "fails":
            raise RuntimeError(errand.job)
        return None

    def note(self, job_id: str, job: Job | None) -> None:
        """Note the end of a job."""
        with self.lock:
            self.ended.append(job_id)


@contextmanager
def by_threads(work: Work) -> Iterator[Distribution]:
    """Yield threads of this process."""
    distribution = LocalThreads(ROOM, work)
    yield distribution
    distribution.stop()


@contextmanager
def by_queue(work: Work, database: LedgerDatabase) -> Iterator[Distribution]:
    """Yield the queue of one node, at whose end a worker takes from it."""
    database.empty()
    with closing(PostgresqlLedger(database.address, StandingClock())) as ledger:
        ledger.members.join(NodeFacts("node", "host", "1", ""))
        shared = shared_work(ledger, "node", work, print, threads=ROOM, beat=0.3)
        assert shared is not None
        shared.worker.start()
        wait_for("the worker is there", lambda: shared.worker.number is not None)
        yield shared.queue
        shared.queue.stop()
        shared.worker.stop()


@pytest.fixture
def bench() -> Bench:
    """Return what looks on."""
    return Bench()


@pytest.fixture(params=["threads", "queue"])
def distribution(request: pytest.FixtureRequest, bench: Bench) -> Iterator[Distribution]:
    """Yield each implementation in turn."""
    if request.param == "threads":
        opened = by_threads(bench.work)
    else:
        opened = by_queue(bench.work, request.getfixturevalue("ledger_database"))
    with opened as made:
        assert not made.begin(bench.note)
        yield made


def errands(*names: str) -> tuple[Errand, ...]:
    """Return one errand for each job."""
    return tuple(Errand(name, 1) for name in names)


def test_each_is_run_and_told_once(distribution: Distribution, bench: Bench) -> None:
    """Every job that was submitted is run once and told once, also one that fails."""
    names = [f"job {number}" for number in range(9)]
    distribution.submit(errands(*names, "fails"))
    wait_for("all have ended", lambda: len(bench.ended) >= 10)
    assert sorted(bench.ended) == sorted([*names, "fails"])
    assert sorted(one.job for one in bench.begun) == sorted(bench.ended)
    assert not bench.doubled


def test_errand_arrives_as_it_was_sent(distribution: Distribution, bench: Bench) -> None:
    """Whoever runs a job knows its version and the hold that it probes."""
    errand = Errand("job", 7, "service:one")
    distribution.submit((errand,))
    wait_for("it has ended", lambda: bench.ended == ["job"])
    assert bench.begun == [errand]


def test_no_more_than_there_is_room_for(distribution: Distribution, bench: Bench) -> None:
    """Jobs are run side by side, never more of them than there are threads."""
    bench.may_end.clear()
    assert distribution.room() >= ROOM
    distribution.submit(errands(*(f"job {number}" for number in range(ROOM + 2))))
    wait_for("all threads work", lambda: len(bench.at_work) == ROOM)
    assert not bench.ended
    bench.may_end.set()
    wait_for("all have ended", lambda: len(bench.ended) == ROOM + 2)
    assert bench.most == ROOM


def test_job_comes_again_once_it_has_ended(distribution: Distribution, bench: Bench) -> None:
    """A job whose end was told may be submitted once more."""
    for number in range(1, 4):
        distribution.submit((Errand("job", number),))
        wait_for("it has ended", lambda number=number: len(bench.ended) == number)
    assert [one.version for one in bench.begun] == [1, 2, 3]


def test_nothing_is_submitted(distribution: Distribution, bench: Bench) -> None:
    """Submitting no job at all is no fault."""
    distribution.submit(())
    assert not bench.begun
