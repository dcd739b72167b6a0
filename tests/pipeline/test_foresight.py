"""What is told before it holds work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from gateway.core.errors import ServiceFault
from gateway.core.quota import ChargeState, Package, Price
from gateway.pipeline import foresight
from tests.pipeline.conftest import Clock, House


class LaterClock(Clock):
    """The machine's clock, some days ahead."""

    def __init__(self, days: float) -> None:
        self.days = days

    def now(self) -> datetime:
        """Return that time."""
        return datetime.now(UTC) + timedelta(days=self.days)


def look(house: House, days: float) -> list[str]:
    """Look ahead as if some days had passed; return what is news."""
    object.__setattr__(house.equipment, "clock", LaterClock(days))
    news = foresight.tell(house.equipment, foresight.foresee(house.equipment))
    return [f"{one.event} {one.once.split()[-1]}" for one in news]


def test_certificate_is_told_of_at_each_distance_once(house: House) -> None:
    """A certificate of thirty days is news at 30, 14, 7, 3 and 1 days, and never twice."""
    told = [look(house, days) for days in (0, 0, 1, 16.5, 17, 23.5, 27.5, 29.5)]
    expected = [["30"], [], [], ["14"], [], ["7"], ["3"], ["1"]]
    assert told == [[f"credential.expiring {one}" for one in news] for news in expected]
    assert len(house.events("credential.expiring")) == 5
    (soon,) = foresight.remembered(house.ledger)
    assert "Test RSA" in soon.what
    ((service, end),) = foresight.certificate_ends(house.ledger).items()
    assert (service, "Test RSA" in end.subject) == ("picky", True)
    assert 29 <= (end.ends - datetime.now(UTC)).days <= 30


def test_quota_that_runs_out_soon(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forecast within two weeks is told once a week, one beyond is not."""
    desk = house.equipment.desks["picky"]
    monkeypatch.setattr(type(desk), "metered", True)
    today = datetime.now(UTC).date()
    price = Price("picky", 1, None, repeats_are_free=False, per_document=False, metered=True)
    house.ledger.buy(Package("picky", 100, today), "user:test")
    for number in range(4):
        charge = house.ledger.begin(price, "", f"{number:02x}")
        house.ledger.end(charge, ChargeState.CONFIRMED)
    assert not [one for one in look(house, 0) if one.startswith("quota")], "24 days"
    for number in range(4, 60):
        house.ledger.begin(price, "", f"{number:02x}")
    found = [one for one in foresight.foresee(house.equipment) if one.event == "quota.running-out"]
    assert [cast("str", one.what) for one in found] == [f"40 left, used up about {today}"]
    assert [one for one in look(house, 0) if one.startswith("quota")]
    assert look(house, 0) == []


def test_revoked_certificate_holds_before_anything_is_sent(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A revocation that is found out while nothing is sealed is told once, and holds."""
    fault = ServiceFault("revocation.revoked", "CN=Seal")

    def of_chain(chain: tuple[bytes, ...]) -> None:
        raise fault

    monkeypatch.setattr(house.equipment.evidence, "of_chain", of_chain)
    object.__setattr__(house.equipment, "watches_revocation", True)
    assert "credential.revoked CN=Seal" in look(house, 0)
    assert look(house, 0) == []
    (hold,) = house.ledger.all()
    assert (hold.subject, hold.code) == ("service:picky", "revocation.revoked")
    fault = ServiceFault("revocation.unavailable", "nobody answers")
    assert look(house, 0) == [], "not to be asked is no news"
