"""Charts as SVG, computed here: nothing is drawn by a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 160
_LEAST = 5
"""The largest value that the axis of an empty chart tells."""


@dataclass(frozen=True)
class Bar:
    """One bar, in units of the drawing, and what it stands for."""

    label: str
    value: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    """Bars over a base line."""

    bars: tuple[Bar, ...]
    top: int
    """The value at the upper edge."""
    width: int = WIDTH
    height: int = HEIGHT


def bars(values: Sequence[tuple[str, int]]) -> Chart:
    """Return a chart of labelled values, from left to right."""
    top = max(_LEAST, *(value for _, value in values)) if values else _LEAST
    step = WIDTH / max(1, len(values))
    made = []
    for index, (label, value) in enumerate(values):
        height = round(HEIGHT * value / top, 2)
        x = round(index * step + step * 0.12, 2)
        made.append(Bar(label, value, x, HEIGHT - height, round(step * 0.76, 2), height))
    return Chart(tuple(made), top)
