"""How a contract flow's certificate looks: what it is about, its path, then all that happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.core.drawing import Colour
from gateway.core.flow_acts import SEALGATE
from gateway.core.flow_certificate_path import PathDrawing
from gateway.core.flow_certificate_words import WORDS
from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_events import FlowState
from gateway.core.flow_evidence import EvidenceAct, EvidenceSeal, EvidenceSignature, FlowEvidence
from gateway.core.flow_evidence_gathering import replayed
from gateway.core.names import display
from gateway.core.notice_settings import Language
from gateway.core.printed_page import A4, INK, Page, Ruler, Sheet, wrapped
from gateway.core.report_style import (
    ACCENT,
    BAD,
    BOTTOM,
    FAINT,
    GOOD,
    HAIR,
    LEFT,
    RIGHT,
    TOP,
    WARN,
    WIDTH,
)

OUTCOMES = {
    FlowState.COMPLETED: GOOD,
    FlowState.REJECTED: BAD,
    FlowState.EXPIRED: WARN,
    FlowState.WITHDRAWN: FAINT,
}
_LABELS = 84.0
_STOPS = (LEFT, LEFT + 104, LEFT + 214, LEFT + 330)
"""Where time, event, step and who begin; the log entry ends at the right edge."""
_SIZE, _SMALL = 8.0, 7.0
_SEAL = 130.0
"""Room that is left for a seal at the end of the last page."""


class Certificate:
    """The pages of one certificate."""

    def __init__(
        self,
        evidence: FlowEvidence,
        definition: FlowDefinition,
        data: str,
        language: Language,
        ruler: Ruler,
    ) -> None:
        """Lay out some evidence whose JSON has the hash `data`."""
        self._evidence = evidence
        self._definition = definition
        self._status = replayed(definition, evidence)
        self._data = data
        self._words = WORDS[language]
        self._ruler = ruler
        self._sheets: list[Sheet] = []
        self._y = 0.0

    @property
    def title(self) -> str:
        """Return what it is."""
        completed = self._status.state is FlowState.COMPLETED
        return self._words.completed if completed else self._words.ended

    def pages(self, total: int) -> Iterator[Page]:
        """Yield the pages; `total` is how many there are, 0 while that is not known."""
        self._sheets = [Sheet(self._ruler)]
        self._head()
        self._facts()
        self._path()
        self._parties()
        self._acts()
        self._revisions()
        self._seals()
        if self._definition.evidence is not None:
            self._room(_SEAL)
        self._text(self._words.check, FAINT)
        for number, sheet in enumerate(self._sheets, 1):
            yield self._finished(sheet, number, total)

    @property
    def _sheet(self) -> Sheet:
        return self._sheets[-1]

    def _finished(self, sheet: Sheet, number: int, total: int) -> Page:
        y = A4[1] - 30
        sheet.rule(LEFT, y - 14, WIDTH, HAIR)
        left = f"{self._evidence.site} · {self.title} · {self._evidence.job}"
        sheet.text(LEFT, y, left, 7.5, colour=FAINT, within=WIDTH - 120)
        page = self._words.page.format(page=number, pages=total or "0123456789")
        sheet.right(RIGHT, y, page, 7.5, colour=FAINT)
        return tuple(sheet.marks)

    def _room(self, height: float) -> None:
        """Begin a new page when the rest of this one is too short."""
        if self._y + height > BOTTOM:
            self._sheets.append(Sheet(self._ruler))
            self._y = TOP

    def _heading(self, part: str, room: float = 60) -> None:
        self._room(room + 30)
        self._y += 28
        self._sheet.text(LEFT, self._y, self._words.parts[part], 11, bold=True)
        self._y += 5

    def _text(self, text: str, colour: Colour, x: float = LEFT, most: int = 4) -> None:
        """Write small print."""
        for line in wrapped(_plain(text), (RIGHT - x) / _SMALL, self._ruler, most):
            self._room(10)
            self._y += 9.4
            self._sheet.text(x, self._y, line, _SMALL, colour=colour)

    def _head(self) -> None:
        sheet = self._sheet
        sheet.text(LEFT, 70, _plain(self._evidence.site), 10, colour=FAINT, within=WIDTH)
        sheet.text(LEFT, 98, self.title, 24, bold=True)
        sheet.block(LEFT, 110, 36, 2.4, ACCENT, radius=1.2)
        self._y = 138

    def _facts(self) -> None:
        words, one = self._words, self._evidence
        title = f"{one.title} ({one.name})" if one.title else one.name
        outcome = _moment(one.ended)
        if one.ended_by not in ("", SEALGATE.name):
            outcome = words.by.format(at=outcome, name=one.ended_by)
        self._fact("document", one.document, bold=True)
        self._fact("flow", title)
        self._fact("number", one.job)
        state = words.states[self._status.state]
        colour = OUTCOMES.get(self._status.state, INK)
        self._fact("outcome", f"{state}, {outcome}", colour)
        if one.why:
            self._fact("", one.why)
        begun = one.acts[0]
        self._fact("begun", words.by.format(at=_moment(begun.at), name=begun.actor))
        told = " · ".join(f"{key}: {value}" for key, value in one.fields.items())
        if told:
            self._fact("fields", told)
        self._fact("original", one.original)
        if self._status.state is FlowState.COMPLETED:
            self._fact("contract", one.contract, bold=True)
        self._fact("definition", one.definition)
        self._fact("data", words.attached.format(hash=self._data))
        self._fact("", words.utc, FAINT)

    def _fact(self, label: str, text: str, colour: Colour = INK, *, bold: bool = False) -> None:
        name = self._words.facts.get(label, "")
        self._sheet.text(LEFT, self._y, name, 9, colour=FAINT)
        ems = (WIDTH - _LABELS) / 9
        for line in wrapped(_plain(text), ems, self._ruler, 3, bold=bold):
            self._sheet.text(LEFT + _LABELS, self._y, line, 9, bold=bold, colour=colour)
            self._y += 12.5
        self._y += 2.5

    def _path(self) -> None:
        drawing = PathDrawing(self._definition, self._status, self._words)
        rows = tuple(drawing.rows())
        self._heading("path", drawing.height)
        self._y += 5
        for row in rows:
            self._room(drawing.height)
            drawing.draw(self._sheet, self._y, row)
            self._y += drawing.height

    def _parties(self) -> None:
        self._heading("parties")
        for party in self._evidence.parties:
            told = [self._words.user.format(name=party.user)] if party.user else []
            told += [self._words.group.format(name=party.group)] if party.group else []
            told += [party.mail] if party.mail else []
            self._room(16)
            self._y += 12
            named = f"{party.title} ({party.name})" if party.title else party.name
            self._sheet.text(LEFT, self._y, _plain(named), _SIZE, bold=True, within=220)
            about = _plain(" · ".join(told))
            self._sheet.text(_STOPS[2] + 20, self._y, about, _SIZE, within=RIGHT - _STOPS[2] - 20)
            self._sheet.rule(LEFT, self._y + 5, WIDTH, HAIR)
            self._y += 3

    def _acts(self) -> None:
        self._heading("acts", 80)
        self._columns(("at", "event", "step", "actor"), "entry")
        for act in self._evidence.acts:
            self._act(act)

    def _columns(self, names: Sequence[str], last: str) -> None:
        self._y += 11
        for x, name in zip(_STOPS, names, strict=False):
            self._sheet.text(x, self._y, self._words.columns[name], 7.5, bold=True, colour=FAINT)
        self._sheet.right(RIGHT, self._y, self._words.columns[last], 7.5, bold=True, colour=FAINT)
        self._sheet.rule(LEFT, self._y + 5, WIDTH, FAINT, 0.7)
        self._y += 7

    def _act(self, act: EvidenceAct) -> None:
        self._room(44)
        self._y += 11
        at, event, step, actor = _STOPS
        sheet, number = self._sheet, str(act.logged.entry)
        name = self._words.events.get(act.event, act.event)
        sheet.text(at, self._y, _moment(act.at), _SIZE)
        sheet.text(event, self._y, name, _SIZE, bold=True, within=step - event - 6)
        sheet.text(step, self._y, _plain(act.step), _SIZE, within=actor - step - 6)
        room = RIGHT - actor - self._ruler(number, False) * _SIZE - 8
        sheet.text(actor, self._y, _plain(act.actor), _SIZE, within=room)
        sheet.right(RIGHT, self._y, number, _SIZE)
        if act.why:
            self._text(act.why, INK, event)
        if act.sha256:
            self._text(self._words.bytes.format(hash=act.sha256), FAINT, event)
        self._text(self._words.entry.format(entry=number, hash=act.logged.hash), FAINT, event)
        self._y += 4
        self._sheet.rule(LEFT, self._y, WIDTH, HAIR)

    def _revisions(self) -> None:
        self._heading("revisions")
        for number, one in enumerate(self._evidence.revisions):
            self._room(28)
            self._y += 11
            made = one.step or self._words.dropped
            self._sheet.text(LEFT, self._y, str(number), _SIZE, bold=True)
            self._sheet.text(LEFT + 24, self._y, _plain(made), _SIZE, within=260)
            self._sheet.right(RIGHT, self._y, _moment(one.at), _SIZE)
            self._text(one.sha256, FAINT, LEFT + 24)
            self._y += 4
            self._sheet.rule(LEFT, self._y, WIDTH, HAIR)

    def _seals(self) -> None:
        if not (self._evidence.seals or self._evidence.signatures):
            return
        self._heading("seals")
        for seal in self._evidence.seals:
            self._seal(seal)
        for signature in self._evidence.signatures:
            self._signature(signature)
        self._y += 6

    def _seal(self, seal: EvidenceSeal) -> None:
        words = self._words
        at = seal.logged[-1].at if seal.logged else ""
        self._signed(seal.step, at)
        told = {"look": seal.look or seal.seal, "job": seal.job}
        at_service = {"credential": seal.credential, "service": seal.service}
        self._text(words.signed.format(**told, **at_service), INK, LEFT + 24)
        named = {"signer": seal.signer, "serial": seal.serial, "fingerprint": seal.fingerprint}
        self._text(words.certificate.format(**named), FAINT, LEFT + 24)
        if seal.digest:
            self._text(words.digest.format(digest=seal.digest), FAINT, LEFT + 24)
        self._y += 4
        self._sheet.rule(LEFT, self._y, WIDTH, HAIR)

    def _signature(self, signature: EvidenceSignature) -> None:
        self._signed(signature.step, signature.at)
        self._text(self._words.outside, INK, LEFT + 24)
        named = {"signer": signature.signer, "fingerprint": signature.fingerprint}
        self._text(self._words.signer.format(**named), FAINT, LEFT + 24)
        self._y += 4
        self._sheet.rule(LEFT, self._y, WIDTH, HAIR)

    def _signed(self, step: str, at: str) -> None:
        self._room(52)
        self._y += 11
        party = self._definition.party(self._definition.step(step).party)
        named = f"{step} · {party.label}"
        self._sheet.text(LEFT + 24, self._y, _plain(named), _SIZE, bold=True, within=300)
        self._sheet.right(RIGHT, self._y, _moment(at), _SIZE)


def _plain(text: str) -> str:
    return " ".join(display(text).split())


def _moment(written: str) -> str:
    return written[:19].replace("T", " ")
