"""Our books against a provider's list."""

from __future__ import annotations

from datetime import UTC, date, datetime

from gateway.core.quota import Charge, ChargeState
from gateway.core.reconciliation import Usage, compare

DAY = date(2026, 11, 24)


def charge(number: int, state: ChargeState, digest: str = "aa", units: int = 1) -> Charge:
    """Return a charge of that day."""
    sent = datetime(2026, 11, 24, 12, tzinfo=UTC)
    return Charge(number, "signing", f"job{number}", digest, units, state, sent)


def test_same_books() -> None:
    """What both sides charged is no difference; what was refused and not charged neither."""
    ours = (charge(1, ChargeState.CONFIRMED), charge(2, ChargeState.RELEASED, "bb"))
    assert compare((Usage(DAY, 1, "aa"),), ours) == ()


def test_unanswered_is_cleared_by_their_list() -> None:
    """What nobody answered was charged or not: their list says which."""
    ours = (charge(1, ChargeState.UNKNOWN, "aa"), charge(2, ChargeState.UNKNOWN, "bb"))
    found = {d.number: d.settled for d in compare((Usage(DAY, 1, "aa"),), ours)}
    assert found == {1: ChargeState.CONFIRMED, 2: ChargeState.RELEASED}


def test_repeat_that_was_answered_takes_the_row_first() -> None:
    """One row for a digest that was sent twice belongs to the answered attempt."""
    ours = (charge(1, ChargeState.UNKNOWN), charge(2, ChargeState.CONFIRMED))
    (found,) = compare((Usage(DAY, 1, "aa"),), ours)
    assert (found.number, found.settled) == (1, ChargeState.RELEASED)
    assert compare((Usage(DAY, 2, "aa"),), ours)[0].settled is ChargeState.CONFIRMED


def test_what_only_they_know() -> None:
    """A row we know nothing of, and a charge they know nothing of, are for a person."""
    ours = (charge(1, ChargeState.CONFIRMED, "aa"), charge(2, ChargeState.RELEASED, "cc"))
    found = compare((Usage(DAY, 1, "bb"), Usage(DAY, 1, "cc")), ours)
    assert {(d.what, d.digest, d.settled) for d in found} == {
        ("answered here, not charged there", "aa", None),
        ("refused here, charged there", "cc", ChargeState.CONFIRMED),
        ("charged there, not known here", "bb", None),
    }


def test_list_without_digests_is_compared_by_day() -> None:
    """Where the provider only counts, days that differ are shown with what is unsure."""
    ours = (charge(1, ChargeState.CONFIRMED), charge(2, ChargeState.UNKNOWN))
    assert compare((Usage(DAY, 2),), ours) == ()
    (found,) = compare((Usage(DAY, 1),), ours)
    assert found.what == "1 there, 2 here (1 unanswered)"


def test_other_days_are_not_compared() -> None:
    """A list of another month says nothing of today."""
    assert (
        compare((Usage(date(2026, 10, 1)),), (charge(1, ChargeState.UNKNOWN),))[0].day.month == 10
    )
    assert compare((), (charge(1, ChargeState.UNKNOWN),)) == ()
