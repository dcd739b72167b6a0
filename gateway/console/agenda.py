"""The days to come of an inbox: its hours, days off and sweeps, to be drawn and said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from gateway.core.opening import Opening

DAYS = 14
MINUTES = 24 * 60
_TOLD = 6
"""Sweeps of a day that are told by their times; more are counted."""


class Kind(StrEnum):
    """What a day is."""

    OPEN = "open"
    CLOSED = "closed"
    """No hours on this day of the week."""
    OFF = "off"
    """A day off of the calendar."""


@dataclass(frozen=True)
class Span:
    """Hours, in minutes since midnight."""

    start: int
    end: int

    @property
    def words(self) -> str:
        """Write them like `08:00–18:00`."""
        return f"{clock(self.start)}–{clock(self.end)}"


@dataclass(frozen=True)
class Sweep:
    """One sweep, in minutes since midnight."""

    at: int
    late: bool
    """It comes outside of the hours, and waits for them."""


@dataclass(frozen=True)
class Day:
    """One day of an inbox."""

    day: date
    kind: Kind
    spans: tuple[Span, ...]
    sweeps: tuple[Sweep, ...]
    now: int | None = None
    """Minutes since midnight, today."""

    @property
    def times(self) -> str:
        """Write the times of the sweeps; empty when there are none, or too many to be told."""
        return ", ".join(clock(one.at) for one in self.sweeps) if len(self.sweeps) <= _TOLD else ""


@dataclass(frozen=True)
class Agenda:
    """The days to come of one inbox."""

    inbox: str
    zone: str
    """Name of the time zone; empty for an inbox that is attended all the time."""
    calendar: str
    """Name of its calendar, if it has hours."""
    swept: bool
    """Documents are taken by schedule only."""
    days: tuple[Day, ...]


def agenda(inbox: str, opening: Opening, now: datetime) -> Agenda:
    """Return an inbox's days to come, from today on in its own time zone."""
    calendar, sweeps = opening.calendar, opening.sweeps
    zone = calendar.zone if calendar is not None else sweeps[0].zone if sweeps else None
    if zone is None:
        return Agenda(inbox, "", "", swept=False, days=())
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    days = tuple(
        _day(opening, local.date() + timedelta(days=ahead), minute if ahead == 0 else None)
        for ahead in range(DAYS)
    )
    name = calendar.name if calendar is not None else ""
    return Agenda(inbox, str(zone), name, bool(sweeps), days)


def _day(opening: Opening, day: date, now: int | None) -> Day:
    calendar = opening.calendar
    if calendar is None:
        return Day(day, Kind.OPEN, (), tuple(_sweeps(opening, day, None)), now)
    spans = tuple(_joined(Span(one.start, one.end) for one in calendar.hours_on(day)))
    off = Kind.OFF if calendar.is_day_off(day) else Kind.CLOSED
    sweeps = tuple(_sweeps(opening, day, spans))
    return Day(day, Kind.OPEN if spans else off, spans, sweeps, now)


def _sweeps(opening: Opening, day: date, spans: tuple[Span, ...] | None) -> Iterator[Sweep]:
    for at in sorted({at for schedule in opening.sweeps for at in schedule.times_on(day)}):
        late = spans is not None and not any(one.start <= at < one.end for one in spans)
        yield Sweep(at, late)


def _joined(spans: Iterator[Span]) -> Iterator[Span]:
    """Yield spans in order, those that touch as one."""
    last: Span | None = None
    for one in sorted(spans, key=lambda span: span.start):
        if last is not None and one.start <= last.end:
            last = Span(last.start, max(last.end, one.end))
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def clock(minutes: int) -> str:
    """Write minutes since midnight like `08:00`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
