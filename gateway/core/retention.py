"""How long the archive keeps what lies in it, as the site's author wrote it: `10y`."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_WRITTEN = re.compile(r"([1-9]\d{0,4})\s*(d|mo|y)")
_MOST_YEARS = 200


@dataclass(frozen=True)
class Retention:
    """A span of the calendar: days, or months (a year has twelve)."""

    days: int = 0
    months: int = 0

    @classmethod
    def parse(cls, written: str) -> Retention:
        """Read a retention; raises `ValueError` with a sentence for the author."""
        match = _WRITTEN.fullmatch(written.strip())
        if match is None:
            raise ValueError(f"{written!r} is no retention: write 90d, 18mo (months) or 10y")
        number, unit = int(match.group(1)), match.group(2)
        years = number / {"d": 366, "mo": 12, "y": 1}[unit]
        if years > _MOST_YEARS:
            raise ValueError(f"{written!r} is more than {_MOST_YEARS} years: leave the key out")
        if unit == "d":
            return cls(days=number)
        return cls(months=number * (12 if unit == "y" else 1))

    def passed_before(self, now: datetime) -> datetime:
        """Return the moment, in UTC, before which something was archived that may go now.

        Where a month is too short for the day, its last day counts: so nothing goes too early.
        """
        now = now.astimezone(UTC)
        months = now.year * 12 + now.month - 1 - self.months
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        earlier = now.replace(year=year, month=month + 1, day=min(now.day, last))
        return earlier - timedelta(days=self.days)
