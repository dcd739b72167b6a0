"""Calendars: when a site works. Hours are read off the clock on the site's wall."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON = 800
"""Days for which an opening is looked for; a calendar that is closed for longer is a mistake."""
_HOURS = re.compile(r"(\S+) +(\d{1,2}):(\d\d) *- *(\d{1,2}):(\d\d)")
_MINUTE = timedelta(minutes=1)
_LONGEST_DAY = 26 * 60
"""Minutes, with a clock that is put back and some to spare."""


@dataclass(frozen=True)
class Hours:
    """A range of the wall clock on some days of the week (0 is Monday)."""

    days: frozenset[int]
    start: int
    """Minutes since midnight."""
    end: int
    """Minutes since midnight, not part of the range."""

    @classmethod
    def parse(cls, text: str) -> Hours:
        """Read `Mon-Fri 08:00-18:00`; raises `ValueError` with a sentence."""
        found = _HOURS.fullmatch(text.strip())
        if found is None:
            raise ValueError("write days and hours like Mon-Fri 08:00-18:00")
        start, end = (_minutes(found[index], found[index + 1]) for index in (2, 4))
        if start >= end:
            raise ValueError("the range ends before it begins: past midnight, write two ranges")
        return cls(week_days(found[1]), start, end)


def _minutes(hours: str, minutes: str) -> int:
    value = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or value > 24 * 60:
        raise ValueError(f"{hours}:{minutes} is no time of day")
    return value


def week_days(text: str) -> frozenset[int]:
    """Read `Mon-Fri` or `Mon,Wed,Fri`; raises `ValueError` with a sentence."""
    days: set[int] = set()
    for piece in text.lower().split(","):
        first, _, last = piece.partition("-")
        for name in (first, last or first):
            if name not in DAYS:
                raise ValueError(f"{name or piece} is no day: write Mon, Tue, … Sun")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        days |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return frozenset(days)


@dataclass(frozen=True)
class Closure:
    """Days on which nothing is open, whatever the hours say."""

    first: date
    days: int = 1
    yearly: bool = False
    """Again on the same date of each later year; 29 February in leap years only."""
    until: date | None = None
    """The last date on which a yearly one may begin."""
    starts: frozenset[date] = frozenset()
    """Each day on which one begins that recurs in another way; none otherwise."""

    def covers(self, day: date) -> bool:
        """Tell whether a day falls into it."""
        if self.starts:
            return any(day - timedelta(days=past) in self.starts for past in range(self.days))
        if not self.yearly:
            return self.first <= day < self.first + timedelta(days=self.days)
        back = (day - timedelta(days=past) for past in range(self.days))
        return any(
            (begin.month, begin.day) == (self.first.month, self.first.day)
            and self.first <= begin <= (self.until or begin)
            for begin in back
        )


@dataclass(frozen=True)
class Calendar:
    """Hours in a time zone, without the days that are excepted."""

    name: str
    zone: tzinfo
    hours: tuple[Hours, ...]
    closures: tuple[Closure, ...] = ()

    def is_open(self, moment: datetime) -> bool:
        """Tell whether an aware moment lies in the hours."""
        local = moment.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(hours.start <= minute < hours.end for hours in self.hours_on(local.date()))

    def is_day_off(self, day: date) -> bool:
        """Tell whether a day is excepted, whatever the hours say."""
        return any(closure.covers(day) for closure in self.closures)

    def next_opening(self, moment: datetime) -> datetime | None:
        """Return the first moment from this one on that is open, in the calendar's zone.

        None when there is none within `HORIZON` days.
        """
        if self.is_open(moment):
            return moment.astimezone(self.zone)
        begin = moment.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
        today = begin.astimezone(self.zone).date()
        for day in (today + timedelta(days=ahead) for ahead in range(HORIZON)):
            if self.hours_on(day):
                # Minute by minute, as the hands go: what the clock leaves out is no opening,
                # and what it shows twice is one twice.
                midnight = datetime.combine(day, time(), self.zone).astimezone(UTC)
                first = max(begin, midnight)
                for ahead in range(_LONGEST_DAY):
                    found = first + ahead * _MINUTE
                    if self.is_open(found):
                        return found.astimezone(self.zone)
        return None

    def hours_on(self, day: date) -> tuple[Hours, ...]:
        """Return the ranges of a day; none when it is off."""
        if self.is_day_off(day):
            return ()
        return tuple(hours for hours in self.hours if day.weekday() in hours.days)
