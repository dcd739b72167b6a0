"""Where the boxes of a drawn contract flow are: stages from left to right, a few in a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.core.flow_definition import Condition, FlowDefinition, Stage, Step

BOX_WIDTH = 236.0
MARGIN = 24.0
"""Around the whole."""
_GAP = 44.0
"""Between stages, for the arrow."""
_BETWEEN = 14.0
"""Between steps of one stage."""
_PADDING = 12.0
LINE = 16.0
"""Of text."""
LABEL = 20.0
"""The first line of what a stage of several steps is called."""
_ROWS_APART = 56.0
_ENDS = 40.0
"""Room for the marks of beginning and end."""
_IN_A_ROW = 5
HEADER = 58.0


@dataclass(frozen=True)
class Frame:
    """A rectangle: its upper left corner and size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Return the height of its middle."""
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        """Return where it ends."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return where it ends below."""
        return self.y + self.height


@dataclass(frozen=True)
class PlacedStage:
    """A stage, its frame, and those of its steps."""

    stage: Stage
    frame: Frame
    steps: tuple[tuple[Step, Frame], ...]


@dataclass(frozen=True)
class FlowLayout:
    """A whole flow, from (0, 0)."""

    rows: tuple[tuple[PlacedStage, ...], ...]
    width: float
    height: float


def laid_out(definition: FlowDefinition, height_of: Callable[[Step], float]) -> FlowLayout:
    """Place the stages of a flow; `height_of` tells how high a step's box must be."""
    stages = definition.stages
    rows, top, width = [], HEADER + MARGIN, 0.0
    for first in range(0, len(stages), _IN_A_ROW):
        row = stages[first : first + _IN_A_ROW]
        height = max(_height(stage, height_of) for stage in row)
        placed, x = [], MARGIN + _ENDS
        for stage in row:
            placed.append(_placed(stage, x, top + height / 2, height_of))
            x = placed[-1].frame.right + _GAP
        rows.append(tuple(placed))
        width = max(width, x - _GAP + _ENDS + MARGIN)
        top += height + _ROWS_APART
    return FlowLayout(tuple(rows), width, top - _ROWS_APART + MARGIN)


def _height(stage: Stage, height_of: Callable[[Step], float]) -> float:
    steps = sum(map(height_of, stage.steps)) + _BETWEEN * (len(stage.steps) - 1)
    return steps + (2 * _PADDING + _label(stage) if len(stage.steps) > 1 else 0.0)


def shared(stage: Stage) -> tuple[Condition, ...]:
    """Return the conditions that all steps of a stage have, told once for all of them."""
    first, *others = stage.steps
    same = bool(others) and all(step.when == first.when for step in others)
    return first.when if same else ()


def _label(stage: Stage) -> float:
    """Return the room for what a stage of several steps is called."""
    return LABEL + LINE * len(shared(stage))


def _placed(
    stage: Stage, x: float, middle: float, height_of: Callable[[Step], float]
) -> PlacedStage:
    """Place one stage so that its middle is where the row's is."""
    several = len(stage.steps) > 1
    height = _height(stage, height_of)
    padding = _PADDING if several else 0.0
    frame = Frame(x, middle - height / 2, BOX_WIDTH + 2 * padding, height)
    y, steps = frame.y + padding + (_label(stage) if several else 0.0), []
    for step in stage.steps:
        steps.append((step, Frame(x + padding, y, BOX_WIDTH, height_of(step))))
        y = steps[-1][1].bottom + _BETWEEN
    return PlacedStage(stage, frame, tuple(steps))
