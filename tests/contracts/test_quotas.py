"""The contract of the quota ledger: `ports.Quotas`, `ports.Accounts` and `Jobs.send`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from gateway.core.errors import ServiceFault
from gateway.core.job import Job
from gateway.core.quota import ChargeState, Package, Price, balance
from gateway.core.states import Event, State
from gateway.ledger import Ledger
from tests.contracts.test_ledger import CLAIMED, ledger, reopen

__all__ = ["ledger", "reopen"]

PRICE = Price("signing", 1, repeats=1, repeats_are_free=False, per_document=False, metered=True)
FREE = Price("signing", 1, repeats=None, repeats_are_free=True, per_document=False, metered=True)
TODAY = date(2026, 11, 23)


def prepared(ledger: Ledger, name: str = "1", digest: str = "aa") -> Job:
    """Return a job that is ready to be sent."""
    job = ledger.open(
        Job(name, State.CLAIMED, 1, "main", name, "/s", CLAIMED.created, CLAIMED.created), {}
    )
    for event in (Event.ACCEPTED, Event.PLANNED, Event.PREPARED):
        job = ledger.advance(job, event, {}, digest=digest)
    return job


def bought(ledger: Ledger, units: int) -> None:
    """Buy a package."""
    ledger.buy(Package("signing", units, date(2026, 1, 1)), "user:test")


def left(ledger: Ledger) -> int:
    """Return what is left."""
    return balance(*ledger.account("signing"), TODAY).left


def states(ledger: Ledger) -> list[ChargeState]:
    """Return the state of every charge."""
    return [charge.state for charge in ledger.charges("signing", tuple(ChargeState))]


@pytest.mark.parametrize(
    ("event", "state", "spent"),
    [
        (Event.ANSWERED, ChargeState.CONFIRMED, 1),
        (Event.REFUSED, ChargeState.RELEASED, 0),
        (Event.UNANSWERED, ChargeState.UNKNOWN, 1),
        (Event.UNUSABLE, ChargeState.UNKNOWN, 1),
        (Event.GAVE_UP, ChargeState.UNKNOWN, 1),
    ],
)
def test_charge_follows_its_job(
    ledger: Ledger, event: Event, state: ChargeState, spent: int
) -> None:
    """What became of a call is what became of its charge; only a refusal gives units back."""
    bought(ledger, 10)
    job = ledger.send(prepared(ledger), {}, PRICE)
    assert (job.state, states(ledger), left(ledger)) == (State.SENT, [ChargeState.SENT], 9)
    ledger.advance(job, event, {})
    assert (states(ledger), left(ledger)) == ([state], 10 - spent)


def test_nothing_is_sent_when_nothing_is_left(ledger: Ledger) -> None:
    """A quota that is used up refuses the step itself, and a package lets it happen."""
    job = prepared(ledger)
    with pytest.raises(ServiceFault) as refused:
        ledger.send(job, {}, PRICE)
    assert refused.value.code == "service.out-of-quota"
    assert ledger.get(job.id) == job
    assert states(ledger) == []
    bought(ledger, 1)
    assert ledger.send(job, {}, PRICE).state is State.SENT
    with pytest.raises(ServiceFault):
        ledger.send(prepared(ledger, "2", "bb"), {}, PRICE)


def test_repeats_are_limited_until_a_person_says_so(ledger: Ledger) -> None:
    """After the allowed repeats of an unanswered digest nothing more is spent by itself."""
    bought(ledger, 10)
    job = prepared(ledger)
    for _ in range(2):
        job = ledger.advance(ledger.send(job, {}, PRICE), Event.UNANSWERED, {})
    with pytest.raises(ServiceFault) as refused:
        ledger.send(job, {}, PRICE)
    assert refused.value.code == "service.repeat-limit"
    assert ledger.unanswered(job.id, job.digest) == 2
    assert ledger.acknowledge("user:test", job.id) == 2
    job = ledger.advance(ledger.send(job, {}, PRICE), Event.ANSWERED, {})
    assert left(ledger) == 7, "each attempt may have been charged"
    assert ledger.unanswered(job.id, job.digest) == 2, "and stays listed"


def test_idempotent_service_is_paid_once(ledger: Ledger) -> None:
    """Where repeats are free the digest costs one unit, and its answer clears the doubt."""
    bought(ledger, 10)
    job = prepared(ledger)
    for _ in range(5):
        job = ledger.advance(ledger.send(job, {}, FREE), Event.UNANSWERED, {})
    ledger.advance(ledger.send(job, {}, FREE), Event.ANSWERED, {})
    assert left(ledger) == 9
    assert set(states(ledger)) == {ChargeState.CONFIRMED}


def test_document_is_counted_once(ledger: Ledger) -> None:
    """A service that counts documents takes one unit, whatever digests are sent for it."""
    bought(ledger, 10)
    price = Price("signing", 1, repeats=5, repeats_are_free=False, per_document=True, metered=True)
    job = ledger.advance(ledger.send(prepared(ledger), {}, price), Event.UNANSWERED, {})
    ledger.send(job, {}, price)
    assert left(ledger) == 9


def test_low_quota_is_told_once(ledger: Ledger) -> None:
    """Passing a threshold leaves one entry in the log."""
    bought(ledger, 4)
    price = Price("signing", 1, 1, False, False, True, (0.5,))
    for number in range(4):
        ledger.send(prepared(ledger, f"{number}", f"{number:02x}"), {}, price)
    (entry,) = ledger.entries(event="quota.low")
    assert dict(entry.details) == {"service": "signing", "left": "2", "bought": "4", "below": "50%"}


def test_charges_of_nobody(ledger: Ledger) -> None:
    """A test or a time-stamp is charged by itself; one that a crash left open is unanswered."""
    bought(ledger, 10)
    ledger.end(ledger.begin(PRICE, "", "aa"), ChargeState.CONFIRMED)
    ledger.begin(PRICE, "", "bb")
    ledger.send(prepared(ledger), {}, PRICE)
    assert ledger.abandon() == 1
    assert states(ledger) == [ChargeState.CONFIRMED, ChargeState.UNKNOWN, ChargeState.SENT]
    assert left(ledger) == 7


def test_reconciling_moves_units(ledger: Ledger) -> None:
    """What the provider says settles a charge, as often as it is said, and is logged."""
    bought(ledger, 10)
    ledger.advance(ledger.send(prepared(ledger), {}, PRICE), Event.UNANSWERED, {})
    (charge,) = ledger.charges("signing", (ChargeState.UNKNOWN,))
    for state, expected in (
        (ChargeState.RELEASED, 10),
        (ChargeState.RELEASED, 10),
        (ChargeState.CONFIRMED, 9),
    ):
        ledger.reconcile(((charge.number, state),), "november.csv", "user:test")
        assert left(ledger) == expected
    assert len(list(ledger.entries(event="quota.reconciled"))) == 3


def test_books_survive(ledger: Ledger, reopen: Callable[[], Ledger]) -> None:
    """Packages, charges and their sums are there for the next process."""
    bought(ledger, 10)
    ledger.send(prepared(ledger), {}, PRICE)
    other = reopen()
    assert left(other) == 9
    assert other.charges("signing", tuple(ChargeState)) == ledger.charges(
        "signing", tuple(ChargeState)
    )
    assert other.verify() == ()
    other.close()
