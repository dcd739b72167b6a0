"""When the log's head is to be stamped, and what a token says against a log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.log_timestamps import (
    Evidence,
    Head,
    LogTimestamp,
    TokenFacts,
    contradictions,
    differences,
    is_due,
)
from gateway.core.schedules import Schedule

_DAILY = Schedule.parse("30 2 * * *", UTC)
_HASH = "ab" * 32


def _moment(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def _stamp(at: datetime, stored: datetime | None = None) -> LogTimestamp:
    return LogTimestamp(Head(7, _HASH), at, "tsa", stored or at, "x.tsr", b"token")


def test_first_one_is_due_at_once() -> None:
    """A site that never had a time-stamp does not wait for the night."""
    assert is_due(_DAILY, None, _moment(10, 12))


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (_moment(10, 2, 31), False),
        (_moment(11, 2, 29), False),
        (_moment(11, 2, 30), True),
        (_moment(15, 1), True),
    ],
)
def test_once_a_day(now: datetime, due: bool) -> None:
    """It is due when the hour has come, also days later, and not before."""
    assert is_due(_DAILY, _stamp(_moment(10, 2, 30)), now) is due


@pytest.mark.parametrize(
    ("stamp", "now", "due"),
    [
        # Our clock ran nine days ahead when it was made; the authority's did not.
        (_stamp(_moment(10, 3), _moment(19, 3)), _moment(10, 4), False),
        (_stamp(_moment(10, 3), _moment(19, 3)), _moment(11, 3), True),
        # It still does: what was made for its wrong day is not made again and again.
        (_stamp(_moment(10, 3), _moment(19, 3)), _moment(19, 4), False),
        # It was behind when it was made, and is right now.
        (_stamp(_moment(10, 3), _moment(2, 3)), _moment(10, 4), False),
        (_stamp(_moment(10, 3), _moment(2, 3)), _moment(11, 3), True),
        # It is behind now: nothing is due before the day comes again.
        (_stamp(_moment(10, 3)), _moment(5, 12), False),
    ],
)
def test_a_wrong_clock_neither_loses_nor_repeats(
    stamp: LogTimestamp, now: datetime, due: bool
) -> None:
    """The authority's time counts where ours was or is wrong."""
    assert is_due(_DAILY, stamp, now) is due


def _facts(imprint: str = _HASH, problem: str = "") -> TokenFacts:
    return TokenFacts(imprint, _moment(10, 3), "Authority", problem)


@pytest.mark.parametrize(
    ("evidence", "known", "words"),
    [
        (Evidence("t", _facts(), Head(7, _HASH)), {_HASH: 7}, ""),
        (Evidence("t", _facts()), {_HASH: 7}, ""),
        (Evidence("t", _facts(), Head(7, _HASH)), {}, "rewritten"),
        (Evidence("t", _facts()), {}, "rewritten"),
        (Evidence("t", _facts(), Head(7, "cd" * 32)), {_HASH: 7}, "another hash"),
        (Evidence("t", _facts(), Head(8, _HASH)), {_HASH: 7}, "over entry 7"),
        (Evidence("t", _facts(problem="not trusted"), Head(7, _HASH)), {_HASH: 7}, "not trusted"),
        (Evidence("t", TokenFacts("", None, "", "unreadable")), {}, "unreadable"),
    ],
)
def test_contradictions(evidence: Evidence, known: dict[str, int], words: str) -> None:
    """Each way in which a token and a log can disagree is told, and none where they agree."""
    found = [flaw.what for flaw in contradictions([evidence], known)]
    assert len(found) == (1 if words else 0)
    assert words in "".join(found)


def test_differences_between_log_ledger_and_archive() -> None:
    """A time-stamp missing in one of the three is told; a file more than the log has is not."""
    whole = {"a": 1, "b": 2}
    files = {"a.tsr": "a", "b.tsr": "b", "left-by-a-crash.tsr": "c"}
    assert list(differences(whole, whole, files)) == []
    for told, kept, copies in (
        (whole, {"a": 1}, files),
        ({"a": 1}, whole, files),
        (whole, whole, {"a.tsr": "a"}),
    ):
        assert [flaw.sequence for flaw in differences(told, kept, copies)] == [2]


def test_days_are_those_of_the_zone() -> None:
    """An hour that the clock leaves out in spring fires all the same, once."""
    stamp = _stamp(_moment(10, 2, 30) + timedelta(seconds=1))
    assert not is_due(_DAILY, stamp, _moment(11, 2))
