"""Making a PDF report of the signing log: counted in one pass, printed in two more.

The log grows meanwhile; only entries that were there when the report was begun are in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from itertools import islice, takewhile
from pathlib import Path

from gateway.core.chain import LogEntry
from gateway.core.log_query import LogOutcome, LogQuery, outcome_of
from gateway.core.log_report import (
    MOST_ENTRIES,
    ChainState,
    LogReport,
    ReportedEntry,
    Use,
    day_of,
    use_of,
)
from gateway.core.log_report_layout import Layout
from gateway.core.log_report_words import WORDS
from gateway.core.names import display
from gateway.core.notice_settings import Language
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.log_auditing import LogAudit
from gateway.ports import About, Lettering, Printer

_DOCUMENTS = 10_000
"""Documents whose names are remembered while entries are printed."""


@dataclass(frozen=True)
class Asked:
    """What somebody wants a report of."""

    query: LogQuery
    asker: str
    language: Language


class LogReporting:
    """Makes reports of one site's log."""

    def __init__(
        self,
        equipment: Equipment,
        site: str,
        audit: Callable[[], LogAudit],
        printing: Callable[[], tuple[Printer, Lettering]],
        *,
        most: int = MOST_ENTRIES,
    ) -> None:
        """Make reports that show so many entries at most."""
        self._equipment = equipment
        self._site = site
        self._audit = audit
        self._printing = printing
        self._most = most

    def make(self, asked: Asked, target: Path) -> LogReport:
        """Write a report into a new file; return what it says.

        Raises `SiteFault` (`site.font-missing` and others), `UsageFault` (`usage.wrong-time`).
        """
        audited = self._audit()
        entries = partial(self._entries, asked.query, audited.head.sequence)
        report = self._counted(asked, entries(), audited)
        words = WORDS[asked.language]
        printer, lettering = self._printing()
        layout = Layout(report, partial(self._shown, report, entries), lettering.width)
        about = About(f"{words.title} – {display(self._site)}", display(asked.asker), words.tag)
        printer.print(layout.pages, lettering, about, target)
        return report

    def _entries(self, query: LogQuery, last: int) -> Iterator[LogEntry]:
        found = self._equipment.log.search(query)
        return takewhile(lambda entry: entry.sequence <= last, found)

    def _shown(
        self, report: LogReport, entries: Callable[[], Iterator[LogEntry]]
    ) -> Iterator[ReportedEntry]:
        """Yield the newest entries, oldest first, with the names of their documents."""

        @lru_cache(maxsize=_DOCUMENTS)
        def document(job: str) -> str:
            found = self._equipment.jobs.get(job)
            return f"{found.inbox}/{display(found.source)}" if found is not None else ""

        for entry in islice(entries(), report.found - report.shown, report.found):
            yield ReportedEntry(entry, document(entry.job) if entry.job else "")

    def _counted(self, asked: Asked, entries: Iterator[LogEntry], audited: LogAudit) -> LogReport:
        tally = _Tally()
        for entry in entries:
            tally.count(entry)
        seals, rules = Counter[str](), Counter[str]()
        for name in sorted(tally.jobs):
            job = self._equipment.jobs.get(name)
            if job is not None and job.rule:
                seals[display(job.seal)] += 1
                rules[f"{job.inbox} / {display(job.rule)}"] += 1
        return LogReport(
            site=display(self._site),
            asker=display(asked.asker),
            made=self._equipment.clock.now().astimezone(),
            query=asked.query,
            language=asked.language,
            found=tally.found,
            first=tally.first,
            last=tally.last,
            outcomes=tuple((one, tally.outcomes[one]) for one in LogOutcome if tally.outcomes[one]),
            documents=len(tally.jobs),
            seals=tuple(seals.most_common()),
            rules=tuple(rules.most_common()),
            use=tally.use(),
            chain=ChainState(audited.head, audited.flaws, audited.tokens, audited.latest),
            most=self._most,
        )


class _Tally:
    """What is counted of entries as they pass."""

    def __init__(self) -> None:
        self.found = 0
        self.first = self.last = ""
        self.outcomes: Counter[LogOutcome] = Counter()
        self.jobs: set[str] = set()
        self._delivered: Counter[date] = Counter()
        self._all: Counter[date] = Counter()

    def count(self, entry: LogEntry) -> None:
        self.found += 1
        self.first = min(self.first or entry.at, entry.at)
        self.last = max(self.last, entry.at)
        outcome = outcome_of(entry)
        if outcome is not None:
            self.outcomes[outcome] += 1
        if entry.job:
            self.jobs.add(entry.job)
        day = day_of(entry)
        if day is not None:
            self._all[day] += 1
            self._delivered[day] += entry.event == "result.delivered"

    def use(self) -> Use:
        sealed = sum(self._delivered.values()) > 0
        return use_of(tuple((self._delivered if sealed else self._all).items()), sealed=sealed)
