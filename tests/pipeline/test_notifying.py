"""From the log to the target: what fails, what goes on meanwhile, and when it is laid aside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.errors import NoticeFault
from gateway.core.notice_settings import CommandTarget, NoticeKind, Subscription
from gateway.core.notice_texts import Message
from gateway.core.retry import RetryPolicy
from gateway.ledger import SqliteLedger
from gateway.pipeline.notifying import Notifying
from gateway.ports import NoticeState
from tests.ledger.making import StandingClock

OPS = Subscription(
    "ops",
    CommandTarget((), Path(), 1),
    frozenset({NoticeKind.HELD}),
    attempts=3,
    retry=RetryPolicy(2.0, 3600.0),
)


class Target:
    """Takes messages, or fails as told."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.faults: list[Exception] = []

    def send(self, message: Message) -> None:
        """Take a message or fail."""
        if self.faults:
            raise self.faults.pop(0)
        self.taken.append(message)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    """Yield an empty ledger whose clock goes on by a second at each look."""
    opened = SqliteLedger(tmp_path / "ledger.sqlite", StandingClock())
    yield opened
    opened.close()


@pytest.fixture
def target() -> Target:
    """Return a target that takes everything."""
    return Target()


def notifying(ledger: SqliteLedger, target: Target, subscription: Subscription = OPS) -> Notifying:
    """Return the notices of a site with one subscription, begun."""
    made = Notifying(
        "Site",
        subscriptions=(subscription,),
        notifiers={subscription.name: target},
        queue=ledger.notices,
        jobs=ledger,
        clock=ledger._clock,
        chance=lambda: 0.0,
    )
    made.begin()
    return made


def hold(ledger: SqliteLedger, name: str) -> None:
    """Let something happen that is told."""
    ledger.hold(f"service:{name}", "service.unreachable", "", 0.0)


def test_told_once(ledger: SqliteLedger, target: Target) -> None:
    """What happened is told once, however often one looks, and by whomever."""
    told = notifying(ledger, target)
    hold(ledger, "one")
    assert told.flush() == ()
    assert notifying(ledger, target).flush() == ()
    assert [one.notices[0].subject for one in target.taken] == ["service:one"]


def test_one_that_fails_does_not_stop_others(ledger: SqliteLedger, target: Target) -> None:
    """After a failure the next notice is tried first; the failed one comes when it is due."""
    told = notifying(ledger, target)
    hold(ledger, "one")
    hold(ledger, "two")
    told.gather()
    target.faults = [NoticeFault("notice.not-now", retry_after=100.0)]
    attempt = told.deliver(OPS)
    assert attempt is not None
    assert (attempt.code, attempt.pause) == ("notice.not-now", 100.0)
    told.deliver(OPS)
    assert [one.notices[0].subject for one in target.taken] == ["service:two"]
    assert told.deliver(OPS) is None


def test_laid_aside_after_so_many_attempts(ledger: SqliteLedger, target: Target) -> None:
    """The last attempt lays a notice aside; every id of its attempts was the same."""
    told = notifying(ledger, target, replace(OPS, retry=RetryPolicy(0.1, 0.1)))
    hold(ledger, "one")
    told.gather()
    target.faults = [NoticeFault("notice.unreachable")] * 3
    attempts = [told.deliver(OPS) for _ in range(3)]
    assert [one.dead for one in attempts if one] == [0, 0, 1]
    assert told.deliver(OPS) is None
    assert ledger.notices.tallies()[0].dead == 1


@pytest.mark.parametrize(
    "fault", [ValueError("x"), KeyError("y"), UnicodeEncodeError("a", "b", 0, 1, "c")]
)
def test_unforeseen(ledger: SqliteLedger, target: Target, fault: Exception) -> None:
    """What nobody foresaw is one failed attempt, and shown."""
    told = notifying(ledger, target)
    hold(ledger, "one")
    target.faults = [fault]
    ((name, attempt),) = told.flush()
    assert (name, attempt.code) == ("ops", "notice.unexpected")
    assert len(ledger.notices.rows([NoticeState.QUEUED])) == 1


def test_refused_for_good_does_not_stop_others(ledger: SqliteLedger, target: Target) -> None:
    """A final refusal lays one notice aside and the next is sent at once."""
    told = notifying(ledger, target)
    hold(ledger, "one")
    hold(ledger, "two")
    target.faults = [NoticeFault("notice.refused")]
    ((_, attempt),) = told.flush()
    assert attempt.dead == 1
    assert len(target.taken) == 1


def test_pauses_are_bounded(ledger: SqliteLedger, target: Target) -> None:
    """A target that is long down is looked at every minute, so that a person need not wait."""
    told = notifying(ledger, target)
    hold(ledger, "one")
    told.gather()
    target.faults = [NoticeFault("notice.unreachable")]
    attempt = told.deliver(OPS, failures=20)
    assert attempt is not None
    assert attempt.pause == 60.0


def test_digest_waits(ledger: SqliteLedger, target: Target) -> None:
    """A digest gathers what happens in its time into one message."""
    digest = replace(OPS, digest=30.0)
    told = notifying(ledger, target, digest)
    hold(ledger, "one")
    told.flush()
    hold(ledger, "two")
    told.flush()
    assert target.taken == []
    for _ in range(40):
        ledger._clock.now()
    told.flush()
    (message,) = target.taken
    assert [one.subject for one in message.notices] == ["service:one", "service:two"]
