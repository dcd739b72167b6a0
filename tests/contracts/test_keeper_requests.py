"""What every book of keepers' requests keeps: the contract of the port `KeeperRequests`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from gateway.core.accounts import Account
from gateway.core.errors import AccessFault, UsageFault
from gateway.core.four_eyes import KeeperRequest, RequestFiled, RequestState
from gateway.core.job import Job
from gateway.core.people_settings import PeopleSettings
from gateway.core.registry import ArtworkKind, Grant, GrantKind, RegisteredSeal, SealVersion
from gateway.core.states import State
from gateway.ledger import Ledger
from gateway.pipeline.four_eyes import FourEyes, seal_of
from gateway.pipeline.seal_keeping import SealKeeping
from gateway.ports import Clock
from tests.standing_clock import StandingClock

VERSION = SealVersion(1, "ab" * 32, ArtworkKind.PDF, 100.0, 75.0, "2026-11-29T12:00:00Z", "user:x")
SEAL = RegisteredSeal("round", "signing", keeper="Anna", versions=(VERSION,))
GRANTS = (Grant(GrantKind.ANY, "*"),)


@dataclass
class Office:
    """Two keepers and what they work with."""

    ledger: Ledger
    clock: StandingClock
    eyes: FourEyes

    def keeping(self, login: str) -> SealKeeping:
        """Return what a keeper changes seals with."""
        return SealKeeping(
            self.ledger.seals, self.clock, f"person:{login}", ("signing",), four_eyes=self.eyes
        )

    def granted(self, login: str = "anna") -> KeeperRequest:
        """Let a keeper ask for a grant."""
        with pytest.raises(RequestFiled) as filed:
            self.keeping(login).grant("round", GRANTS)
        return filed.value.request

    def grants(self) -> tuple[Grant, ...]:
        """Return the grants that count."""
        seal = self.ledger.seals.find("round")
        assert seal is not None
        return seal.grants


@pytest.fixture
def office(open_ledger: Callable[[Clock], Ledger]) -> Iterator[Office]:
    """Yield an office with one seal, whose log must be whole in the end."""
    clock = StandingClock()
    ledger = open_ledger(clock)
    ledger.seals.save(SEAL, "seal.added", {}, "person:anna")
    rules = PeopleSettings(four_eyes=True, four_eyes_days=7)
    yield Office(
        ledger, clock, FourEyes(ledger.keeper_requests, ledger.seals, ledger.droppers, clock, rules)
    )
    assert ledger.verify() == ()
    ledger.close()


def test_one_asks_and_another_confirms(office: Office) -> None:
    """Nothing counts before another keeper has confirmed it; then the log names both."""
    request = office.granted()
    assert office.grants() == ()
    assert office.ledger.keeper_requests.find(request.number) == request
    assert office.ledger.keeper_requests.all() == (request,)
    assert seal_of(request).grants == GRANTS
    done = office.eyes.confirm(request.number, "person:ben")
    assert office.grants() == GRANTS
    assert (done.state, done.decider) == (RequestState.CONFIRMED, "person:ben")
    assert office.ledger.keeper_requests.all() == ()
    assert office.ledger.keeper_requests.all(waiting=False) == (done,)
    filed, confirmed, granted = list(office.ledger.entries())[1:]
    assert (filed.event, filed.actor) == ("request.filed", "person:anna")
    assert (confirmed.event, confirmed.actor) == ("request.confirmed", "person:ben")
    assert (granted.event, granted.actor) == ("seal.granted", "person:anna")
    assert dict(granted.details) == {
        "seal": "round",
        "granted": "any *",
        "request": "1",
        "confirmed by": "person:ben",
    }


@pytest.mark.parametrize("actor", ["person:anna", "user:anna", "user:aschmidt"])
def test_nobody_confirms_alone(office: Office, actor: str) -> None:
    """Who asked is one person at the console and at the machine, and may only take it back."""
    posix = "aschmidt" if actor == "user:aschmidt" else ""
    office.ledger.people.save(Account("anna", "Anna", posix=posix), "person.added", {}, "user:x")
    request = office.granted()
    with pytest.raises(AccessFault) as refused:
        office.eyes.confirm(request.number, actor)
    assert refused.value.code == "access.same-person"
    assert office.grants() == ()
    taken_back = office.eyes.refuse(request.number, actor, "a mistake")
    assert (taken_back.state, taken_back.why) == (RequestState.REFUSED, "a mistake")


def test_decided_once(office: Office) -> None:
    """What was refused, confirmed or has expired cannot be decided again."""
    refused, expired = office.granted(), office.granted()
    office.eyes.refuse(refused.number, "person:ben")
    office.clock.moment += timedelta(days=7)
    found = office.ledger.keeper_requests.find(expired.number)
    assert found is not None
    assert found.state is RequestState.EXPIRED
    assert office.ledger.keeper_requests.all() == ()
    for number in (refused.number, expired.number):
        for decide in (office.eyes.confirm, office.eyes.refuse):
            with pytest.raises(UsageFault) as late:
                decide(number, "person:ben")
            assert late.value.code == "usage.request-decided"
    with pytest.raises(UsageFault) as unknown:
        office.eyes.confirm(99, "person:ben")
    assert unknown.value.code == "usage.unknown-request"
    assert office.grants() == ()


def test_done_as_shown_or_not_at_all(office: Office) -> None:
    """A seal that was changed meanwhile is not put back to what it was when somebody asked."""
    first, second = office.granted(), office.granted("cleo")
    office.eyes.confirm(first.number, "person:ben")
    with pytest.raises(UsageFault) as stale:
        office.eyes.confirm(second.number, "person:ben")
    assert stale.value.code == "usage.seal-changed"
    still = office.ledger.keeper_requests.find(second.number)
    assert still is not None
    assert still.state is RequestState.OPEN


def test_taking_away_needs_nobody(office: Office) -> None:
    """A seal is taken out of use, and a grant taken back, at once and by one keeper."""
    office.eyes.confirm(office.granted().number, "person:ben")
    office.keeping("anna").remove("round", GRANTS)
    assert office.grants() == ()
    assert office.keeping("anna").retire("round", "lost").standing == "retired"
    with pytest.raises(RequestFiled):
        office.keeping("anna").restore("round")
    with pytest.raises(RequestFiled):
        office.keeping("anna").revoke("round", "lost")


def test_other_kinds_are_applied_by_whom_they_concern(office: Office) -> None:
    """What is no seal is done by who knows how; if that fails nothing is confirmed."""
    request = office.eyes.file(
        "rule", "a.yaml", "rule.changed", "{}", {"rule": "all"}, asker="person:anna"
    )
    with pytest.raises(UsageFault) as unknown:
        office.eyes.confirm(request.number, "person:ben")
    assert unknown.value.code == "usage.request-kind"
    applied: list[KeeperRequest] = []

    def fail(_: KeeperRequest) -> None:
        raise UsageFault("usage.seal-changed", "a.yaml")

    with pytest.raises(UsageFault):
        office.eyes.confirm(request.number, "person:ben", fail)
    with pytest.raises(AccessFault):
        office.eyes.confirm(request.number, "person:anna", applied.append)
    assert applied == []
    office.eyes.confirm(request.number, "person:ben", applied.append)
    assert applied == [request]
    with pytest.raises(UsageFault):
        office.eyes.confirm(request.number, "person:cleo", applied.append)
    assert len(applied) == 1


def test_without_four_eyes(office: Office) -> None:
    """A site that does not want them is spared them; what was filed can still be confirmed."""
    request = office.granted()
    alone = replace(office.eyes, rules=PeopleSettings())
    replace(office.keeping("anna"), four_eyes=alone).change("round", {"keeper": "Ben"})
    with pytest.raises(UsageFault):
        alone.confirm(request.number, "person:ben")
    alone.refuse(request.number, "person:ben")


def test_nobody_approves_what_he_dropped(office: Office) -> None:
    """With four eyes the use of a seal is approved by another than who dropped the document."""
    anna = Account("anna", "Anna", posix="aschmidt", home="in/anna")
    office.ledger.people.save(anna, "person.added", {}, "user:x")
    now = office.clock.now()
    own = Job("one", State.PLANNED, 1, "in", "a.pdf", "/spool/one", now, now, dropper="aschmidt")
    sent = replace(own, source="anna/a.pdf", dropper="sealgate")
    for job, actor in ((own, "person:anna"), (own, "user:aschmidt"), (sent, "person:anna")):
        with pytest.raises(AccessFault) as refused:
            office.eyes.check_approval(job, actor)
        assert refused.value.code == "access.same-person"
    for actor in ("person:ben", "user:root", "user:anna"):
        office.eyes.check_approval(own, actor)
    replace(office.eyes, rules=PeopleSettings()).check_approval(own, "person:anna")
