"""Schedules: what cron's five fields mean, and what they mean when the clock is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.core.calendars import Calendar, Hours
from gateway.core.opening import Opening
from gateway.core.schedules import Schedule

BERLIN = ZoneInfo("Europe/Berlin")


def utc(*fields: int) -> datetime:
    """Return a moment in UTC."""
    return datetime(*fields, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "after", "firing"),
    [
        ("0 18 * * mon-fri", utc(2026, 1, 2, 17), utc(2026, 1, 5, 17)),
        ("0 18 * * 1-5", utc(2026, 1, 2, 16, 59, 59), utc(2026, 1, 2, 17)),
        ("*/20 * * * *", utc(2026, 1, 2, 17, 20), utc(2026, 1, 2, 17, 40)),
        ("5,10 0-1 1 * *", utc(2026, 1, 2), utc(2026, 1, 31, 23, 5)),
        ("0 0 13 * fri", utc(2026, 1, 10), utc(2026, 1, 12, 23)),
        ("0 0 * * 7", utc(2026, 1, 5), utc(2026, 1, 10, 23)),
        ("0 0 * * fri-sun", utc(2026, 1, 10), utc(2026, 1, 10, 23)),
        ("0 12 29 feb *", utc(2026, 1, 1), utc(2028, 2, 29, 11)),
    ],
)
def test_next_firing(text: str, after: datetime, firing: datetime) -> None:
    """The next firing lies strictly behind the moment, in the site's zone."""
    assert Schedule.parse(text, BERLIN).next_after(after) == firing


def test_a_time_left_out_by_the_clock_fires_once_behind_it() -> None:
    """02:30 does not exist on 29 March: it fires at 03:30, and next on the day after."""
    nightly = Schedule.parse("30 2 * * *", BERLIN)
    first = nightly.next_after(utc(2026, 3, 29, 0))
    assert first is not None
    assert first.astimezone(UTC) == utc(2026, 3, 29, 1, 30)
    assert nightly.next_after(first) == utc(2026, 3, 30, 0, 30)


def test_a_time_shown_twice_fires_once() -> None:
    """02:30 comes twice on 25 October: it fires the first time only."""
    nightly = Schedule.parse("30 2 * * *", BERLIN)
    first = nightly.next_after(utc(2026, 10, 24, 12))
    # Compared in UTC: Python takes no time that comes twice for equal to one of another zone.
    assert first is not None
    assert first.astimezone(UTC) == utc(2026, 10, 25, 0, 30)
    assert nightly.next_after(first) == utc(2026, 10, 26, 1, 30)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 18 * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 30 feb *",
        "* * * * fry",
        "5-1 * * * *",
        "*/0 * * * *",
        "*/x * * * *",
        "1, * * * *",
        "- * * * *",
    ],
)
def test_schedules_that_are_none(text: str) -> None:
    """What cannot be read, or never comes, is refused."""
    with pytest.raises(ValueError, match=r"\w"):
        Schedule.parse(text, BERLIN)


def test_a_sweep_outside_of_the_hours_waits_for_them() -> None:
    """A sweep due at 18:00 is begun when the inbox opens at eight, and only then."""
    office = Calendar("office", BERLIN, (Hours.parse("Mon-Fri 08:00-17:00"),))
    opening = Opening(office, (Schedule.parse("0 18 * * *", BERLIN),))
    monday, evening = utc(2026, 1, 5, 12), utc(2026, 1, 5, 17, 30)
    assert not opening.takes(monday)
    assert not opening.due(monday, evening)
    assert opening.opens(monday, evening) == utc(2026, 1, 6, 7)
    assert opening.due(monday, utc(2026, 1, 6, 7))
    assert not opening.due(utc(2026, 1, 6, 7), utc(2026, 1, 6, 7) + timedelta(hours=1))
