"""Time zones, calendars, hours and schedules in `gateway.yaml`, and what is refused of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.settings.conftest import SITE, Configuration

CALENDARS = """
time_zone: Europe/Berlin
calendars:
  office: {hours: [Mon-Thu 08:00-18:00, Fri 08:00-14:00], except: off.ics}
"""
EVENT = "BEGIN:VEVENT\r\nSUMMARY:{title}\r\nDTSTART{start}\r\n{more}END:VEVENT\r\n"
DATE = ";VALUE=DATE:"


def ics(*events: str) -> str:
    """Return an iCalendar file."""
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + "".join(events) + "END:VCALENDAR\r\n"


def event(title: str, start: str, more: str = "") -> str:
    """Return an event of an iCalendar file."""
    return EVENT.format(title=title, start=start, more=more)


def site(inbox: str) -> str:
    """Return a site whose inbox says when it is attended."""
    return SITE.replace("  invoices:\n", f"  invoices: {inbox}\n") + CALENDARS


def test_what_is_understood(configuration: Configuration) -> None:
    """Hours, days off once and yearly, and schedules, all in the site's zone."""
    yearly = "DTEND;VALUE=DATE:20201227\r\nRRULE:FREQ=YEARLY\r\n"
    cancelled = event("No", f"{DATE}20260106", "STATUS:CANCELLED\r\n")
    events = event("Xmas", f"{DATE}20201225", yearly), event("Trip", f"{DATE}20260105"), cancelled
    configuration.write("off.ics", ics(*events))
    configuration.write("gateway.yaml", site('{open: office, sweeps: "0 12 * * *"}'))
    (inbox,) = configuration.load().settings.inboxes
    office = inbox.opening.calendar
    assert office is not None

    def is_open(*fields: int) -> bool:
        return office.is_open(datetime(*fields, tzinfo=UTC))  # type: ignore[arg-type,misc]

    assert [is_open(2026, 1, day, 10) for day in (5, 6)] == [False, True]
    assert [is_open(2028, 12, day, 10) for day in (21, 25, 26, 27)] == [True, False, False, True]
    assert [schedule.text for schedule in inbox.opening.sweeps] == ["0 12 * * *"]


@pytest.mark.parametrize(
    ("more", "off"),
    [
        ("RRULE:FREQ=DAILY;COUNT=3", {5, 6, 7}),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20260116", {5, 9, 12, 16}),
        ("RRULE:FREQ=WEEKLY§EXDATE;VALUE=DATE:20260112,20260126", {5, 19}),
        ("RRULE:FREQ=MONTHLY;BYDAY=-1FR", {5, 30}),
        ("RRULE:FREQ=YEARLY;BYDAY=3TU;BYMONTH=1", {5, 20}),
        ("RDATE;VALUE=DATE:20260108§RDATE;VALUE=DATE:20260110", {5, 8, 10}),
        ("DURATION:P2D§RRULE:FREQ=WEEKLY;INTERVAL=2", {5, 6, 19, 20}),
        ("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", {5}),
        ("EXDATE;VALUE=DATE:20260105", set()),
    ],
)
def test_days_off_that_recur(configuration: Configuration, more: str, off: set[int]) -> None:
    """Recurrences of RFC 5545 are followed; one that fits no day costs nothing."""
    lines = "".join(f"{line}\r\n" for line in more.split("§"))
    configuration.write("off.ics", ics(event("Off", f"{DATE}20260105", lines)))
    configuration.write("gateway.yaml", site("{open: office}"))
    (inbox,) = configuration.load().settings.inboxes
    office = inbox.opening.calendar
    assert office is not None
    work = {day for day in range(1, 32) if datetime(2026, 1, day).weekday() < 5}
    closed = {day for day in work if not office.is_open(datetime(2026, 1, day, 10, tzinfo=UTC))}
    assert closed == off & work


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "off.ics"),
        ("nonsense", "off.ics"),
        (ics("BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\n"), "no first day"),
        (ics(event("Meeting", ":20260105T100000Z")), "event 1 (Meeting) is no all-day event"),
        (ics(event("Day", f"{DATE}2026010x")), "off.ics"),
        (
            ics(event("Often", f"{DATE}20260105", "RRULE:FREQ=SECONDLY\r\n")),
            "more often than daily",
        ),
        (ics(event("Two", f"{DATE}20260105", f"{2 * 'RRULE:FREQ=DAILY§'}")), "several rules"),
        (ics(event("Hours", f"{DATE}20260105", "EXDATE:20260105T100000Z\r\n")), "no day"),
        (
            ics(event("One", f"{DATE}20260105", f"RECURRENCE-ID;{DATE[1:]}20260105\r\n")),
            "changes one",
        ),
        (ics(event("Odd", f"{DATE}20260105", "RRULE:X\r\n")), "off.ics"),
        (ics(event("Long", f"{DATE}20260105", "DTEND;VALUE=DATE:20260105\r\n")), "last"),
    ],
)
def test_wrong_days_off(configuration: Configuration, content: str, says: str) -> None:
    """A file that cannot be used is a problem of the line that names it."""
    configuration.write("off.ics", content.replace("§", "\r\n"))
    configuration.write("gateway.yaml", site("{open: office}"))
    (problem,) = configuration.problems()
    assert says in problem.message
    assert (
        configuration.root.joinpath("gateway.yaml")
        .read_text()
        .splitlines()[problem.line - 1]
        .startswith("  office")
    )


def test_days_off_that_are_not_there(configuration: Configuration) -> None:
    """A missing file is a problem, too."""
    configuration.write("gateway.yaml", site("{open: office}"))
    (problem,) = configuration.problems()
    assert problem.code == "settings.unreadable"


def test_every_mistake_at_once(configuration: Configuration) -> None:
    """Zone, hours, names and schedules are each objected to, with the nearest right word."""
    configuration.write("off.ics", ics())
    text = site('{open: ofice, sweeps: ["0 18 * *", "0 25 * * *"]}')
    text = text.replace("Europe/Berlin", "Europe/Berlni").replace("Fri 08", "Fry 08")
    configuration.write("gateway.yaml", text)
    problems = configuration.problems()
    told = " ".join(f"{problem.message} {problem.remedy}" for problem in problems)
    assert len(problems) == 5
    assert "Did you mean Europe/Berlin?" in told
    assert "Did you mean office?" in told
    assert "Fry 08:00-14:00" in told
    assert "25 is no hour" in told
