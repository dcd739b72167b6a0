"""The first page of a log report: who asked for what, how much there was, and is it whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.core.drawing import Colour
from gateway.core.log_report import LogReport, Span
from gateway.core.log_report_words import WORDS
from gateway.core.names import display
from gateway.core.printed_page import INK, Sheet, wrapped
from gateway.core.report_style import (
    ACCENT,
    BAD,
    FAINT,
    GOOD,
    GROUND,
    HAIR,
    LEFT,
    OUTCOME_COLOURS,
    RIGHT,
    SOFT,
    WARN,
    WIDTH,
)

_LABELS = 84.0
_CHART = 92.0
_ROWS = 8
"""Seals and rules that are named; the others are counted together."""


class Summary:
    """Draws the page from its top to its bottom."""

    def __init__(self, report: LogReport, sheet: Sheet) -> None:
        self._report = report
        self._sheet = sheet
        self._words = WORDS[report.language]
        self._y = 0.0

    def draw(self) -> None:
        """Draw everything."""
        sheet, report = self._sheet, self._report
        sheet.text(LEFT, 70, report.site, 10, colour=FAINT, within=WIDTH)
        sheet.text(LEFT, 98, self._words.title, 24, bold=True)
        sheet.block(LEFT, 110, 36, 2.4, ACCENT, radius=1.2)
        self._y = 140
        self._facts()
        self._outcomes()
        self._chart()
        self._tables()

    def _facts(self) -> None:
        words, report = self._words, self._report
        zone = f"UTC{report.made:%z}"
        self._fact("period", [(self._period(), INK)])
        self._fact("filters", [(self._filters(), INK)])
        self._fact("asker", [(report.asker, INK)])
        zoned = words.times.format(zone=f"{zone[:6]}:{zone[6:]}")
        self._fact("made", [(f"{report.made:%Y-%m-%d %H:%M:%S}", INK), (zoned, FAINT)])
        counted = words.counted.format(found=report.found, documents=report.documents)
        told = [(counted, INK)]
        if report.shown < report.found:
            capped = words.shown.format(shown=report.shown, found=report.found)
            told.append((capped, WARN))
        self._fact("entries", told)
        self._fact("chain", self._chain())
        self._fact("stamp", self._stamp())

    def _fact(self, label: str, told: list[tuple[str, Colour]]) -> None:
        self._sheet.text(LEFT, self._y, self._words.facts[label], 9, colour=FAINT)
        for text, colour in told:
            ems = (WIDTH - _LABELS) / 9
            for line in wrapped(text, ems, self._sheet.ruler, 4):
                self._sheet.text(LEFT + _LABELS, self._y, line, 9, colour=colour)
                self._y += 13
        self._y += 4

    def _period(self) -> str:
        query, report = self._report.query, self._report
        ends = [
            self._moment(asked) or self._moment(found)
            for asked, found in ((query.since, report.first), (query.until, report.last))
        ]
        return " – ".join(end or self._words.open_end for end in ends)

    def _filters(self) -> str:
        names = self._words.filters
        outcome = self._report.query.outcome
        told = []
        for name, value in self._report.query.filters:
            if name in names:
                shown = self._words.outcomes[outcome] if outcome and name == "outcome" else value
                told.append(f"{names[name]}: {display(shown)}")
        return " · ".join(told) or self._words.everything

    def _chain(self) -> list[tuple[str, Colour]]:
        chain, words = self._report.chain, self._words
        if not chain.flaws:
            told = [(words.whole.format(entries=chain.head.sequence), GOOD)]
            head = words.head.format(entry=chain.head.sequence)
            return [*told, (head, FAINT), (chain.head.hash, FAINT)]
        first = chain.flaws[0]
        what = display(first.what)
        told_of = {"flaws": len(chain.flaws), "entry": first.sequence, "what": what}
        return [(words.broken.format(**told_of), BAD)]

    def _stamp(self) -> list[tuple[str, Colour]]:
        chain = self._report.chain
        if chain.stamp is None:
            return [(self._words.unstamped, WARN)]
        told = self._words.stamped.format(
            entry=chain.stamp.head.sequence,
            head=chain.head.sequence,
            time=f"{chain.stamp.at.astimezone(self._report.made.tzinfo):%Y-%m-%d %H:%M:%S}",
            authority=display(chain.stamp.authority),
        )
        return [(told, INK)]

    def _outcomes(self) -> None:
        """Draw a card for each outcome."""
        self._y += 10
        outcomes = self._report.outcomes
        if not outcomes:
            self._sheet.text(LEFT, self._y + 8, self._words.none, 9, colour=FAINT)
            self._y += 30
            return
        gap = 8.0
        width = min(120.0, (WIDTH - gap * (len(outcomes) - 1)) / len(outcomes))
        for index, (outcome, count) in enumerate(outcomes):
            x = LEFT + index * (width + gap)
            self._sheet.block(x, self._y, width, 46, GROUND, radius=5)
            colour = OUTCOME_COLOURS[outcome]
            self._sheet.text(x + 10, self._y + 23, str(count), 16, bold=True, within=width - 20)
            name = self._words.outcomes[outcome]
            self._sheet.text(x + 10, self._y + 37, name, 8, colour=colour, within=width - 20)
        self._y += 46 + 28

    def _chart(self) -> None:
        use = self._report.use
        if not use.bars:
            return
        sheet, titles = self._sheet, self._words.sealed_by if use.sealed else self._words.entries_by
        sheet.text(LEFT, self._y, titles[use.span], 10, bold=True)
        base, top = self._y + 14 + _CHART, max(count for _, count in use.bars)
        left = LEFT + max(16.0, sheet.ruler(str(top), False) * 7 + 6)
        for level, y in ((top, base - _CHART), (0, base)):
            sheet.rule(left, y, RIGHT - left, HAIR)
            sheet.right(left - 5, y + 2.4, str(level), 7, colour=FAINT)
        step = (RIGHT - left) / len(use.bars)
        every = max(1, -(-len(use.bars) // 8))
        for index, (day, count) in enumerate(use.bars):
            bar = min(step * 0.72, 24.0)
            x = left + index * step + (step - bar) / 2
            if count:
                height = max(_CHART * count / top, 0.8)
                sheet.block(x, base - height, bar, height, ACCENT, radius=min(1.5, bar / 3))
            if index % every == 0:
                label = f"{day:%Y-%m}" if use.span is Span.MONTH else f"{day:%m-%d}"
                sheet.text(x, base + 10, label, 7, colour=FAINT)
        self._y = base + 36

    def _tables(self) -> None:
        width = (WIDTH - 28) / 2
        report, words = self._report, self._words
        for x, title, rows in (
            (LEFT, words.by_seal, report.seals),
            (LEFT + width + 28, words.by_rule, report.rules),
        ):
            self._sheet.text(x, self._y, title, 10, bold=True)
            if rows:
                self._table(x, width, rows)
            else:
                self._sheet.text(x, self._y + 18, words.nothing, 9, colour=FAINT)

    def _table(self, x: float, width: float, rows: Sequence[tuple[str, int]]) -> None:
        """Draw the largest of some counts as bars."""
        y, most = self._y + 18, rows[0][1]
        for name, count in rows[:_ROWS]:
            number = str(count)
            room = width - self._sheet.ruler(number, False) * 8.5 - 10
            self._sheet.text(x, y, name or self._words.nothing, 8.5, within=room)
            self._sheet.right(x + width, y, number, 8.5)
            self._sheet.block(x, y + 3.8, width, 2, GROUND, radius=1)
            self._sheet.block(x, y + 3.8, max(width * count / most, 2), 2, SOFT, radius=1)
            y += 18
        if len(rows) > _ROWS:
            others = self._words.others.format(count=len(rows) - _ROWS)
            self._sheet.text(x, y, others, 8.5, colour=FAINT)
            left = str(sum(count for _, count in rows[_ROWS:]))
            self._sheet.right(x + width, y, left, 8.5, colour=FAINT)

    def _moment(self, written: str) -> str:
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            return ""
        if len(written) == len("2026-01-31"):
            return written
        zone = self._report.made.tzinfo
        aware = moment if moment.tzinfo else moment.replace(tzinfo=self._report.made.tzinfo)
        return f"{aware.astimezone(zone):%Y-%m-%d %H:%M}"
