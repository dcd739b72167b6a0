"""How the certificate of completion looks: one calm page or a few, from the evidence of a flow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gateway.core.drawing import Colour
from gateway.core.flow_certificate_words import CertificateWords
from gateway.core.flow_evidence import EvidenceAct, FlowEvidence
from gateway.core.names import display
from gateway.core.printed_page import A4, INK, Page, Ruler, Sheet, wrapped
from gateway.core.report_style import (
    ACCENT,
    BAD,
    BOTTOM,
    FAINT,
    GOOD,
    GROUND,
    HAIR,
    LEFT,
    RIGHT,
    TOP,
    WARN,
    WIDTH,
)

_LABELS = 92.0
_SIZE, _SMALL = 8.5, 7.2
_LINE, _SMALL_LINE = 12.0, 9.4
_STATE_COLOURS = {"completed": GOOD, "done": GOOD, "skipped": FAINT, "pending": FAINT}
_HIDDEN = frozenset({"sha256", "definition", "flow", "source", "owner", "job", "parties"})
_LONGEST = 600
"""Characters of one entry's details that are looked at; the JSON has all of them."""


class Certificate:
    """The pages of one certificate."""

    def __init__(self, evidence: FlowEvidence, words: CertificateWords, ruler: Ruler) -> None:
        self._evidence = evidence
        self._words = words
        self._ruler = ruler
        self._sheets: list[Sheet] = []
        self._y = 0.0

    def pages(self, total: int) -> Iterator[Page]:
        """Yield the pages; `total` is how many there are, 0 while that is not known."""
        self._sheets = [Sheet(self._ruler)]
        self._heading()
        self._facts()
        self._section(self._words.parties, self._parties)
        self._section(self._words.steps, self._steps)
        self._section(self._words.revisions, self._revisions)
        self._section(self._words.signatures, self._signatures)
        self._section(self._words.acts, self._acts)
        for number, sheet in enumerate(self._sheets, 1):
            y = A4[1] - 30
            sheet.rule(LEFT, y - 14, WIDTH, HAIR)
            left = f"{self._evidence.site} · {self._words.title} · {self._evidence.job}"
            sheet.text(LEFT, y, display(left), 7.5, colour=FAINT, within=WIDTH - 120)
            page = self._words.page.format(page=number, pages=total)
            sheet.right(RIGHT, y, page, 7.5, colour=FAINT)
            yield tuple(sheet.marks)

    @property
    def _sheet(self) -> Sheet:
        return self._sheets[-1]

    def _room(self, height: float) -> None:
        """Go on to a new page when there is no room for so much."""
        if self._y + height > BOTTOM:
            self._sheets.append(Sheet(self._ruler))
            self._y = TOP

    def _heading(self) -> None:
        evidence, sheet = self._evidence, self._sheet
        sheet.text(LEFT, 70, display(evidence.site), 10, colour=FAINT, within=WIDTH)
        sheet.text(LEFT, 98, self._words.title, 24, bold=True, within=WIDTH)
        sheet.block(LEFT, 110, 36, 2.4, ACCENT, radius=1.2)
        sheet.text(LEFT, 138, display(evidence.document), 14, bold=True, within=WIDTH)
        told = evidence.title or evidence.name
        sheet.text(LEFT, 154, display(told), 10, colour=FAINT, within=WIDTH)
        self._y = 178

    def _facts(self) -> None:
        evidence, words = self._evidence, self._words
        state = words.states.get(evidence.state, evidence.state)
        if evidence.why:
            state += f" – {display(evidence.why)}"
        self._fact(words.state, state, _STATE_COLOURS.get(evidence.state, BAD), bold=True)
        self._fact(words.began, evidence.begun)
        self._fact(words.ended, evidence.ended)
        self._fact(words.contract, evidence.contract)
        self._fact(words.original, evidence.original)
        self._fact(words.definition, f"{display(evidence.name)} · {evidence.definition}")
        self._fact(words.number, evidence.job)
        for key, value in evidence.fields:
            self._fact(display(key), display(value))

    def _fact(self, label: str, value: str, colour: Colour = INK, *, bold: bool = False) -> None:
        ems = (WIDTH - _LABELS) / _SIZE
        lines = wrapped(display(value), ems, self._ruler, 3, bold=bold) or ["–"]
        self._room(_LINE * len(lines) + 3)
        label_width = _LABELS - 8
        self._sheet.text(LEFT, self._y + 9, label, _SIZE, colour=FAINT, within=label_width)
        for line in lines:
            self._sheet.text(LEFT + _LABELS, self._y + 9, line, _SIZE, bold=bold, colour=colour)
            self._y += _LINE
        self._y += 3

    def _section(self, title: str, draw: Callable[[], None]) -> None:
        self._room(60)
        self._y += 16
        self._sheet.text(LEFT, self._y + 10, title, 11.5, bold=True)
        self._y += 20
        draw()

    def _row(
        self, columns: Sequence[tuple[float, str, Colour, bool]], below: Sequence[str] = ()
    ) -> None:
        """Draw one row: words at offsets from the left, and lines below them."""
        height = _LINE + _SMALL_LINE * len(below) + 6
        self._room(height)
        ends = [offset for offset, *_ in columns[1:]] + [WIDTH]
        for (offset, text, colour, bold), end in zip(columns, ends, strict=True):
            room = end - offset - 6
            self._sheet.text(
                LEFT + offset, self._y + 9, text, _SIZE, bold=bold, colour=colour, within=room
            )
        y = self._y + 9
        for line in below:
            y += _SMALL_LINE
            self._sheet.text(LEFT + columns[0][0], y, line, _SMALL, colour=FAINT)
        self._y += height
        self._sheet.rule(LEFT, self._y - 2, WIDTH, HAIR)

    def _parties(self) -> None:
        for party in self._evidence.parties:
            known = ", ".join(
                text
                for text in (
                    party.user and self._words.user.format(display(party.user)),
                    party.group and self._words.group.format(display(party.group)),
                    display(party.mail),
                )
                if text
            )
            label = display(party.title or party.name)
            self._row([(0, label, INK, True), (220, known or self._words.folder, FAINT, False)])

    def _steps(self) -> None:
        labels = {one.name: display(one.title or one.name) for one in self._evidence.parties}
        for step in self._evidence.steps:
            colour = _STATE_COLOURS.get(step.state, WARN if step.state == "open" else BAD)
            state = self._words.step_states.get(step.state, step.state)
            who = display(step.signer or step.actor)
            said = [self._words.kinds.get(step.kind, step.kind), labels.get(step.party, "")]
            said += [self._words.seal.format(display(step.seal))] if step.seal else []
            said += [display(step.service)] if step.service else []
            below = self._wrapped(" · ".join(one for one in said if one))
            below += self._wrapped(f"“{display(step.why)}”" if step.why else "")
            self._row(
                [
                    (0, display(step.name), INK, True),
                    (150, state, colour, True),
                    (230, who, INK, False),
                    (400, step.at, FAINT, False),
                ],
                below,
            )

    def _revisions(self) -> None:
        for number, one in enumerate(self._evidence.revisions):
            step = display(one.step) or self._words.as_it_came
            self._row(
                [
                    (0, str(number), FAINT, False),
                    (24, step, INK, True),
                    (400, one.at, FAINT, False),
                ],
                [one.sha256],
            )

    def _signatures(self) -> None:
        if not self._evidence.signatures:
            self._row([(0, self._words.none, FAINT, False)])
        for one in self._evidence.signatures:
            told = self._words.good if one.good else self._words.bad
            stamped = f" · {self._words.stamped}" if one.timestamped else ""
            self._row(
                [
                    (0, display(one.signer), INK, True),
                    (230, told + stamped, GOOD if one.good else BAD, True),
                    (400, one.signed_at[:19], FAINT, False),
                ],
                [f"{self._words.certificate} {one.fingerprint}"],
            )

    def _acts(self) -> None:
        for act in self._evidence.acts:
            self._room(_LINE)
            event = f"{act.event} {display(act.step)}" if act.step else act.event
            self._row(
                [
                    (0, str(act.sequence), FAINT, False),
                    (46, act.at[:19].replace("T", " ") + "Z", INK, False),
                    (160, event, INK, True),
                    (340, display(act.actor), INK, False),
                ],
                [act.hash, *self._wrapped(_told(act))],
            )
        self._room(40)
        self._sheet.block(LEFT, self._y + 6, WIDTH, 26, GROUND, radius=4)
        note = wrapped(self._words.note, (WIDTH - 20) / _SMALL, self._ruler, 2)
        for number, line in enumerate(note):
            y = self._y + 16 + number * _SMALL_LINE
            self._sheet.text(LEFT + 10, y, line, _SMALL, colour=FAINT)
        self._y += 36

    def _wrapped(self, text: str) -> list[str]:
        return wrapped(text, (WIDTH - 24) / _SMALL, self._ruler, 3) if text else []


def _told(act: EvidenceAct) -> str:
    pairs = (f"{key} {value}" for key, value in act.details if key not in _HIDDEN)
    return display(" · ".join(pairs))[:_LONGEST]
