"""How a report of the signing log looks: a page that sums up, then the entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from gateway.core.log_query import outcome_of
from gateway.core.log_report import LogReport, ReportedEntry
from gateway.core.log_report_summary import Summary
from gateway.core.log_report_words import WORDS
from gateway.core.names import display
from gateway.core.printed_page import A4, Page, Ruler, Sheet, wrapped
from gateway.core.report_style import BOTTOM, FAINT, HAIR, LEFT, OUTCOME_COLOURS, RIGHT, TOP, WIDTH

_STOPS = (LEFT, LEFT + 40, LEFT + 128, LEFT + 228, LEFT + 388)
"""Where number, time, event, document and who begin; the outcome ends at the right edge."""
_DOCUMENT = _STOPS[4] - _STOPS[3] - 8
_SIZE, _SMALL_SIZE = 8.0, 7.0
_LINE, _SMALL, _GAP = 11.5, 9.2, 5.5
_DETAIL_LINES = 5
_LONGEST_DETAILS = 1500
"""Characters that are looked at; the exports have all of them."""


class Layout:
    """The pages of one report; each look at them is a new pass over the entries."""

    def __init__(
        self, report: LogReport, entries: Callable[[], Iterable[ReportedEntry]], ruler: Ruler
    ) -> None:
        self._report = report
        self._entries = entries
        self._ruler = ruler
        self._words = WORDS[report.language]

    def pages(self, total: int) -> Iterator[Page]:
        """Yield the pages; `total` is how many there are, 0 while that is not known."""
        number = 1
        sheet = Sheet(self._ruler)
        Summary(self._report, sheet).draw()
        yield self._finished(sheet, number, total)
        for sheet in self._tables():
            number += 1
            yield self._finished(sheet, number, total)

    def _finished(self, sheet: Sheet, number: int, total: int) -> Page:
        """Put the foot on a page."""
        report = self._report
        y = A4[1] - 30
        sheet.rule(LEFT, y - 14, WIDTH, HAIR)
        left = f"{report.site} · {self._words.title} · {report.made:%Y-%m-%d %H:%M}"
        sheet.text(LEFT, y, left, 7.5, colour=FAINT, within=WIDTH - 120)
        page = self._words.page.format(page=number, pages=total)
        sheet.right(RIGHT, y, page, 7.5, colour=FAINT)
        return tuple(sheet.marks)

    def _tables(self) -> Iterator[Sheet]:
        sheet, y = Sheet(self._ruler), 0.0
        for one in self._entries():
            lines = self._lines(one)
            height = _LINE + _SMALL * len(lines) + _GAP
            if not y or y + height > BOTTOM:
                if y:
                    yield sheet
                sheet = Sheet(self._ruler)
                y = self._head(sheet)
            self._entry(sheet, y, one, lines)
            y += height
        if y:
            yield sheet

    def _head(self, sheet: Sheet) -> float:
        """Draw the head of the table; return where its rows begin."""
        names = self._words.columns
        for x, name in zip(_STOPS, names, strict=False):
            sheet.text(x, TOP, name, 7.5, bold=True, colour=FAINT)
        sheet.right(RIGHT, TOP, names[-1], 7.5, bold=True, colour=FAINT)
        sheet.rule(LEFT, TOP + 6, WIDTH, FAINT, 0.7)
        return TOP + 10

    def _entry(self, sheet: Sheet, top: float, one: ReportedEntry, lines: list[str]) -> None:
        entry, y = one.entry, top + _LINE
        number, time, event, document, who = _STOPS
        sheet.text(number, y, str(entry.sequence), _SIZE, colour=FAINT)
        sheet.text(time, y, self._moment(entry.at), _SIZE)
        sheet.text(event, y, display(entry.event), _SIZE, bold=True, within=document - event - 8)
        sheet.text(document, y, one.document, _SIZE, within=_DOCUMENT)
        outcome = outcome_of(entry)
        told = self._words.outcomes[outcome] if outcome is not None else ""
        room = RIGHT - who - self._ruler(told, True) * _SIZE - 6
        sheet.text(who, y, display(entry.actor), _SIZE, within=room)
        if outcome is not None:
            sheet.right(RIGHT, y, told, _SIZE, bold=True, colour=OUTCOME_COLOURS[outcome])
        for line in lines:
            y += _SMALL
            sheet.text(time, y, line, _SMALL_SIZE, colour=FAINT)
        sheet.rule(LEFT, y + _GAP, WIDTH, HAIR)

    def _lines(self, one: ReportedEntry) -> list[str]:
        """Return the lines below an entry: a document with a long name, and the details."""
        ems = (RIGHT - _STOPS[1]) / _SMALL_SIZE
        details = " · ".join(f"{key} {value}" for key, value in one.entry.details)
        details = display(details)[:_LONGEST_DETAILS]
        long = self._ruler(one.document, False) * _SIZE > _DOCUMENT
        document = wrapped(one.document, ems, self._ruler, 3) if long else []
        return [*document, *wrapped(details, ems, self._ruler, _DETAIL_LINES)]

    def _moment(self, written: str) -> str:
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            return display(written)[:19]
        return f"{moment.astimezone(self._report.made.tzinfo):%Y-%m-%d %H:%M:%S}"
