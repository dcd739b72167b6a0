"""The path of a contract flow on paper: a card for each step, those of one stage on one ground."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.core.drawing import Colour
from gateway.core.flow_certificate_words import CertificateWords
from gateway.core.flow_definition import FlowDefinition, Step
from gateway.core.flow_events import StepState
from gateway.core.flow_state import FlowStatus
from gateway.core.names import display
from gateway.core.printed_page import Sheet
from gateway.core.report_style import BAD, FAINT, GOOD, GROUND, HAIR, LEFT, SOFT, WARN, WIDTH

_COLOURS = {
    StepState.DONE: GOOD,
    StepState.REJECTED: BAD,
    StepState.EXPIRED: WARN,
    StepState.OPEN: WARN,
    StepState.RELEASED: WARN,
    StepState.SEALING: WARN,
}
_IN_A_ROW = 4
_GAP = 14.0
_CARD = (WIDTH - _GAP * (_IN_A_ROW - 1)) / _IN_A_ROW
_HEIGHT = 50.0


class PathDrawing:
    """One flow's path, in rows of a few cards."""

    height = _HEIGHT + 10
    """Of one row."""

    def __init__(
        self, definition: FlowDefinition, status: FlowStatus, words: CertificateWords
    ) -> None:
        self._definition = definition
        self._status = status
        self._words = words

    def rows(self) -> Iterator[tuple[Step, ...]]:
        """Yield the steps that stand beside each other."""
        steps = self._definition.steps
        for first in range(0, len(steps), _IN_A_ROW):
            yield steps[first : first + _IN_A_ROW]

    def draw(self, sheet: Sheet, y: float, row: tuple[Step, ...]) -> None:
        """Draw a row of cards."""
        last = self._definition.steps[-1].name
        for index, step in enumerate(row):
            x = LEFT + index * (_CARD + _GAP)
            if step.name != last and index < _IN_A_ROW - 1:
                self._way(sheet, x, y, step, row[index + 1])
            self._card(sheet, x, y, step)

    def _way(self, sheet: Sheet, x: float, y: float, step: Step, following: Step) -> None:
        """Join steps that are open together by a ground, others by a line."""
        stage_of = self._definition.stage_of
        if stage_of(step.name) == stage_of(following.name):
            sheet.block(x + _CARD - 4, y, _GAP + 8, _HEIGHT, HAIR)
        else:
            sheet.rule(x + _CARD, y + _HEIGHT / 2, _GAP, SOFT, 1.6)

    def _card(self, sheet: Sheet, x: float, y: float, step: Step) -> None:
        standing = self._status.step(step.name)
        colour: Colour = _COLOURS.get(standing.state, FAINT)
        sheet.block(x, y, _CARD, _HEIGHT, GROUND, radius=5)
        sheet.block(x, y + 6, 2.4, _HEIGHT - 12, colour, radius=1.2)
        room = _CARD - 18
        party = self._definition.party(step.party).label
        sheet.text(x + 10, y + 14, _plain(step.name), 8.5, bold=True, within=room)
        sheet.text(x + 10, y + 26, _plain(party), 7.5, within=room)
        told = self._words.states[standing.state]
        sheet.text(x + 10, y + 36.5, told, 7.5, colour=colour, within=room)
        if standing.at is not None and standing.state is not StepState.PENDING:
            moment = f"{standing.at:%Y-%m-%d %H:%M}"
            sheet.text(x + 10, y + 45.5, moment, 6.5, colour=FAINT, within=room)


def _plain(text: str) -> str:
    return " ".join(display(text).split())
