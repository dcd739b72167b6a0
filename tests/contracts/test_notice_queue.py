"""The contract of the ports `NoticeQueue` and `NoticeBooks`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gateway.core.notices import Notice
from gateway.ledger import Ledger
from gateway.ports import Clock, NoticeState, QueuedNotice
from tests.ledger.making import StandingClock


@pytest.fixture
def ledger(open_ledger: Callable[[Clock], Ledger]) -> Iterator[Ledger]:
    """Yield a ledger in which somebody wants to be told."""
    opened = open_ledger(StandingClock())
    opened.record("before", {})
    opened.notices.begin(wanted=True)
    yield opened
    opened.close()


def row(sequence: int, due: float = 0.0, name: str = "ops") -> QueuedNotice:
    """Return a notice to be queued."""
    notice = Notice(f"id{sequence}", "failed", "2026-11-25T00:00:00Z", "Site")
    return QueuedNotice(name, sequence, notice, due)


def sequences(rows: tuple[QueuedNotice, ...]) -> list[int]:
    """Return which entries rows are of."""
    return [one.sequence for one in rows]


def test_only_what_comes_afterwards_is_fresh(ledger: Ledger) -> None:
    """What the log said before is not told; beginning again changes nothing."""
    assert ledger.notices.fresh(10) == ()
    entry = ledger.record("after", {})
    ledger.notices.begin(wanted=True)
    assert ledger.notices.fresh(10) == (entry,)
    ledger.notices.queue(entry.sequence, ())
    assert ledger.notices.fresh(10) == ()


def test_forgotten_when_nobody_wants_it(ledger: Ledger) -> None:
    """After a time without notices they begin anew, without what happened meanwhile."""
    ledger.notices.begin(wanted=False)
    ledger.record("meanwhile", {})
    assert ledger.notices.fresh(10) == ()
    ledger.notices.begin(wanted=True)
    assert ledger.notices.fresh(10) == ()


def test_queued_once(ledger: Ledger) -> None:
    """The same entry for the same subscription is one notice; the look never goes back."""
    entries = [ledger.record(f"e{n}", {}) for n in range(3)]
    ledger.notices.queue(entries[2].sequence, [row(2), row(2, name="other")])
    ledger.notices.queue(entries[0].sequence, [row(2)])
    assert sequences(ledger.notices.rows([NoticeState.QUEUED])) == [2, 2]
    assert ledger.notices.fresh(10) == ()


def test_taken_when_due_one_by_one(ledger: Ledger) -> None:
    """What is due first is taken first, and again until it is settled."""
    ledger.notices.queue(9, [row(1, due=20), row(2, due=10)])
    assert ledger.notices.take("ops", 5, 1) == ()
    assert sequences(ledger.notices.take("ops", 30, 1)) == [2]
    again = ledger.notices.take("ops", 30, 1)
    assert sequences(again) == [2]
    assert again[0].notice == row(2).notice
    ledger.notices.settle(again, NoticeState.SENT)
    assert sequences(ledger.notices.take("ops", 30, 1)) == [1]
    assert ledger.notices.take("nobody", 30, 1) == ()


def test_digest_stays_together(ledger: Ledger) -> None:
    """What was gathered is the same at the next attempt; what comes later is another digest."""
    ledger.notices.queue(9, [row(1, due=10), row(2, due=15)])
    first = ledger.notices.take("ops", 12, 10)
    assert sequences(first) == [1, 2]
    ledger.notices.settle(first, NoticeState.QUEUED, code="notice.not-now", due=20)
    ledger.notices.queue(10, [row(3, due=19)])
    assert sequences(ledger.notices.take("ops", 19, 10)) == [3]
    repeated = ledger.notices.take("ops", 20, 10)
    assert sequences(repeated) in ([3], [1, 2])
    ledger.notices.settle(ledger.notices.take("ops", 19, 10), NoticeState.SENT)
    assert sequences(ledger.notices.take("ops", 20, 10)) == [1, 2]


def test_laid_aside_and_asked_for_again(ledger: Ledger) -> None:
    """What is laid aside is logged once, tallied, never taken, until somebody asks for it."""
    ledger.notices.queue(9, [row(1), row(2), row(1, name="other")])
    ledger.notices.settle(
        ledger.notices.take("ops", 1, 10), NoticeState.DEAD, code="notice.refused", detail="410"
    )
    ledger.notices.settle(
        ledger.notices.take("other", 1, 1), NoticeState.QUEUED, code="notice.not-now", due=99
    )
    (logged,) = ledger.entries(event="notice.dead")
    assert dict(logged.details)["count"] == "2"
    ops, other = ledger.notices.tallies()
    assert (ops.queued, ops.failing, ops.dead, ops.code, ops.detail) == (
        0,
        0,
        2,
        "notice.refused",
        "410",
    )
    assert (other.queued, other.failing, other.dead, other.code) == (1, 1, 0, "notice.not-now")
    assert ledger.notices.take("ops", 1000, 10) == ()
    assert ledger.notices.again("ops", 50) == 2
    assert sequences(ledger.notices.take("ops", 50, 10)) == [1, 2]
    assert ledger.notices.take("other", 50, 1) == ()
    assert ledger.notices.again("", 50) == 1
    assert sequences(ledger.notices.take("other", 50, 1)) == [1]
    assert ledger.verify() == ()
