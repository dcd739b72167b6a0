"""A contract flow as a picture (SVG): its steps, and where each document stands."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.core.flow_definition import FlowDefinition, Step
from gateway.core.flow_events import FlowState
from gateway.core.flow_layout import (
    LABEL,
    LINE,
    MARGIN,
    FlowLayout,
    Frame,
    PlacedStage,
    laid_out,
    shared,
)
from gateway.core.flow_state import FlowStatus
from gateway.core.flow_words import FlowWords
from gateway.core.notice_settings import Language
from gateway.core.svg_writing import ICONS, STYLE, element, text

_TOP = 13.0
_LEAST = 640.0
"""Width, so that a short flow has room for its terms."""
_SHOWN = 4
"""Documents named at one step; of more only the number is told."""


@dataclass(frozen=True)
class Standing:
    """A document in a flow, and where it stands."""

    flow: str
    """Name of the definition."""
    document: str
    """As it is called."""
    state: FlowState
    steps: tuple[str, ...] = ()
    """Those that are open, or being sealed."""


def drawn(
    definitions: Iterable[FlowDefinition],
    standing: Iterable[Standing] = (),
    *,
    story: FlowStatus | None = None,
    language: Language = Language.ENGLISH,
) -> str:
    """Return an SVG document of some flows, one below the other.

    `standing` has the documents to be shown where they stand; `story` is told on the steps
    themselves: who did what, and how it ended.
    """
    documents = tuple(standing)
    parts, width, top = [], 0.0, 0.0
    for definition in definitions:
        own = tuple(one for one in documents if one.flow == definition.name)
        drawing = _Drawing(definition, own, story, FlowWords(language))
        parts.append(element("g", drawing.svg(), transform=f"translate(0 {top:g})"))
        width, top = max(width, drawing.width), top + drawing.height
    width, top = max(width, 2 * MARGIN), max(top, 2 * MARGIN)
    paper = element("rect", "", width="100%", height="100%", class_="paper")
    return element(
        "svg",
        STYLE + paper + "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {top:g}",
        width=f"{width:g}",
        height=f"{top:g}",
        class_="flow-drawing",
        role="img",
    )


class _Drawing:
    """One flow."""

    def __init__(
        self,
        definition: FlowDefinition,
        standing: tuple[Standing, ...],
        story: FlowStatus | None,
        said: FlowWords,
    ) -> None:
        self._definition = definition
        self._standing = standing
        self._story = story
        self._said = said
        self._layout: FlowLayout = laid_out(definition, self._height)
        self.width = max(self._layout.width, _LEAST)
        self.height = self._layout.height + (24.0 if self._ended() else 0.0)

    def svg(self) -> str:
        """Return its parts."""
        definition = self._definition
        label = element("title", text(definition.title or definition.name))
        room = self.width - 2 * MARGIN
        header = _words(definition.title or definition.name, MARGIN, 34, room, "title")
        named = f"{definition.name} · " if definition.title else ""
        header += _words(named + self._said.terms(definition), MARGIN, 54, room, "muted")
        stages = "".join(self._stage(placed) for row in self._layout.rows for placed in row)
        ended = self._ended()
        below = _words(ended, MARGIN, self.height - MARGIN + 6, room, "muted") if ended else ""
        return label + header + self._arrows() + stages + below

    def _lines(self, step: Step) -> tuple[tuple[str, str], ...]:
        """Return what stands in a step's box below its name, each with its class."""
        stage = self._definition.stages[self._definition.stage_of(step.name)]
        conditions = () if shared(stage) else self._said.conditions(step.when)
        lines = [(line, "condition") for line in conditions]
        lines += [(self._definition.party(step.party).label, ""), (self._said.does(step), "muted")]
        lines += [(line, "muted") for line in (self._said.times(step),) if line]
        if self._story is not None:
            told = self._said.stands(self._story, self._story.step(step.name))
            lines += [(told, f"told {self._state(step)}")] if told else []
        return tuple(lines)

    def _at(self, step: Step) -> tuple[str, ...]:
        """Return the names of the documents that stand at a step."""
        running = (one for one in self._standing if one.state is FlowState.RUNNING)
        found = [one.document for one in running if step.name in one.steps]
        more = len(found) - _SHOWN
        return tuple(found if more <= 0 else [*found[:_SHOWN], self._said.more(more)])

    def _height(self, step: Step) -> float:
        lines = 1 + len(self._lines(step))
        documents = len(self._at(step))
        return 2 * _TOP + LINE * lines - 4 + (documents * LINE + 10 if documents else 0)

    def _state(self, step: Step) -> str:
        return "" if self._story is None else self._story.step(step.name).state.value

    def _stage(self, placed: PlacedStage) -> str:
        parts = []
        if len(placed.steps) > 1:
            frame = placed.frame
            conditions = shared(placed.stage)
            parts.append(_rectangle(frame, f"stage{' conditional' if conditions else ''}", 14))
            lines = [(self._said.stage(placed.stage), "label")]
            lines += [(line, "condition") for line in self._said.conditions(conditions)]
            for number, (line, shown) in enumerate(lines):
                y = frame.y + LABEL + number * LINE
                parts.append(_words(line, frame.x + 12, y, frame.width - 24, shown))
        parts += [self._step(step, frame) for step, frame in placed.steps]
        return "".join(parts)

    def _step(self, step: Step, frame: Frame) -> str:
        kind, state, lines = step.kind.value, self._state(step), self._lines(step)
        dashed = " conditional" if any(shown == "condition" for _, shown in lines) else ""
        parts = [
            element("title", text("\n".join((step.name, *(line for line, _ in lines))))),
            _rectangle(frame, f"box {state}{dashed}", 9),
            element(
                "g",
                ICONS[kind],
                class_=f"icon {kind}",
                transform=f"translate({frame.x + 20:g} {frame.y + _TOP + 7:g})",
            ),
        ]
        x, y = frame.x + 36, frame.y + _TOP + 11.5
        room = frame.right - x - 10
        parts.append(_words(step.name, x, y, room, "name"))
        for line, shown in lines:
            y += LINE
            parts.append(_words(line, x, y, room, shown))
        parts.append(self._documents(step, frame, y + 10))
        return element("g", "".join(parts), class_="step")

    def _documents(self, step: Step, frame: Frame, y: float) -> str:
        """Return the documents that stand at a step, below a line of their own."""
        names = self._at(step)
        if not names:
            return ""
        height = len(names) * LINE + 6
        parts = [_rectangle(Frame(frame.x + 8, y, frame.width - 16, height), "tray", 5)]
        for number, name in enumerate(names):
            line = y + 14 + number * LINE
            parts.append(_words(name, frame.x + 16, line, frame.width - 32, "document"))
        return "".join(parts)

    def _arrows(self) -> str:
        """Return the way from the beginning through all stages to the end."""
        rows, parts = self._layout.rows, []
        first, last = rows[0][0].frame, rows[-1][-1].frame
        begin, end = first.x - 30, last.right + 30
        parts.append(element("circle", "", cx=begin, cy=first.middle, r=6, class_="begin"))
        parts.append(_arrow(f"M{begin + 6:g} {first.middle:g}H{first.x - 3:g}"))
        for number, row in enumerate(rows):
            for one, other in itertools.pairwise(row):
                way = f"M{one.frame.right:g} {one.frame.middle:g}H{other.frame.x - 3:g}"
                parts.append(_arrow(way))
            if number + 1 < len(rows):
                parts.append(_arrow(_turn(row, rows[number + 1][0].frame)))
        parts.append(_arrow(f"M{last.right:g} {last.middle:g}H{end - 11:g}"))
        state = self._story.state.value if self._story is not None else ""
        parts.append(element("circle", "", cx=end, cy=last.middle, r=8, class_=f"end {state}"))
        parts.append(element("circle", "", cx=end, cy=last.middle, r=4.5, class_=f"core {state}"))
        return "".join(parts)

    def _ended(self) -> str:
        """Return what has become of the document, or of how many what."""
        if self._story is not None:
            return self._said.end(self._story)
        counted = Counter(one.state for one in self._standing if one.state.ended)
        return self._said.ended({state: counted[state] for state in FlowState})


def _turn(row: tuple[PlacedStage, ...], following: Frame) -> str:
    """Return the way from the end of a row to the beginning of the next."""
    last = row[-1].frame
    out, back = last.right + 22, following.x - 22
    between = max(one.frame.bottom for one in row) + 26
    return (
        f"M{last.right:g} {last.middle:g}H{out:g}V{between:g}H{back:g}"
        f"V{following.middle:g}H{following.x - 3:g}"
    )


def _arrow(way: str) -> str:
    return element("path", "", d=way, class_="way", marker_end="url(#arrow)")


def _rectangle(frame: Frame, shown: str, radius: float) -> str:
    return element(
        "rect",
        "",
        x=frame.x,
        y=frame.y,
        width=frame.width,
        height=frame.height,
        rx=radius,
        class_=shown,
    )


def _words(words: str, x: float, y: float, room: float, shown: str) -> str:
    """Return one line of text, cut where its room ends."""
    return element("text", text(words, room, shown), x=x, y=y, class_=shown or None)
