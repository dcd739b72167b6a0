"""Reading the days that a calendar leaves out from an iCalendar file."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from icalendar import Calendar as Parsed

from gateway.core.calendars import Closure
from gateway.settings.problems import Objection

_LARGEST = 1024 * 1024
_LONGEST = 366
_SIMPLE = frozenset({"FREQ", "UNTIL", "INTERVAL", "BYMONTH", "BYMONTHDAY", "WKST"})
_REMEDY = "Export it again as iCalendar (.ics), with all-day events."


def closures_of(path: Path) -> tuple[Closure, ...]:
    """Read all-day events, once or yearly on the same date; raises `Objection`."""
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
    if "RDATE" in event or "EXDATE" in event or "RECURRENCE-ID" in event:
        raise _too_hard(called)
    rule = event.get("RRULE")
    if rule is None:
        return Closure(first, days)
    return Closure(first, days, yearly=True, until=_until(rule, first, called))


def _day(event: Any, key: str, called: str) -> date | None:
    if key not in event:
        return None
    value = getattr(event[key], "dt", None)
    if isinstance(value, datetime) or not isinstance(value, date):
        what = f"{called} is no all-day event."
        raise Objection("settings.wrong-value", what, "Make it one, or take it out.")
    return value


def _until(rule: Any, first: date, called: str) -> date | None:
    """Return the last date of a yearly recurrence; raises `Objection` for any other."""
    if isinstance(rule, list):
        raise _too_hard(called)
    said = {str(key).upper(): value for key, value in rule.items()}
    count = said.pop("COUNT", None)
    plain = (
        said.keys() <= _SIMPLE
        and [str(one).upper() for one in said.get("FREQ", [])] == ["YEARLY"]
        and [int(one) for one in said.get("INTERVAL", [1])] == [1]
        and [int(one) for one in said.get("BYMONTH", [first.month])] == [first.month]
        and [int(one) for one in said.get("BYMONTHDAY", [first.day])] == [first.day]
        and (count is None or (first.month, first.day) != (2, 29))
    )
    if not plain:
        raise _too_hard(called)
    if count is not None:
        year = min(first.year + int(count[0]) - 1, date.max.year)
        return first.replace(year=year)
    (until,) = said.get("UNTIL", [None])
    if isinstance(until, datetime):
        return until.date()
    return until if isinstance(until, date) else None


def _too_hard(called: str) -> Objection:
    what = f"{called} recurs in a way other than yearly on the same date."
    return Objection("settings.wrong-value", what, "Write one event for each of its days.")
