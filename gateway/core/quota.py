"""Prepaid quotas: packages that were bought, calls that may have cost, and what is left.

A unit is spent from the moment its call may have left until the service has definitely
refused it; a call of unknown outcome counts as spent. Days are those of UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

_WINDOW = 28
"""Days over which the rate of spending is taken: whole weeks, so that weekends even out."""


class ChargeState(StrEnum):
    """What is known of one attempt that may cost money."""

    SENT = "sent"
    """Under way; after a crash, until somebody looks."""
    CONFIRMED = "confirmed"
    """Answered: it was charged."""
    RELEASED = "released"
    """Definitely refused: it was not charged."""
    UNKNOWN = "unknown"
    """It may have been charged; nobody answered, or what was answered could not be used."""


@dataclass(frozen=True)
class Price:
    """What an attempt at a service costs, and how far it may go by itself."""

    service: str
    units: int
    repeats: int | None
    """Repeats of a digest allowed after unanswered calls; None for any number."""
    repeats_are_free: bool
    """The service charges the same digest once."""
    per_document: bool
    """The service charges a document once, whatever digests are sent for it."""
    metered: bool
    """There is a quota: nothing is sent when it is used up."""
    alarm_at: tuple[float, ...] = ()


@dataclass(frozen=True)
class Charge:
    """One attempt that may cost money."""

    number: int
    service: str
    job: str
    """Empty for a test of the service."""
    digest: str
    """Hex of what was sent."""
    units: int
    state: ChargeState
    sent: datetime
    code: str = ""
    """Why it was refused or not answered."""


@dataclass(frozen=True)
class Package:
    """Units that were bought, valid from a day to a day, both included."""

    service: str
    units: int
    valid_from: date
    valid_until: date | None = None
    note: str = ""

    def holds(self, day: date) -> bool:
        """Tell whether the package is valid on a day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True)
class Spending:
    """Units spent on one day."""

    day: date
    units: int


@dataclass(frozen=True)
class Balance:
    """A quota on one day."""

    bought: int
    """Units of the packages that are valid on this day."""
    left: int
    """What of them is left."""
    uncovered: int
    """Units that were spent when no package had any left: they were never counted against one."""


def balance(packages: Iterable[Package], spending: Iterable[Spending], today: date) -> Balance:
    """Draw each day's spending from the packages valid then, the first to end first."""
    ordered = sorted(packages, key=_end)
    left = [package.units for package in ordered]
    uncovered = 0
    for spent in sorted(spending, key=lambda entry: entry.day):
        need = spent.units
        for index, package in enumerate(ordered):
            if package.holds(spent.day):
                taken = min(need, left[index])
                left[index] -= taken
                need -= taken
        uncovered += need
    valid = [index for index, package in enumerate(ordered) if package.holds(today)]
    bought = sum(ordered[index].units for index in valid)
    return Balance(bought, sum(left[index] for index in valid), uncovered)


def alarm(before: int, after: int, bought: int, alarm_at: Iterable[float]) -> float | None:
    """Return the lowest share of `bought` that is passed when `before` units become `after`."""
    passed = [share for share in alarm_at if after <= share * bought < before]
    return min(passed, default=None)


def run_out(spending: Iterable[Spending], left: int, today: date) -> date | None:
    """Forecast the day on which the quota is used up; None when nothing is being spent.

    The rate is that of the last four weeks, or of the time since the first spending in them.
    """
    first = today - timedelta(days=_WINDOW - 1)
    recent = [spent for spent in spending if first <= spent.day <= today and spent.units > 0]
    if not recent:
        return None
    days = (today - min(spent.day for spent in recent)).days + 1
    rate = sum(spent.units for spent in recent) / days
    try:
        return today + timedelta(days=int(left / rate))
    except OverflowError:
        return None


def _end(package: Package) -> tuple[date, date]:
    return package.valid_until or date.max, package.valid_from
