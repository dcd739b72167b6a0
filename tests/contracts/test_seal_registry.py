"""The contract of the seal registry and of uses, held against every implementation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.core.errors import DocumentFault, SealgateError, UsageFault, WaitingFault
from gateway.core.job import Job
from gateway.core.quota import Price
from gateway.core.registry import (
    ArtworkKind,
    Grant,
    GrantKind,
    RegisteredSeal,
    SealVersion,
    Standing,
)
from gateway.core.rules import Seal
from gateway.core.seal_use import Approval
from gateway.core.states import Event, State
from gateway.ledger import Ledger, registered_seals
from gateway.ports import Clock

START = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
ANYBODY = (Grant(GrantKind.ANY, "*"),)
PRICE = Price("signing", 1, None, True, False, False, ())
FIRST = SealVersion(1, "ab" * 32, ArtworkKind.PDF, 100.0, 80.0, "2026-11-29T12:00:00Z", "user:x")
PLAIN = RegisteredSeal("round", "signing", grants=ANYBODY, versions=(FIRST,))
SHOWN = Seal("round", FIRST.artwork, 100.0, 80.0, "signing", 1)


class StandingClock:
    """A clock turned by hand."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        """Return the time."""
        return self.moment

    def monotonic(self) -> float:
        """Return no time at all."""
        return 0.0


class Registry:
    """A ledger with its registry, and a clock."""

    def __init__(self, ledger: Ledger, clock: StandingClock) -> None:
        self.ledger = ledger
        self.clock = clock
        self.seals = ledger.seals
        self.uses = ledger.seal_uses

    def save(self, seal: RegisteredSeal, event: str = "seal.changed") -> RegisteredSeal:
        """Save a seal and return it as stored."""
        self.seals.save(seal, event, {"seal": seal.name}, "user:x")
        found = self.seals.find(seal.name)
        assert found is not None
        return found

    def planned(self, job_id: str, *seals: Seal, user: str = "anna") -> Job:
        """Return a job whose plan shows these seals, `round` if none is said."""
        job = Job(job_id, State.CLAIMED, 1, "main", f"{job_id}.pdf", "/spool", START, START)
        job = self.ledger.open(job, {})
        facts = {"sha256": f"{job_id:0>64}", "generation": 1, "dropper": user}
        job = self.ledger.advance(job, Event.ACCEPTED, {}, **facts)
        self.uses.ask(replace(job, rule="all"), seals or (SHOWN,))
        return self.ledger.advance(job, Event.PLANNED, {}, rule="all", service="signing")

    def prepared(self, job_id: str, *seals: Seal) -> Job:
        """Return a job that is ready to be sent."""
        job = self.planned(job_id, *seals)
        return self.ledger.advance(job, Event.PREPARED, {}, digest="cd" * 32)

    def counted(self, seal: str = "round") -> tuple[int, int]:
        """Return the uses of today and of this month."""
        return self.uses.counted(seal, self.clock.moment.date())

    def refusal(self, job: Job) -> str:
        """Return why a job may not be sent; asking and sending must agree."""
        with pytest.raises(SealgateError) as asked:
            self.uses.permit(job)
        with pytest.raises(SealgateError) as sent:
            self.ledger.send(job, {}, PRICE)
        assert asked.value.code == sent.value.code
        stored = self.ledger.get(job.id)
        assert stored is not None
        assert stored.state is State.PREPARED
        assert not self.ledger.unanswered(job.id, job.digest), "nothing was spent"
        return asked.value.code


@pytest.fixture
def registry(open_ledger: Callable[[Clock], Ledger]) -> Iterator[Registry]:
    """Yield an empty registry, whose log must be whole in the end."""
    clock = StandingClock()
    ledger = open_ledger(clock)
    yield Registry(ledger, clock)
    assert ledger.verify() == ()
    ledger.close()


# --- what is kept ------------------------------------------------------------------------------


def test_seal_is_remembered(registry: Registry) -> None:
    """A seal comes back as it was saved, also to a reader that opens nothing else."""
    full = replace(
        PLAIN,
        owner="Example Ltd",
        keeper="Anna",
        valid_from=date(2026, 1, 1),
        valid_until=date(2027, 1, 1),
        per_day=5,
        per_month=50,
        approval=True,
        fixed_size=True,
        grants=(Grant(GrantKind.RULE, "main/*"), Grant(GrantKind.USER, "anna")),
        versions=(FIRST, replace(FIRST, number=2, kind=ArtworkKind.DESIGN, design="ef" * 32)),
    )
    stored = registry.save(full)
    assert stored == replace(full, revision=1)
    other = registry.save(replace(PLAIN, name="another"))
    assert registry.seals.all() == (other, stored)
    assert registry.seals.find("nobody") is None
    assert registered_seals(registry.ledger.place) == (other, stored)


def test_each_change_is_logged_and_counted(registry: Registry) -> None:
    """Every change has one entry with its actor, and is noticed by whoever counts."""
    seal = registry.save(PLAIN, "seal.added")
    before = registry.seals.revisions()
    registry.save(replace(seal, keeper="Anna"), "seal.changed")
    assert registry.seals.revisions() > before
    found = [(entry.event, entry.actor, entry.job) for entry in registry.ledger.entries()]
    assert found == [("seal.added", "user:x", ""), ("seal.changed", "user:x", "")]


def test_lost_update_is_refused(registry: Registry) -> None:
    """Who changes a seal that somebody else has changed meanwhile is told so; nothing is logged."""
    seal = registry.save(PLAIN)
    registry.save(replace(seal, keeper="Anna"))
    with pytest.raises(UsageFault) as late:
        registry.save(replace(seal, keeper="Ben"))
    assert late.value.code == "usage.seal-changed"
    with pytest.raises(UsageFault) as twice:
        registry.save(PLAIN)
    assert twice.value.code == "usage.seal-exists"
    assert len(list(registry.ledger.entries())) == 2


def test_versions_are_only_added(registry: Registry) -> None:
    """What a seal looked like once is never taken away or changed."""
    seal = registry.save(PLAIN)
    for versions in ((), (replace(FIRST, width=1.0),)):
        with pytest.raises(UsageFault) as refused:
            registry.save(replace(seal, versions=versions))
        assert refused.value.code == "usage.seal-changed"
    longer = registry.save(replace(seal, versions=(FIRST, replace(FIRST, number=2))))
    assert longer.newest.number == 2


def test_revoked_for_ever(registry: Registry) -> None:
    """Nothing changes a revoked seal."""
    seal = registry.save(replace(registry.save(PLAIN), standing=Standing.REVOKED))
    for change in (replace(seal, standing=Standing.ACTIVE), replace(seal, keeper="Anna")):
        with pytest.raises(UsageFault) as refused:
            registry.save(change)
        assert refused.value.code == "usage.seal-revoked"
    assert registry.seals.find("round") == seal


def test_serial_numbers(registry: Registry) -> None:
    """Each job has one number in a seal's series, and no other job has it."""
    numbers = [registry.seals.serial("round", job) for job in ("a", "b", "a", "c")]
    assert numbers == [1, 2, 1, 3]
    assert registry.seals.serial("oval", "b") == 1


# --- uses ----------------------------------------------------------------------------------------


def test_use_is_counted_once_a_job(registry: Registry) -> None:
    """A use counts when the digest is committed as sent, and a repeat counts no more."""
    registry.save(replace(PLAIN, per_day=1))
    job = registry.prepared("one")
    assert registry.counted() == (0, 0)
    job = registry.ledger.send(job, {}, PRICE)
    assert registry.counted() == (1, 1)
    registry.clock.moment += timedelta(days=1)
    job = registry.ledger.advance(job, Event.UNANSWERED, {})
    registry.ledger.send(job, {}, PRICE)
    assert registry.counted() == (0, 1), "on its first day"
    (use,) = registry.uses.uses(seal="round")
    assert (use.job, use.version, use.user, use.rule) == ("one", 1, "anna", "all")


def test_every_seal_of_a_plan_counts(registry: Registry) -> None:
    """All seals that a document shows must be allowed, and each is counted."""
    registry.save(PLAIN)
    oval = registry.save(replace(PLAIN, name="oval", grants=()))
    plan = (SHOWN, replace(SHOWN, name="oval"), replace(SHOWN, name="of-yaml", version=0))
    job = registry.prepared("one", *plan)
    assert registry.refusal(job) == "seal.not-granted"
    assert registry.counted() == (0, 0)
    registry.save(replace(oval, grants=ANYBODY))
    registry.ledger.send(job, {}, PRICE)
    assert (registry.counted(), registry.counted("oval")) == ((1, 1), (1, 1))
    assert registry.counted("of-yaml") == (0, 0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"standing": Standing.REVOKED}, "seal.revoked"),
        ({"standing": Standing.RETIRED}, "seal.retired"),
        ({"valid_from": date(2026, 11, 30)}, "seal.not-yet-valid"),
        ({"valid_until": date(2026, 11, 28)}, "seal.expired"),
        ({"grants": ()}, "seal.not-granted"),
        ({"approval": True}, "seal.awaiting-approval"),
    ],
)
def test_change_before_sending_counts(
    registry: Registry, change: dict[str, object], code: str
) -> None:
    """What a keeper decides after a document was prepared still keeps it from being paid for."""
    seal = registry.save(PLAIN)
    job = registry.prepared("one")
    registry.uses.permit(job)
    registry.save(replace(seal, **change))  # type: ignore[arg-type]
    assert registry.refusal(job) == code
    assert registry.counted() == (0, 0)


def test_unknown_seal_is_refused(registry: Registry) -> None:
    """A seal that the registry does not know is used by nobody."""
    assert registry.refusal(registry.prepared("one")) == "seal.not-registered"


def test_limit_lets_the_job_rest(registry: Registry) -> None:
    """A job over the limit rests until the next day or month, or until the limit is raised."""
    seal = registry.save(replace(PLAIN, per_day=1, per_month=2))
    registry.ledger.send(registry.prepared("one"), {}, PRICE)
    job = registry.prepared("two")
    assert registry.refusal(job) == "seal.limit-reached"
    job = registry.uses.rest(job)
    assert (job.code, job.state) == ("seal.limit-reached", State.PREPARED)
    assert job.not_before == datetime(2026, 11, 30, tzinfo=UTC).timestamp()
    registry.clock.moment = datetime(2026, 11, 30, tzinfo=UTC)
    registry.ledger.send(job, {}, PRICE)
    third = registry.uses.rest(registry.prepared("three"))
    assert third.not_before == datetime(2026, 12, 1, tzinfo=UTC).timestamp()
    registry.save(replace(seal, per_day=None, per_month=3))
    woken = registry.ledger.get("three")
    assert woken is not None
    assert woken.not_before == 0
    assert registry.uses.rest(woken) is woken, "nothing is missing any more"
    registry.ledger.send(woken, {}, PRICE)


def test_what_a_document_waits_for(registry: Registry) -> None:
    """Of several seals of a document, only those are told of that keep it waiting."""
    registry.save(PLAIN)
    registry.save(replace(PLAIN, name="strict", approval=True))
    shown = (SHOWN, replace(SHOWN, name="strict"))
    registry.uses.rest(registry.prepared("one", *shown))
    assert [(use.job, use.seal) for use in registry.uses.uses()] == [("one", "strict")]


def test_approval(registry: Registry) -> None:
    """An approved use goes on, a rejected one fails; both are logged with who and why."""
    registry.save(replace(PLAIN, approval=True))
    jobs = [registry.uses.rest(registry.prepared(name)) for name in ("one", "two")]
    assert all(job.not_before > 1e11 for job in jobs)
    assert [use.job for use in registry.uses.uses()] == ["one", "two"]
    registry.uses.decide("one", Approval.APPROVED, "", "user:anna")
    registry.uses.decide("two", Approval.REJECTED, "the wrong one", "user:anna")
    one, two = registry.ledger.get("one"), registry.ledger.get("two")
    assert one is not None
    assert two is not None
    assert one.not_before == two.not_before == 0
    registry.ledger.send(one, {}, PRICE)
    with pytest.raises(DocumentFault) as rejected:
        registry.ledger.send(two, {}, PRICE)
    assert (rejected.value.code, rejected.value.detail) == (
        "seal.use-rejected",
        "round: the wrong one",
    )
    events = list(registry.ledger.entries(event="seal.use-*"))
    assert [(entry.event, entry.actor) for entry in events] == [
        ("seal.use-approved", "user:anna"),
        ("seal.use-rejected", "user:anna"),
    ]
    for job in ("one", "nobody"):
        with pytest.raises(UsageFault) as refused:
            registry.uses.decide(job, Approval.APPROVED, "", "user:anna")
        assert refused.value.code == "usage.not-waiting"


def test_approval_that_comes_in_between_is_not_missed(registry: Registry) -> None:
    """A job whose approval comes while it is about to rest does not go to rest."""
    seal = registry.save(replace(PLAIN, approval=True))
    job = registry.prepared("one")
    with pytest.raises(WaitingFault):
        registry.uses.permit(job)
    registry.save(replace(seal, approval=False))
    assert registry.uses.rest(job) is job


@pytest.mark.parametrize("change", ["document", "version", "nothing"])
def test_approval_is_of_one_document_and_look(registry: Registry, change: str) -> None:
    """What was approved may be tried again; another document or look is asked for anew."""
    registry.save(replace(PLAIN, approval=True))
    job = registry.uses.rest(registry.prepared("one"))
    registry.uses.decide("one", Approval.APPROVED, "", "user:anna")
    job = registry.ledger.get("one") or job
    job = registry.ledger.advance(job, Event.GAVE_UP, {})
    job = registry.ledger.advance(job, Event.FAILED, {})
    job = registry.ledger.advance(job, Event.RETRIED, {})
    sha256 = "99" * 32 if change == "document" else job.sha256
    job = registry.ledger.advance(job, Event.ACCEPTED, {}, sha256=sha256, generation=2)
    registry.uses.ask(job, (replace(SHOWN, version=2 if change == "version" else 1),))
    if change == "nothing":
        registry.uses.permit(job)
    else:
        with pytest.raises(WaitingFault):
            registry.uses.permit(job)


def test_limit_is_not_lifted_by_an_approval(registry: Registry) -> None:
    """What waits for the next day cannot be approved, but it can be rejected."""
    registry.save(replace(PLAIN, per_day=1))
    registry.ledger.send(registry.prepared("one"), {}, PRICE)
    registry.uses.rest(registry.prepared("two"))
    with pytest.raises(UsageFault):
        registry.uses.decide("two", Approval.APPROVED, "", "user:anna")
    (use,) = registry.uses.decide("two", Approval.REJECTED, "no more", "user:anna")
    assert use.job == "two"
