"""Charts as SVG, computed here: nothing is drawn by a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 720, 160
_FARTHEST = timedelta(days=56)
"""How far ahead a forecast is drawn."""
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


@dataclass(frozen=True)
class BurnDown:
    """What was left of something day by day, and how that goes on, as points of two lines."""

    past: str
    """`x,y x,y …`, as SVG has it."""
    ahead: str
    """From the last day on: down to nothing, or as far as is drawn; level when nothing goes."""
    today: float
    """Where today is."""
    first: date
    last: date
    top: int
    """The value at the upper edge."""
    width: int = WIDTH
    height: int = HEIGHT


def burn_down(left: Sequence[tuple[date, int]], used_up: date | None) -> BurnDown:
    """Return the lines for what was left on days in order, the last of them today."""
    (first, _), (today, now) = left[0], left[-1]
    last = today + _FARTHEST if used_up is None else min(used_up, today + _FARTHEST)
    last = max(last, today + timedelta(days=1))
    top = max(_LEAST, *(value for _, value in left))
    span = (last - first).days

    def point(day: date, value: float) -> str:
        x, y = WIDTH * (day - first).days / span, HEIGHT * (1 - max(0.0, value) / top)
        return f"{x:.1f},{y:.1f}"

    then = float(now)
    if used_up is not None:
        then = now * max(0.0, 1 - (last - today).days / max(1, (used_up - today).days))
    return BurnDown(
        past=" ".join(point(day, value) for day, value in left),
        ahead=f"{point(today, now)} {point(last, then)}",
        today=round(WIDTH * (today - first).days / span, 1),
        first=first,
        last=last,
        top=top,
    )
