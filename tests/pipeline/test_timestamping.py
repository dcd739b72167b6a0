"""Which time-stamp authority is asked, and what that costs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.errors import Charge, ServiceFault
from gateway.core.quota import ChargeState, Package
from gateway.core.services import QuotaSettings, TimestampSettings
from gateway.ledger import SqliteLedger
from gateway.pipeline.timestamping import Authorities
from tests.pipeline.conftest import Clock

DIGEST = bytes(32)


class Stamping:
    """An authority that gives its name for a token, or fails as told."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked = 0
        self.fault: ServiceFault | None = None

    def timestamp(self, digest: bytes, digest_algorithm: str) -> bytes:
        """Return a token."""
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return self.name.encode()


class StandingClock(Clock):
    """A clock turned by hand."""

    seconds = 0.0

    def monotonic(self) -> float:
        """Return the time it was turned to."""
        return self.seconds


class Office:
    """Two authorities, the second with a quota, and the books."""

    def __init__(self, folder: Path) -> None:
        self.clock = StandingClock()
        self.ledger = SqliteLedger(folder / "ledger.sqlite", self.clock)
        self.first, self.second = Stamping("first"), Stamping("second")
        peers = (
            (self.first, TimestampSettings("", "first")),
            (self.second, TimestampSettings("", "second", quota=QuotaSettings())),
        )
        self.authorities = Authorities(peers, self.ledger, self.clock)

    def buy(self, units: int) -> None:
        """Buy time-stamps of the second."""
        self.ledger.buy(Package("second", units, datetime.now(UTC).date()), "user:test")

    def states(self) -> list[ChargeState]:
        """Return what became of the charges at the second."""
        return [one.state for one in self.ledger.charges("second", tuple(ChargeState))]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return an office of one's own."""
    return Office(tmp_path)


def test_first_is_asked_first(office: Office) -> None:
    """While it answers, nobody else is asked, and nothing is charged."""
    assert office.authorities.time_stamp("job", DIGEST) == (b"first", "first")
    assert office.second.asked == 0


def test_next_one_helps_and_the_failed_one_rests(office: Office) -> None:
    """A document does not wait for an authority that has just failed; a minute later it may."""
    office.buy(5)
    office.first.fault = ServiceFault("tsa.unreachable")
    for _ in range(3):
        assert office.authorities.time_stamp("job", DIGEST) == (b"second", "second")
    assert (office.first.asked, office.states()) == (1, [ChargeState.CONFIRMED] * 3)
    office.first.fault = None
    office.clock.seconds = 61.0
    assert office.authorities.time_stamp("job", DIGEST) == (b"first", "first")


@pytest.mark.parametrize(
    ("charge", "state"),
    [(Charge.NEVER, ChargeState.RELEASED), (Charge.UNKNOWN, ChargeState.UNKNOWN)],
)
def test_failed_time_stamp_is_charged_as_it_may_be(
    office: Office, charge: Charge, state: ChargeState
) -> None:
    """Only a definite refusal costs nothing; the first authority's fault is the one told."""
    office.buy(5)
    office.first.fault = ServiceFault("tsa.refused")
    office.second.fault = ServiceFault("tsa.unreachable", charge=charge)
    with pytest.raises(ServiceFault) as failed:
        office.authorities.time_stamp("job", DIGEST)
    assert failed.value.code == "tsa.refused"
    assert office.states() == [state]


def test_used_up_quota_is_not_asked(office: Office) -> None:
    """An authority whose quota is used up is passed over before anything is sent."""
    office.first.fault = ServiceFault("tsa.unreachable")
    with pytest.raises(ServiceFault):
        office.authorities.time_stamp("job", DIGEST)
    assert office.second.asked == 0


def test_nobody_configured(tmp_path: Path) -> None:
    """Without an authority the level cannot be made, and that is said."""
    ledger = SqliteLedger(tmp_path / "ledger.sqlite", Clock())
    with pytest.raises(ServiceFault) as failed:
        Authorities((), ledger, Clock()).time_stamp("job", DIGEST)
    assert failed.value.code == "tsa.refused"
