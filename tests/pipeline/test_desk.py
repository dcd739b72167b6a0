"""The desk of a service: who goes together, who goes alone, and what each takes away."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.errors import Charge, InternalFault, SealgateError, ServiceFault, UsageFault
from gateway.core.job import Job
from gateway.core.quota import ChargeState, Package
from gateway.core.secret import Secret
from gateway.core.services import Counted, LocalSettings, QuotaSettings, ServiceSettings
from gateway.core.states import Event, State
from gateway.ledger import SqliteLedger
from gateway.pipeline.desk import Desk
from gateway.ports import Authorization, Credential, Outcome
from tests.contracts.test_ledger import CLAIMED
from tests.pipeline.conftest import Clock

FAMILY = LocalSettings(Path("unused"), Secret("", ""))


class Batching:
    """A service that signs up to four digests a call, the first when it is let go."""

    name = "batching"
    idempotent = False

    def __init__(self) -> None:
        self.calls: list[tuple[bytes, ...]] = []
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.refuse: Exception | None = None
        self.lost: set[bytes] = set()
        self._lock = threading.Lock()

    def credential(self) -> Credential:
        """Return a credential for four digests a call."""
        return Credential("c", (b"",), "ecdsa", "sha256", batch=4)

    def authorize(self, digests: tuple[bytes, ...]) -> Authorization:
        """Permit everything."""
        return Authorization(digests, "sad")

    def sign(self, authorization: Authorization) -> tuple[Outcome, ...]:
        """Sign each digest by turning it round, as told."""
        with self._lock:
            self.calls.append(authorization.digests)
        self.begun.set()
        assert self.go_on.wait(30)
        if self.refuse is not None:
            raise self.refuse
        lost = ServiceFault("service.protocol", "left out", charge=Charge.UNKNOWN)
        return tuple(lost if one in self.lost else one[::-1] for one in authorization.digests)


class Visit(threading.Thread):
    """A job's visit to the desk in a thread of its own."""

    def __init__(self, desk: Desk, job: Job) -> None:
        super().__init__(daemon=True)
        self.desk, self.job = desk, job
        self.outcome: Outcome | SealgateError | None = None
        self.start()

    def run(self) -> None:
        """Sign and keep what comes of it."""
        try:
            self.job, self.outcome = self.desk.sign(self.job)
        except SealgateError as error:
            self.outcome = error


class Office:
    """A desk with its ledger."""

    def __init__(self, folder: Path, quota: QuotaSettings | None = None) -> None:
        self.ledger = SqliteLedger(folder / "ledger.sqlite", Clock())
        self.service = Batching()
        settings = ServiceSettings("batching", FAMILY, quota=quota, calls=1)
        self.desk = Desk(self.service, settings, self.ledger)
        self.visits: list[Visit] = []

    def job(self, number: int) -> Job:
        """Return a prepared job."""
        job = self.ledger.open(replace(CLAIMED, id=f"{number}", source=f"{number}"), {})
        for event in (Event.ACCEPTED, Event.PLANNED, Event.PREPARED):
            job = self.ledger.advance(job, event, {}, digest=f"{number:064x}")
        return job

    def come(self, *jobs: Job) -> list[Visit]:
        """Let jobs come while the first call, made for the first of them, is under way."""
        self.visits = [Visit(self.desk, jobs[0])]
        assert self.service.begun.wait(30)
        self.visits += [Visit(self.desk, job) for job in jobs[1:]]
        while self.desk.waiting() < len(jobs) - 1:
            assert all(visit.is_alive() for visit in self.visits)
        self.service.go_on.set()
        for visit in self.visits:
            visit.join(30)
        return self.visits


def test_waiting_digests_go_together(tmp_path: Path) -> None:
    """While one call is under way the others gather, up to what a call may carry."""
    office = Office(tmp_path)
    visits = office.come(*map(office.job, range(1, 8)))
    assert [len(call) for call in office.service.calls] == [1, 4, 2]
    for number, visit in enumerate(visits, 1):
        assert visit.outcome == bytes.fromhex(f"{number:064x}")[::-1]
        assert visit.job.state is State.SENT
    together = [
        dict(entry.details).get("together") for entry in office.ledger.entries(event="sign.sent")
    ]
    assert sorted(together, key=str) == ["2", "2", "4", "4", "4", "4", None]


def test_job_that_failed_before_goes_alone(tmp_path: Path) -> None:
    """A document that may be to blame cannot spoil the call of others."""
    office = Office(tmp_path)
    suspect = office.ledger.advance(office.job(2), Event.HELD, {}, attempts=1)
    office.come(office.job(1), suspect, office.job(3), office.job(4))
    calls = sorted(len(call) for call in office.service.calls)
    assert calls == [1, 1, 2]


def test_refused_call_is_everybodys(tmp_path: Path) -> None:
    """When a call is refused, each of its jobs is told, and none is charged."""
    office = Office(tmp_path)
    office.service.refuse = ServiceFault("service.busy")
    visits = office.come(*map(office.job, range(1, 4)))
    assert {str(visit.outcome) for visit in visits} == {str(office.service.refuse)}
    assert all(visit.job.state is State.SENT for visit in visits)


def test_partly_answered_call(tmp_path: Path) -> None:
    """What was answered is taken away; the rest is told that it may have been charged."""
    office = Office(tmp_path)
    office.service.lost = {bytes.fromhex(f"{3:064x}")}
    visits = office.come(*map(office.job, range(1, 5)))
    assert [isinstance(visit.outcome, bytes) for visit in visits] == [True, True, False, True]


def test_unforeseen_error_reaches_everybody(tmp_path: Path) -> None:
    """Nobody waits for ever when the service's code breaks."""
    office = Office(tmp_path)
    office.service.refuse = ZeroDivisionError("a defect")
    visits = office.come(*map(office.job, range(1, 4)))
    assert all(isinstance(visit.outcome, InternalFault) for visit in visits)


def test_quota_ends_within_a_call(tmp_path: Path) -> None:
    """Who comes when nothing is left stays behind; the others' call goes without them."""
    office = Office(tmp_path, QuotaSettings())
    office.ledger.buy(Package("batching", 3, CLAIMED.created.date()), "user:test")
    visits = office.come(*map(office.job, range(1, 6)))
    signed = [visit for visit in visits if isinstance(visit.outcome, bytes)]
    refused = [visit for visit in visits if isinstance(visit.outcome, ServiceFault)]
    assert (len(signed), len(refused)) == (3, 2)
    assert [len(call) for call in office.service.calls] == [1, 2]
    assert all(visit.job.state is State.PREPARED for visit in refused)
    assert {fault.outcome.code for fault in refused} == {"service.out-of-quota"}  # type: ignore[union-attr]


def test_job_that_cannot_be_written_down_stays_behind(tmp_path: Path) -> None:
    """What the ledger refuses is not sent, and the others' call goes without it."""
    office = Office(tmp_path)
    stale = office.job(2)
    office.ledger.advance(stale, Event.HELD, {}, detail="somebody else was here")
    visits = office.come(office.job(1), stale, office.job(3))
    assert [isinstance(visit.outcome, bytes) for visit in visits] == [True, False, True]
    assert isinstance(visits[1].outcome, UsageFault)
    assert [len(call) for call in office.service.calls] == [1, 1]


@pytest.mark.parametrize(("counts", "units"), [(Counted.HASH, 5), (Counted.CALL, 2)])
def test_what_counts(tmp_path: Path, counts: Counted, units: int) -> None:
    """Where calls are counted, five digests in two calls cost two units."""
    office = Office(tmp_path, QuotaSettings(counts))
    office.ledger.buy(Package("batching", 100, CLAIMED.created.date()), "user:test")
    office.come(*map(office.job, range(1, 6)))
    charges = office.ledger.charges("batching", tuple(ChargeState))
    assert len(charges) == 5
    assert sum(charge.units for charge in charges) == units
