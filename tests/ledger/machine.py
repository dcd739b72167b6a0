"""A ledger that is used in any order and ended at any moment, beside a simple model of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from gateway.core.errors import ServiceFault, UsageFault
from gateway.core.job import Job
from gateway.core.quota import ChargeState, Package, Price, balance
from gateway.core.states import TRANSITIONS, Event, State
from gateway.ledger import Ledger, SqliteLedger
from gateway.ledger.postgresql.ledger import PostgresqlLedger
from tests.ledger.making import StandingClock, new_job
from tests.postgresql import LedgerDatabase

SERVICE = "signing"
_PRICES = (
    Price(SERVICE, 1, repeats=1, repeats_are_free=False, per_document=False, metered=True),
    Price(SERVICE, 2, repeats=None, repeats_are_free=True, per_document=False, metered=True),
    Price(SERVICE, 3, repeats=2, repeats_are_free=False, per_document=True, metered=False),
)
_TODAY = date(2026, 11, 23)
_SETTLED = {
    Event.ANSWERED: ChargeState.CONFIRMED,
    Event.REFUSED: ChargeState.RELEASED,
    Event.UNANSWERED: ChargeState.UNKNOWN,
    Event.UNUSABLE: ChargeState.UNKNOWN,
    Event.GAVE_UP: ChargeState.UNKNOWN,
}
_DIGESTS = ("aa", "bb")
_SUBJECTS = ("site", "service:signing", "inbox:invoices")
_EVENTS = sorted(set(Event) - {Event.CLAIMED, Event.SENT})
_WAY = (Event.ACCEPTED, Event.PLANNED, Event.PREPARED)


class Broken(Exception):
    """What ends a transaction in its middle."""


@dataclass
class KnownCharge:
    """A charge as the model knows it."""

    job: str
    digest: str
    units: int
    state: ChargeState = ChargeState.SENT
    acknowledged: bool = False


@dataclass
class Model:
    """What a ledger must say."""

    jobs: dict[str, Job] = field(default_factory=dict)
    former: dict[str, Job] = field(default_factory=dict)
    """Jobs as they were a step ago."""
    holds: dict[str, int] = field(default_factory=dict)
    charges: dict[int, KnownCharge] = field(default_factory=dict)
    bought: int = 0
    entries: int = 0

    def spent(self) -> int:
        """Return the units of all attempts that were not definitely refused."""
        counted = (c for c in self.charges.values() if c.state is not ChargeState.RELEASED)
        return sum(charge.units for charge in counted)

    def left(self) -> int:
        """Return the units that are still there; what was never covered is not owed."""
        return max(0, self.bought - self.spent())

    def settle(self, charge: KnownCharge, state: ChargeState) -> None:
        """Say how an attempt ended."""
        charge.state = state
        if state is ChargeState.CONFIRMED and not charge.units and charge.job:
            for other in self.charges.values():
                same = (other.job, other.digest) == (charge.job, charge.digest)
                if same and other.state is ChargeState.UNKNOWN:
                    other.state = ChargeState.CONFIRMED

    def refusal(self, job: Job, price: Price) -> str:
        """Return the code by which a call must be refused; empty when it may leave."""
        own = [c for c in self.charges.values() if (c.job, c.digest) == (job.id, job.digest)]
        unknown = [c for c in own if c.state is ChargeState.UNKNOWN and not c.acknowledged]
        if price.repeats is not None and len(unknown) > price.repeats:
            return "service.repeat-limit"
        if price.metered and self.left() < self.units(job, price):
            return "service.out-of-quota"
        return "" if job.state is State.PREPARED else "usage.illegal-transition"

    def units(self, job: Job, price: Price) -> int:
        """Return what a call costs: nothing where the service has counted it before."""
        counted = any(
            charge.units and charge.state is not ChargeState.RELEASED
            for charge in self.charges.values()
            if charge.job == job.id and (price.per_document or charge.digest == job.digest)
        )
        return 0 if counted and (price.repeats_are_free or price.per_document) else price.units


class LedgerMachine(RuleBasedStateMachine):
    """Does anything that a site may do with its ledger."""

    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.clock = StandingClock()
        self.model = Model()
        self.ledger = self.opened()

    def opened(self) -> Ledger:
        """Open an empty ledger."""
        raise NotImplementedError

    def crashed(self) -> Ledger:
        """Open what a process left that was killed now."""
        raise NotImplementedError

    @initialize(target=ids, units=st.integers(0, 8))
    def begin(self, units: int) -> MultipleResults[str]:
        """Buy something, and have documents to work on."""
        self.buy(units + 1)
        return multiple(*(self.open(prepared=True, digest=digest) for digest in _DIGESTS))

    @rule(target=ids, prepared=st.booleans(), digest=st.sampled_from(_DIGESTS))
    def take_up(self, prepared: bool, digest: str) -> str:
        """Take up a document, perhaps as far as its digest."""
        return self.open(prepared=prepared, digest=digest)

    @rule(name=ids, chosen=st.integers(0, 50), detail=st.text(max_size=5))
    def advance(self, name: str, chosen: int, detail: str) -> None:
        """Let something happen to a job that may happen there."""
        possible = [
            event for event in _EVENTS if (self.model.jobs[name].state, event) in TRANSITIONS
        ]
        if possible:
            self._happens(name, possible[chosen % len(possible)], detail)

    @precondition(lambda self: self.sent())
    @rule(chosen=st.integers(0, 50), event=st.sampled_from(sorted(_SETTLED)))
    def end_call(self, chosen: int, event: Event) -> None:
        """Let a call come to its end."""
        sent = self.sent()
        self._happens(sent[chosen % len(sent)], event, "")

    @rule(name=ids, event=st.sampled_from(_EVENTS))
    def advance_wrongly(self, name: str, event: Event) -> None:
        """Refuse what may not happen to a job where it is."""
        job = self.model.jobs[name]
        if (job.state, event) not in TRANSITIONS:
            self._refused("usage.illegal-transition", lambda: self.ledger.advance(job, event, {}))

    @rule(name=ids, event=st.sampled_from(_EVENTS))
    def advance_what_is_no_more(self, name: str, event: Event) -> None:
        """Refuse whoever has not seen a job's last step."""
        former = self.model.former.get(name)
        if former is not None:
            self._refused(
                "usage.illegal-transition", lambda: self.ledger.advance(former, event, {})
            )

    @rule(name=ids, price=st.sampled_from(_PRICES))
    def send(self, name: str, price: Price) -> None:
        """Let a call leave, if it may."""
        job = self.model.jobs[name]
        refusal = self.model.refusal(job, price)
        if refusal:
            self._refused(refusal, lambda: self.ledger.send(job, {}, price))
            return
        low = len(list(self.ledger.entries(event="quota.low")))
        units = self.model.units(job, price)
        self._now(self.ledger.send(job, {}, price))
        self.model.entries += len(list(self.ledger.entries(event="quota.low"))) - low
        (number,) = {c.number for c in self.charges()} - self.model.charges.keys()
        self.model.charges[number] = KnownCharge(name, job.digest, units)

    @rule(units=st.integers(1, 5))
    def buy(self, units: int) -> None:
        """Buy a package."""
        self.ledger.buy(Package(SERVICE, units, date(2026, 1, 1)), "user:test")
        self.model.bought += units
        self.model.entries += 1

    @rule()
    def acknowledge(self) -> None:
        """Let what went unanswered be sent once more."""
        unknown = [
            charge
            for charge in self.model.charges.values()
            if charge.state is ChargeState.UNKNOWN and not charge.acknowledged
        ]
        told = self.ledger.acknowledge("user:test")
        assert told == len(unknown)
        for charge in unknown:
            charge.acknowledged = True
        self.model.entries += bool(unknown)

    @rule(state=st.sampled_from((None, *ChargeState)))
    def call_without_a_job(self, state: ChargeState | None) -> None:
        """Ask for a time-stamp, which may end in any way, or not before the process does."""
        number = self.ledger.begin(_PRICES[2], "", "cc")
        self.model.charges[number] = KnownCharge("", "cc", _PRICES[2].units)
        if state is not None:
            self.ledger.end(number, state)
            self.model.settle(self.model.charges[number], state)

    @rule(subject=st.sampled_from(_SUBJECTS), code=st.sampled_from(("site.input-output", "x")))
    def hold(self, subject: str, code: str) -> None:
        """Hold some work, or count one more failure."""
        failures = self.ledger.hold(subject, code, "", 1.0).failures
        self.model.entries += subject not in self.model.holds
        self.model.holds[subject] = self.model.holds.get(subject, 0) + 1
        assert failures == self.model.holds[subject]

    @rule(subject=st.sampled_from(_SUBJECTS))
    def release(self, subject: str) -> None:
        """Let work go on."""
        was_held = self.model.holds.pop(subject, None) is not None
        assert self.ledger.release(subject) is was_held
        self.model.entries += was_held

    @rule(detail=st.text(max_size=8))
    def record(self, detail: str) -> None:
        """Log something that is no step of a job."""
        self.ledger.record("daemon.started", {"why": detail})
        self.model.entries += 1

    @rule(name=ids, event=st.sampled_from(_EVENTS))
    def break_off(self, name: str, event: Event) -> None:
        """End a transaction in its middle: nothing of it has happened."""
        job = self.model.jobs[name]
        with mock.patch("gateway.ledger.jobs.append", side_effect=Broken):
            try:
                self.ledger.advance(job, event, {}, detail="half")
            except (Broken, UsageFault):
                return
        raise AssertionError("a step without an entry in the log")

    @rule()
    def kill(self) -> None:
        """Kill the process, and start another as a daemon does."""
        self.ledger = self.crashed()
        under_way = [
            charge
            for charge in self.model.charges.values()
            if charge.state is ChargeState.SENT and not charge.job
        ]
        for charge in under_way:
            self.model.settle(charge, ChargeState.UNKNOWN)
        assert self.ledger.abandon() == len(under_way)

    def open(self, *, prepared: bool, digest: str) -> str:
        """Take up a document and return its job."""
        job = self.ledger.open(new_job(f"job-{len(self.model.jobs)}"), {})
        self._now(job)
        for event in _WAY if prepared else ():
            self._now(self.ledger.advance(self.model.jobs[job.id], event, {}, digest=digest))
        return job.id

    def sent(self) -> list[str]:
        """Return the jobs whose call is under way."""
        return [name for name, job in self.model.jobs.items() if job.state is State.SENT]

    def _happens(self, name: str, event: Event, detail: str) -> None:
        self._now(self.ledger.advance(self.model.jobs[name], event, {"why": detail}))
        for charge in self.model.charges.values():
            if charge.job == name and charge.state is ChargeState.SENT and event in _SETTLED:
                self.model.settle(charge, _SETTLED[event])

    @invariant()
    def is_as_the_model_says(self) -> None:
        """Compare all that is known, and let the log be checked."""
        model, ledger = self.model, self.ledger
        assert ledger.verify() == ()
        for name, job in model.jobs.items():
            assert ledger.get(name) == job
            assert len(list(ledger.entries(job=name))) == job.version
        assert {job.id for job in ledger.find(State)} == model.jobs.keys()
        assert len(list(ledger.entries())) == model.entries
        assert {hold.subject: hold.failures for hold in ledger.all()} == model.holds
        told = {c.number: (c.job, c.digest, c.units, c.state) for c in self.charges()}
        assert told == {
            number: (c.job, c.digest, c.units, c.state) for number, c in model.charges.items()
        }
        bought, spent = ledger.account(SERVICE)
        assert sum(day.units for day in spent) == model.spent()
        left = balance(bought, spent, _TODAY)
        assert left.left == model.left()

    def teardown(self) -> None:
        """Close the ledger."""
        self.ledger.close()

    def charges(self) -> tuple[object, ...]:
        """Return all charges of the ledger."""
        return self.ledger.charges(SERVICE, tuple(ChargeState))

    def _now(self, job: Job) -> None:
        if job.id in self.model.jobs:
            self.model.former[job.id] = self.model.jobs[job.id]
        self.model.jobs[job.id] = job
        self.model.entries += 1

    def _refused(self, code: str, attempt: Callable[[], object]) -> None:
        with pytest.raises((UsageFault, ServiceFault)) as refused:
            attempt()
        assert refused.value.code == code


class SqliteMachine(LedgerMachine):
    """With SQLite."""

    def opened(self) -> Ledger:
        """Open an empty ledger."""
        self.folder = Path(tempfile.mkdtemp(prefix="sealgate-ledger-"))
        self.times = 0
        return self._open()

    def crashed(self) -> Ledger:
        """Open the files as they are now, as a killed process would leave them."""
        here = self._folder()
        self.times += 1
        shutil.copytree(here, self._folder())
        self.ledger.close()
        return self._open()

    def teardown(self) -> None:
        """Close the ledger and remove it."""
        super().teardown()
        shutil.rmtree(self.folder)

    def _folder(self) -> Path:
        return self.folder / str(self.times)

    def _open(self) -> Ledger:
        return SqliteLedger(self._folder() / "ledger.sqlite", self.clock)


def postgresql_machine(database: LedgerDatabase) -> type[LedgerMachine]:
    """Return a machine on a database that is emptied before each story."""

    class PostgresqlMachine(LedgerMachine):
        """With PostgreSQL."""

        def opened(self) -> Ledger:
            """Open an empty ledger."""
            database.empty()
            return PostgresqlLedger(database.address, self.clock)

        def crashed(self) -> Ledger:
            """Leave the connections as they are, and open others."""
            left = self.ledger
            opened = PostgresqlLedger(database.address, self.clock)
            left.close()
            return opened

    return PostgresqlMachine
