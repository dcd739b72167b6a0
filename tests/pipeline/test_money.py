"""Money: what is paid, what is never paid twice, and where else a document may go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.quota import ChargeState, Package, balance
from gateway.core.services import QuotaSettings
from gateway.core.states import State
from tests.fakes.csc import PickyService
from tests.pdf.conftest import Key
from tests.pipeline.conftest import House
from tests.pipeline.test_runner import drop, results

Build = Callable[..., House]


@pytest.fixture
def build(tmp_path: Path, artwork: Path, key: Key, request: pytest.FixtureRequest) -> Build:
    """Return a function that builds a site of chosen services and terms."""

    def make(*services: PickyService, **terms: object) -> House:
        house = House(tmp_path / "site", services[0], artwork, key, *services[1:], **terms)
        request.addfinalizer(house.ledger.close)
        request.addfinalizer(house.documents.close)
        request.addfinalizer(house.engine.stop)
        return house

    return make


def buy(house: House, units: int) -> None:
    """Buy units of the first service."""
    today = datetime.now(UTC).date()
    house.ledger.buy(Package(house.service.name, units, today), "user:test")


def left(house: House) -> int:
    """Return what is left of the first service's quota."""
    return balance(*house.ledger.account(house.service.name), datetime.now(UTC).date()).left


def hold_codes(house: House) -> set[str]:
    """Return the codes of what is held."""
    return {hold.code for hold in house.ledger.all()}


def test_used_up_quota_holds_until_more_is_bought(build: Build, key: Key) -> None:
    """Nothing is sent without quota; buying lets work go on by itself."""
    house = build(PickyService(key), quota=QuotaSettings())
    buy(house, 2)
    drop(house, "a", "b", "c", "d")
    house.run_until("two sealed", lambda: len(results(house)) == 2)
    house.run_until("held", lambda: "service.out-of-quota" in hold_codes(house))
    assert house.service.charged == 2
    assert not house.ledger.find((State.FAILED,))
    buy(house, 10)
    house.run_until("all sealed", lambda: results(house) == {"a", "b", "c", "d"})
    house.run_until("idle", house.engine.idle)
    assert (house.service.charged, left(house), house.ledger.all()) == (4, 8, ())


def test_lost_answers_cost_no_more_than_allowed(build: Build, key: Key) -> None:
    """A service that charges and never answers gets one repeat; then a person decides."""
    service = PickyService(key)
    service.idempotent = False
    service.lose_answers = 100
    house = build(service, repeats=1, quota=QuotaSettings())
    buy(house, 50)
    drop(house, "a")
    house.run_until("a person is asked", lambda: "service.repeat-limit" in hold_codes(house))
    for _ in range(20):
        house.engine.round()
    assert service.charged == 2
    assert len(house.events("sign.unanswered")) == 2
    assert left(house) == 48
    service.lose_answers = 0
    house.ledger.acknowledge("user:test")
    house.ledger.release("service:picky")
    house.run_until("sealed", lambda: results(house) == {"a"})
    unanswered = house.ledger.charges("picky", (ChargeState.UNKNOWN,))
    assert service.charged == 3 == 1 + len(unanswered)


def test_idempotent_service_is_asked_until_it_answers(build: Build, key: Key) -> None:
    """Where repeats are free, work resumes by itself however often an answer was lost."""
    service = PickyService(key)
    service.lose_answers = 6
    house = build(service)
    drop(house, "a")
    house.run_until("sealed", lambda: results(house) == {"a"})
    assert len(set(service.signed)) == 1, "always the same digest"
    assert house.ledger.charges("picky", (ChargeState.UNKNOWN,)) == ()


def test_another_service_signs_while_one_is_down(build: Build, key: Key) -> None:
    """A document goes to the rule's next service, and new ones come back to the first."""
    first, second = PickyService(key, "first"), PickyService(key, "second")
    first.down = True
    house = build(first, second)
    drop(house, "a", "b")
    house.run_until("sealed elsewhere", lambda: results(house) == {"a", "b"})
    assert (first.charged, second.charged) == (0, 2)
    assert len(house.events("job.rerouted")) == 2
    first.down = False
    number = 0

    def healed() -> bool:
        nonlocal number
        if not list((house.root / "inbox").iterdir()) and not house.ledger.find((State.PREPARED,)):
            number += 1
            drop(house, f"later-{number}")
        return not house.ledger.all()

    house.run_until("the first is probed and healthy", healed)
    drop(house, "last")
    house.run_until("sealed", lambda: "last" in results(house))
    assert first.charged >= 1
    house.run_until("idle", house.engine.idle)
    assert first.charged + second.charged == len(results(house))


def test_no_other_service_after_something_was_sent(build: Build, key: Key) -> None:
    """A digest that may have been signed is not paid for at a second service."""
    first, second = PickyService(key, "first"), PickyService(key, "second")
    first.lose_answers = 1
    house = build(first, second)
    drop(house, "a")
    house.run_until("sealed", lambda: results(house) == {"a"})
    assert (first.charged, second.charged) == (2, 0)
    assert house.events("job.rerouted") == []


def test_all_services_down_holds(build: Build, key: Key) -> None:
    """With nobody left to go to the document waits, and whoever comes back first signs."""
    first, second = PickyService(key, "first"), PickyService(key, "second")
    first.down = second.down = True
    house = build(first, second)
    drop(house, "a")
    house.run_until("both held", lambda: len(house.ledger.all()) == 2)
    assert not house.ledger.find((State.FAILED,))
    first.down = False
    house.run_until("sealed", lambda: results(house) == {"a"})
    assert (first.charged, second.charged) == (1, 0)
