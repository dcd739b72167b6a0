"""The arithmetic of prepaid quotas."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.core.quota import Package, Spending, alarm, balance, run_out

TODAY = date(2026, 11, 24)


def day(offset: int) -> date:
    """Return a day relative to today."""
    return TODAY + timedelta(days=offset)


def package(units: int, first: int, last: int | None = None) -> Package:
    """Return a package valid between two days relative to today."""
    return Package("signing", units, day(first), None if last is None else day(last))


def test_nothing_bought_is_nothing_left() -> None:
    """Without a package there is nothing to spend, and what was spent is uncovered."""
    found = balance((), (Spending(TODAY, 3),), TODAY)
    assert (found.bought, found.left, found.uncovered) == (0, 0, 3)


def test_first_to_end_is_used_first() -> None:
    """What would be lost first is spent first, whatever was bought first."""
    packages = (package(100, -30), package(10, -20, 5))
    spent = (Spending(day(-1), 12),)
    found = balance(packages, spent, TODAY)
    assert (found.bought, found.left) == (110, 98)
    assert balance(packages, spent, day(6)).left == 98, "the short one is empty, nothing is lost"


def test_rest_of_an_ended_package_is_lost() -> None:
    """Units that were not spent in time are not left any more."""
    packages = (package(10, -20, -2), package(5, -1))
    found = balance(packages, (Spending(day(-3), 4), Spending(day(0), 1)), TODAY)
    assert (found.bought, found.left, found.uncovered) == (5, 4, 0)


def test_package_does_not_pay_for_the_past() -> None:
    """Spending before a package was valid is not drawn from it."""
    found = balance((package(5, 0),), (Spending(day(-1), 4),), TODAY)
    assert (found.left, found.uncovered) == (5, 4)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(21, 20, 0.2), (20, 19, None), (100, 99, None), (21, 4, 0.05), (1, 0, None), (6, 5, 0.05)],
)
def test_alarm_is_raised_once(before: int, after: int, expected: float | None) -> None:
    """A threshold is told when it is passed, the lowest of several, and not again below it."""
    assert alarm(before, after, 100, (0.2, 0.05)) == expected


def test_forecast() -> None:
    """At ten a day, fifty last five days; old spending does not count; no spending, no day."""
    spent = (Spending(day(-90), 10**6), *(Spending(day(-n), 10) for n in range(28)))
    assert run_out(spent, 50, TODAY) == day(5)
    assert run_out((Spending(TODAY, 2),), 7, TODAY) == day(3), "the first day is a whole one"
    assert run_out((Spending(day(-90), 5),), 7, TODAY) is None
    assert run_out((Spending(TODAY, 1),), 10**12, TODAY) is None, "beyond the calendar"
