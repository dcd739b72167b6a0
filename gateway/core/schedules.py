"""Schedules in cron's five fields: minute, hour, day of the month, month, day of the week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEK = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_NOUNS = ("minute", "hour", "day of the month", "month", "day of the week")
_HORIZON = 366 * 9
"""Days: two leap days are never farther apart."""


@dataclass(frozen=True)
class Schedule:
    """One line of five fields, in a time zone."""

    text: str
    zone: tzinfo
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    week_days: frozenset[int]
    """0 is Sunday, as cron has it."""
    either: bool
    """Both kinds of days are restricted: then one of them is enough."""

    @classmethod
    def parse(cls, text: str, zone: tzinfo) -> Schedule:
        """Read five fields; raises `ValueError` with a sentence."""
        fields = text.lower().split()
        if len(fields) != 5:
            raise ValueError("write five fields: minute, hour, day, month, day of the week")
        minutes, hours, days, months, week = map(_field, range(5), fields)
        either = not fields[2].startswith("*") and not fields[4].startswith("*")
        week_days = frozenset(day % 7 for day in week)
        made = cls(text, zone, minutes, hours, days, months, week_days, either)
        if made.next_after(datetime(2024, 1, 1, tzinfo=UTC)) is None:
            raise ValueError("there is no such day")
        return made

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first firing after an aware moment, in the schedule's zone.

        Each time of day fires once a day: one that the clock leaves out when the change comes,
        one that the clock shows twice at the first of the two.
        """
        local = moment.astimezone(self.zone)
        # Begun a day early: a time left out by the clock fires later than it is written.
        for ahead in range(-1, _HORIZON):
            day = local.date() + timedelta(days=ahead)
            if not self._on(day):
                continue
            walls = (
                datetime.combine(day, time(hour, minute), self.zone)
                for hour in self.hours
                for minute in self.minutes
            )
            later = [found for wall in walls if (found := wall.astimezone(UTC)) > moment]
            if later:
                return min(later).astimezone(self.zone)
        return None

    def times_on(self, day: date) -> tuple[int, ...]:
        """Return when it fires on a day, as minutes since midnight on the wall clock."""
        if not self._on(day):
            return ()
        return tuple(sorted(hour * 60 + minute for hour in self.hours for minute in self.minutes))

    def _on(self, day: date) -> bool:
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.week_days
        fits = of_month or of_week if self.either else of_month and of_week
        return day.month in self.months and fits


def _field(index: int, text: str) -> frozenset[int]:
    least, most = _RANGES[index]
    found: set[int] = set()
    for piece in text.split(","):
        span, slash, step = piece.partition("/")
        if span == "*":
            first, last = least, most
        else:
            begin, dash, end = span.partition("-")
            first = _number(index, begin)
            last = _number(index, end) if dash else (most if slash else first)
            if index == 4 and last == 0 and dash:
                last = 7  # a range may end on Sunday
        if slash and (not step.isascii() or not step.isdigit() or int(step) == 0):
            raise ValueError(f"{piece} is no step of the {_NOUNS[index]}")
        if first > last:
            raise ValueError(f"{piece} ends before it begins")
        found |= set(range(first, last + 1, int(step) if slash else 1))
    return frozenset(found)


def _number(index: int, text: str) -> int:
    names = {
        3: dict(zip(_MONTHS, range(1, 13), strict=True)),
        4: dict(zip(_WEEK, range(7), strict=True)),
    }
    value = names.get(index, {}).get(text)
    if value is None and text.isascii() and text.isdigit():
        value = int(text)
    least, most = _RANGES[index]
    if value is None or not least <= value <= most:
        raise ValueError(f"{text or 'nothing'} is no {_NOUNS[index]}")
    return value
