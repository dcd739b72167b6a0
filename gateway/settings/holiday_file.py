"""Reading the days that a calendar leaves out from an iCalendar file."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar as Parsed

from gateway.core.calendars import Closure
from gateway.settings.problems import Objection

_LARGEST = 1024 * 1024
_LONGEST = 366
LAST = date(2100, 12, 31)
"""What recurs in any way but yearly on the same date is followed as far as here."""
_MOST = 40_000
"""Days of one event: all of a hundred years."""
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_SIMPLE = frozenset({"FREQ", "UNTIL", "INTERVAL", "BYMONTH", "BYMONTHDAY", "WKST"})
_REMEDY = "Export it again as iCalendar (.ics), with all-day events."


def closures_of(path: Path) -> tuple[Closure, ...]:
    """Read all-day events with their recurrences (RFC 5545); raises `Objection`."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror or error}."
        raise Objection("settings.unreadable", what, "Check the name and the rights.") from error
    if len(content) > _LARGEST:
        raise Objection("settings.wrong-value", f"{path} is larger than 1 MiB.", _REMEDY)
    try:
        parsed = Parsed.from_ical(content)
        events = parsed.walk("VEVENT")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        what = f"{path} is no iCalendar file: {str(error)[:200]}"
        raise Objection("settings.wrong-value", what, _REMEDY) from error
    if parsed.name != "VCALENDAR":
        raise Objection("settings.wrong-value", f"{path} holds no calendar.", _REMEDY)
    return tuple(
        _closure(event, _called(path, event, number))
        for number, event in enumerate(events, 1)
        if str(event.get("STATUS", "")).upper() != "CANCELLED"
    )


def _called(path: Path, event: Any, number: int) -> str:
    return f"{path.name}, event {number} ({str(event.get('SUMMARY', 'without a title'))[:60]})"


def _closure(event: Any, called: str) -> Closure:
    if event.errors:
        key, reason = event.errors[0]
        what = f"{called}: {key} cannot be read: {str(reason)[:200]}"
        raise Objection("settings.wrong-value", what, "Correct the event.")
    first, end = _day(event, "DTSTART", called), _day(event, "DTEND", called)
    if first is None:
        raise Objection("settings.wrong-value", f"{called} has no first day.", _REMEDY)
    days = 1
    if end is not None:
        days = (end - first).days
    elif "DURATION" in event:
        days = getattr(getattr(event["DURATION"], "dt", None), "days", 0)
    if not 0 < days <= _LONGEST:
        what = f"{called} does not last from 1 to {_LONGEST} days."
        raise Objection("settings.wrong-value", what, "Correct the event.")
    if "RECURRENCE-ID" in event:
        what = f"{called} changes one occurrence of another event."
        raise Objection("settings.wrong-value", what, "Leave that day out there, by EXDATE.")
    rule = event.get("RRULE")
    if "RDATE" not in event and "EXDATE" not in event:
        if rule is None:
            return Closure(first, days)
        if _is_plain(rule, first):
            return Closure(first, days, yearly=True, until=_until(rule, first))
    starts = {first} if rule is None else _recurring(rule, first, called)
    starts |= {one for one in _dates(event, "RDATE", called) if one <= LAST}
    starts -= _dates(event, "EXDATE", called)
    # Without any day left, it is one that never comes.
    return Closure(first, days, starts=frozenset(starts or {date.max}))


def _day(event: Any, key: str, called: str) -> date | None:
    if key not in event:
        return None
    value = getattr(event[key], "dt", None)
    if isinstance(value, datetime) or not isinstance(value, date):
        what = f"{called} is no all-day event."
        raise Objection("settings.wrong-value", what, "Make it one, or take it out.")
    return value


def _dates(event: Any, key: str, called: str) -> set[date]:
    """Return the days of a property that lists some, once or several times."""
    lists = event.get(key, [])
    found: set[date] = set()
    for one in lists if isinstance(lists, list) else [lists]:
        for listed in getattr(one, "dts", ()):
            value = getattr(listed, "dt", None)
            if isinstance(value, datetime) or not isinstance(value, date):
                what = f"{called}: {key} lists something that is no day."
                raise Objection("settings.wrong-value", what, "Make it days, or take it out.")
            found.add(value)
    return found


def _is_plain(rule: Any, first: date) -> bool:
    """Tell whether an event comes again on the same date of each year."""
    if isinstance(rule, list):
        return False
    said = {str(key).upper(): value for key, value in rule.items()}
    count = said.pop("COUNT", None)
    return (
        said.keys() <= _SIMPLE
        and [str(one).upper() for one in said.get("FREQ", [])] == ["YEARLY"]
        and [int(one) for one in said.get("INTERVAL", [1])] == [1]
        and [int(one) for one in said.get("BYMONTH", [first.month])] == [first.month]
        and [int(one) for one in said.get("BYMONTHDAY", [first.day])] == [first.day]
        and (count is None or (first.month, first.day) != (2, 29))
    )


def _recurring(rule: Any, first: date, called: str) -> set[date]:
    """Return the days on which an event begins, up to `LAST`; raises `Objection`."""
    text = "" if isinstance(rule, list) else rule.to_ical().decode("utf-8", "replace")
    frequency = re.search(r"FREQ=([A-Z]+)", text)
    if frequency is None or frequency[1] not in _FREQUENCIES:
        what = f"{called} recurs by several rules, or more often than daily."
        raise Objection("settings.wrong-value", what, "Let it recur daily or less often.")
    begin = datetime.combine(first, time())
    try:
        recurrence = rrulestr(text, dtstart=begin, ignoretz=True)
        days = (one.date() for one in islice(recurrence, _MOST))
        starts = set(takewhile(lambda day: day <= LAST, days))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        what = f"{called} recurs in a way that cannot be read: {str(error)[:200]}"
        raise Objection("settings.wrong-value", what, "Correct its RRULE.") from error
    return starts | {first}


def _until(rule: Any, first: date) -> date | None:
    """Return the last date of a yearly recurrence, if it has one."""
    said = {str(key).upper(): value for key, value in rule.items()}
    count = said.get("COUNT")
    if count is not None:
        year = min(first.year + int(count[0]) - 1, date.max.year)
        return first.replace(year=year)
    (until,) = said.get("UNTIL", [None])
    if isinstance(until, datetime):
        return until.date()
    return until if isinstance(until, date) else None
