"""Deadlines are of the wall clock: they survive restarts, and clocks that jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.flow_definition import StepKind
from gateway.core.flow_events import FlowState
from gateway.flows.steadiness import Steadiness
from tests.flows.conftest import FlowHouse, one_by_one, step
from tests.pipeline.conftest import Clock

HOUR = 3600.0
TIMED = one_by_one(
    step("read", StepKind.REVIEW, "legal", deadline=2 * HOUR, reminders=(HOUR,)),
    step("stamp", StepKind.SEAL, "legal"),
)


class Hands:
    """Moves the clocks of a house."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = timedelta()
        monkeypatch.setattr(Clock, "now", lambda clock: datetime.now(UTC) + self.ahead)

    def move(self, hours: float) -> None:
        """Put the wall clock ahead, or back."""
        self.ahead += timedelta(hours=hours)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """Return what moves the clocks."""
    return Hands(monkeypatch)


def test_nothing_expires_by_a_clock_that_jumps(house: FlowHouse, hands: Hands) -> None:
    """One that goes wrong and is put right again costs no flow, nor does one that is put back."""
    flow = house.begin(TIMED)
    hands.move(1000)
    for _ in range(5):
        house.engine.round()
    assert house.state(flow) is FlowState.RUNNING
    hands.move(-1000)
    hands.move(-24)
    house.act("legal", "approve")
    assert house.state(flow) is FlowState.COMPLETED
    assert not house.ledger.verify()


def test_what_was_missed_while_nothing_ran_is_made_up(house: FlowHouse, hands: Hands) -> None:
    """A deadline that passed between two runs counts at the start of the next one."""
    flow = house.begin(TIMED)
    hands.move(1.5)
    house.start_again()
    house.run_until("a reminder", lambda: house.office.flow(flow).status.step("read").reminded == 1)
    hands.move(1)
    house.start_again()
    house.run_until("the time is up", lambda: house.state(flow) is FlowState.EXPIRED)
    house.settle()
    assert house.service.signed == []


class Watch:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.wall, self.gone_by = datetime(2026, 11, 29, tzinfo=UTC), 0.0

    def now(self) -> datetime:
        """Return the wall time."""
        return self.wall

    def monotonic(self) -> float:
        """Return the seconds that have really gone by."""
        return self.gone_by

    def go(self, seconds: float, wall: float | None = None) -> None:
        """Let time go by, on the wall perhaps other time."""
        self.gone_by += seconds
        self.wall += timedelta(seconds=seconds if wall is None else wall)


def test_a_clock_is_believed_again_when_it_stays() -> None:
    """A jump ahead is doubted for a minute, then it is taken for true; a jump back never is."""
    watch = Watch()
    steadiness = Steadiness(watch)
    assert steadiness.steady()
    watch.go(1, HOUR)
    assert not steadiness.steady()
    watch.go(30)
    assert not steadiness.steady()
    watch.go(31)
    assert steadiness.steady()
    watch.go(1, -HOUR)
    assert steadiness.steady()
    watch.go(1, HOUR)
    assert not steadiness.steady()
    watch.go(1, -HOUR)
    assert steadiness.steady(), "it was put right"
