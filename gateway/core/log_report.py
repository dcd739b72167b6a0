"""A report of the signing log: what is told before its entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from gateway.core.chain import Flaw, LogEntry
from gateway.core.log_query import LogOutcome, LogQuery
from gateway.core.log_timestamps import Head, LogTimestamp
from gateway.core.notice_settings import Language

MOST_ENTRIES = 10_000
"""Entries that a report shows; the newest, where there are more."""
_MOST_BARS = 45
_LEAST_DAYS = 14


class Span(StrEnum):
    """What one bar of the chart stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Use:
    """How much happened, from the first day to the last; counts are of days of UTC."""

    span: Span
    bars: tuple[tuple[date, int], ...]
    """Each with the first day of its span."""
    sealed: bool
    """Delivered documents were counted; else, where none are among the entries, all entries."""


@dataclass(frozen=True)
class ChainState:
    """What the audit said when the report was made."""

    head: Head
    flaws: tuple[Flaw, ...]
    tokens: int
    stamp: LogTimestamp | None
    """The good one that reaches furthest."""


@dataclass(frozen=True)
class LogReport:
    """All of a report but its entries."""

    site: str
    asker: str
    made: datetime
    """Aware; times are shown in its zone."""
    query: LogQuery
    language: Language
    found: int
    """Entries that fit."""
    first: str
    """Time of the first of them; empty where there is none."""
    last: str
    outcomes: tuple[tuple[LogOutcome, int], ...]
    documents: int
    """Different ones that entries belong to."""
    seals: tuple[tuple[str, int], ...]
    """Documents by seal, most first."""
    rules: tuple[tuple[str, int], ...]
    use: Use
    chain: ChainState
    most: int = MOST_ENTRIES

    @property
    def shown(self) -> int:
        """Return how many entries the report has."""
        return min(self.found, self.most)


@dataclass(frozen=True)
class ReportedEntry:
    """An entry with the name of its document."""

    entry: LogEntry
    document: str
    """Inbox and path below it; empty where the entry is of no document."""


def use_of(days: Sequence[tuple[date, int]], *, sealed: bool) -> Use:
    """Return the bars for counts by day, in as small spans as fit."""
    if not days:
        return Use(Span.DAY, (), sealed)
    first, last = min(days)[0], max(days)[0]
    first = min(first, last - timedelta(days=_LEAST_DAYS - 1))  # one bar alone tells nothing
    length = (last - first).days + 1
    span = Span.DAY if length <= _MOST_BARS else Span.WEEK
    if length > _MOST_BARS * 7:
        span = Span.MONTH
    counts: dict[date, int] = dict.fromkeys(_starts(span, first, last), 0)
    for day, count in days:
        counts[_start(span, day)] += count
    return Use(span, tuple(sorted(counts.items()))[-_MOST_BARS * 4 :], sealed)


def _starts(span: Span, first: date, last: date) -> Iterable[date]:
    day = _start(span, first)
    while day <= last:
        yield day
        day = _start(span, day + timedelta(days={Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 31}[span]))


def _start(span: Span, day: date) -> date:
    if span is Span.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if span is Span.MONTH else day


def day_of(entry: LogEntry) -> date | None:
    """Return the day (UTC) of an entry; None when a damaged one has none."""
    try:
        return datetime.fromisoformat(entry.at).astimezone(UTC).date()
    except ValueError:
        return None
