"""The days to come of an inbox, as the calendar draws and says them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from gateway.console.agenda import Kind, Span, Sweep, agenda
from gateway.core.calendars import Calendar, Closure, Hours
from gateway.core.opening import Opening
from gateway.core.schedules import Schedule

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Calendar(
    "office",
    BERLIN,
    tuple(map(Hours.parse, ("Mon-Fri 13:00-18:00", "Mon-Fri 08:00-12:00", "Mon-Fri 11:00-13:00"))),
    (Closure(date(2026, 1, 6)),),
)
NOW = datetime(2026, 1, 4, 23, 30, tzinfo=UTC)


def test_hours_and_days_off_are_those_of_the_zone() -> None:
    """In Berlin it is Monday already; hours that touch are one, a day off has none."""
    found = agenda("contracts", Opening(OFFICE), NOW)
    assert (found.zone, found.calendar, found.swept) == ("Europe/Berlin", "office", False)
    monday, tuesday, *_, saturday, _ = found.days[:7]
    assert (monday.day, monday.now, monday.spans) == (date(2026, 1, 5), 30, (Span(480, 1080),))
    assert monday.spans[0].words == "08:00–18:00"
    assert (tuesday.kind, tuesday.spans, tuesday.now) == (Kind.OFF, (), None)
    assert saturday.kind is Kind.CLOSED
    assert len(found.days) == 14


def test_sweeps_outside_of_the_hours_are_said_to_wait() -> None:
    """Each sweep is at its time; one before the hours waits for them; many are counted."""
    schedules = (Schedule.parse("0 7,12 * * *", BERLIN), Schedule.parse("0 12 * * *", BERLIN))
    found = agenda("night", Opening(OFFICE, schedules), NOW)
    assert found.days[0].sweeps == (Sweep(420, late=True), Sweep(720, late=False))
    assert found.days[0].times == "07:00, 12:00"
    every = agenda("often", Opening(None, (Schedule.parse("*/5 * * * *", BERLIN),)), NOW)
    assert (len(every.days[0].sweeps), every.days[0].times) == (288, "")
    assert every.days[0].kind is Kind.OPEN


def test_an_inbox_that_is_always_attended_has_no_days() -> None:
    """There is nothing to be drawn."""
    assert agenda("documents", Opening(), NOW).days == ()
