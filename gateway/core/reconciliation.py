"""Compare our charges with a provider's own list of what it charged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gateway.core.quota import Charge, ChargeState


@dataclass(frozen=True)
class Usage:
    """One row of a provider's list: what it charged, and when."""

    day: date
    units: int = 1
    digest: str = ""
    """Lower-case hex; empty where the provider does not say."""


@dataclass(frozen=True)
class Difference:
    """Where the two books differ, and what ours should say; None for what a person must clear."""

    what: str
    day: date
    digest: str = ""
    number: int | None = None
    """Of our charge."""
    settled: ChargeState | None = None


def compare(usage: Iterable[Usage], charges: Iterable[Charge]) -> tuple[Difference, ...]:
    """Return the differences, by digest where the provider tells digests, else by day.

    Only charges of the days that the list covers are compared: a list may be of one month.
    """
    listed = tuple(usage)
    if not listed:
        return ()
    first, last = min(row.day for row in listed), max(row.day for row in listed)
    ours = tuple(charge for charge in charges if first <= charge.sent.date() <= last)
    if all(row.digest for row in listed):
        return _by_digest(listed, ours)
    return _by_day(listed, ours)


def _by_digest(listed: tuple[Usage, ...], ours: tuple[Charge, ...]) -> tuple[Difference, ...]:
    """Give each row of theirs to one charge of ours with its digest, the surest first."""
    theirs = Counter({row.digest: 0 for row in listed})
    for row in listed:
        theirs[row.digest] += row.units
    days = {row.digest: row.day for row in listed}
    found: list[Difference] = []
    for charge in sorted(ours, key=_surest_first):
        if charge.units == 0:
            continue
        charged = theirs[charge.digest] >= charge.units
        if charged:
            theirs[charge.digest] -= charge.units
        difference = _judge(charge, charged=charged)
        if difference is not None:
            found.append(difference)
    found += [
        Difference("charged there, not known here", days[digest], digest)
        for digest, units in theirs.items()
        for _ in range(units)
    ]
    return tuple(found)


def _surest_first(charge: Charge) -> tuple[int, int]:
    order = [ChargeState.CONFIRMED, ChargeState.UNKNOWN, ChargeState.SENT, ChargeState.RELEASED]
    return order.index(charge.state), charge.number


def _judge(charge: Charge, *, charged: bool) -> Difference | None:
    open_here = charge.state in (ChargeState.UNKNOWN, ChargeState.SENT)
    match charge.state, charged:
        case ChargeState.CONFIRMED, False:
            what, settled = "answered here, not charged there", None
        case ChargeState.RELEASED, True:
            what, settled = "refused here, charged there", ChargeState.CONFIRMED
        case _, True if open_here:
            what, settled = "unanswered here, charged there", ChargeState.CONFIRMED
        case _, False if open_here:
            what, settled = "unanswered here, not charged there", ChargeState.RELEASED
        case _:
            return None
    return Difference(what, charge.sent.date(), charge.digest, charge.number, settled)


def _by_day(listed: tuple[Usage, ...], ours: tuple[Charge, ...]) -> tuple[Difference, ...]:
    theirs, here, unsure = Counter[date](), Counter[date](), Counter[date]()
    for row in listed:
        theirs[row.day] += row.units
    for charge in ours:
        if charge.state is not ChargeState.RELEASED:
            here[charge.sent.date()] += charge.units
        if charge.state in (ChargeState.UNKNOWN, ChargeState.SENT):
            unsure[charge.sent.date()] += charge.units
    return tuple(
        Difference(f"{theirs[day]} there, {here[day]} here ({unsure[day]} unanswered)", day)
        for day in sorted(theirs.keys() | here.keys())
        if theirs[day] != here[day]
    )
