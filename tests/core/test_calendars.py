"""Calendars: hours on the wall, days off, and the two nights on which the clock is changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.core.calendars import Calendar, Closure, Hours

BERLIN = ZoneInfo("Europe/Berlin")


def calendar(*hours: str, closures: tuple[Closure, ...] = ()) -> Calendar:
    """Return a calendar in Berlin."""
    return Calendar("office", BERLIN, tuple(map(Hours.parse, hours)), closures)


def utc(*fields: int) -> datetime:
    """Return a moment in UTC."""
    return datetime(*fields, tzinfo=UTC)  # type: ignore[arg-type,misc]


def test_hours_are_those_of_the_zone() -> None:
    """The first minute is open, the last is not, in winter and in summer."""
    office = calendar("Mon-Fri 08:00-18:00")
    assert not office.is_open(utc(2026, 1, 5, 6, 59))
    assert office.is_open(utc(2026, 1, 5, 7, 0))
    assert not office.is_open(utc(2026, 1, 5, 17, 0))
    assert office.is_open(utc(2026, 7, 6, 6, 0))


def test_next_opening_passes_the_weekend_and_days_off() -> None:
    """From Friday evening over a holiday on Monday to Tuesday morning."""
    office = calendar("Mon-Fri 08:00-18:00", closures=(Closure(date(2026, 1, 5)),))
    assert office.next_opening(utc(2026, 1, 2, 17, 0, 1)) == utc(2026, 1, 6, 7)
    assert office.next_opening(utc(2026, 1, 6, 9)) == utc(2026, 1, 6, 9)


def test_several_ranges() -> None:
    """The break at noon is closed, and the range to 24:00 ends with the day."""
    office = calendar("Mon,Wed 08:00-12:00", "Mon 13:00-24:00")
    assert office.next_opening(utc(2026, 1, 5, 11, 30)) == utc(2026, 1, 5, 12)
    assert office.next_opening(utc(2026, 1, 5, 23)) == utc(2026, 1, 7, 7)


def test_an_hour_that_does_not_exist() -> None:
    """A range inside the missing hour is no opening; one that begins in it begins behind it."""
    assert calendar("Sun 02:30-04:00").next_opening(utc(2026, 3, 29, 0)) == utc(2026, 3, 29, 1)
    assert calendar("Sun 02:15-02:45").next_opening(utc(2026, 3, 29, 0)) == utc(2026, 4, 5, 0, 15)


def test_an_hour_that_comes_twice() -> None:
    """It is open both times, and between the two a range of half an hour is closed."""
    night = calendar("Sun 02:00-02:30")
    assert night.is_open(utc(2026, 10, 25, 0, 29))
    assert not night.is_open(utc(2026, 10, 25, 0, 30))
    # Compared in UTC: Python takes no time that comes twice for equal to one of another zone.
    again = night.next_opening(utc(2026, 10, 25, 0, 30))
    assert again is not None
    assert again.astimezone(UTC) == utc(2026, 10, 25, 1)
    assert night.next_opening(utc(2026, 10, 25, 1, 30)) == utc(2026, 11, 1, 1)


def test_yearly_days_off() -> None:
    """A yearly closure over several days returns until its last year, past New Year."""
    closure = Closure(date(2024, 12, 31), 2, yearly=True, until=date(2025, 12, 31))
    covered = [date(2024, 12, 31), date(2025, 1, 1), date(2026, 1, 1)]
    assert all(map(closure.covers, covered))
    assert not any(map(closure.covers, [date(2024, 1, 1), date(2026, 12, 31), date(2026, 1, 2)]))


def test_a_calendar_that_never_opens() -> None:
    """Nothing is found, instead of a search without end."""
    assert calendar().next_opening(utc(2026, 1, 1)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mon",
        "Mon 8-18",
        "Mon 18:00-08:00",
        "Mon 08:00-24:01",
        "Mun 08:00-09:00",
        "Mon-Fri- 8:00-9:00",
        "mon 08:60-09:00",
    ],
)
def test_hours_that_are_none(text: str) -> None:
    """What cannot be read is refused."""
    with pytest.raises(ValueError, match=r"\w"):
        Hours.parse(text)
