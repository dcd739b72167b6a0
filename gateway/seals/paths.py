"""Outlines made of lines and cubic curves, in whatever frame their maker likes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from svgelements import Arc, Close, CubicBezier, Line, Move, Path, QuadraticBezier

from gateway.core.drawing import Matrix
from gateway.seals.frames import Spot, carried

_QUARTER = 0.5522847498
"""Reach of the handles of a cubic curve that looks like a quarter of a circle."""
_FINE = 16
"""Parts in which a curve is measured."""


@dataclass(frozen=True)
class Outline:
    """Steps of a path: `m`, `l`, `c` with their points, `h` with none."""

    steps: tuple[tuple[str, tuple[Spot, ...]], ...]

    def under(self, matrix: Matrix) -> Outline:
        """Return the outline carried into another frame."""
        return Outline(
            tuple(
                (name, tuple(carried(spot, matrix) for spot in spots)) for name, spots in self.steps
            )
        )

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return left, bottom, right, top of what it draws, handles of curves left out."""
        spots = list(self._drawn())
        across, up = [x for x, _ in spots], [y for _, y in spots]
        return min(across), min(up), max(across), max(up)

    def _drawn(self) -> Iterator[Spot]:
        """Give the ends of all steps, and points along the curves."""
        here: Spot = (0.0, 0.0)
        for name, spots in self.steps:
            if name == "c":
                yield from (_along(here, spots, part / _FINE) for part in range(1, _FINE))
            yield from spots[-1:]
            here = spots[-1] if spots else here

    def written(self) -> str:
        """Write the outline as a `Shape` has it."""
        return " ".join(
            " ".join([*(_number(value) for spot in spots for value in spot), name])
            for name, spots in self.steps
        )


def _along(start: Spot, spots: tuple[Spot, ...], share: float) -> Spot:
    """Return a point of a cubic curve."""
    rest = 1 - share
    weights = (rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3)
    points = (start, *spots)
    return (
        sum(weight * x for weight, (x, _) in zip(weights, points, strict=True)),
        sum(weight * y for weight, (_, y) in zip(weights, points, strict=True)),
    )


def _number(value: float) -> str:
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def ellipse(across: float, up: float, x: float = 0.0, y: float = 0.0) -> Outline:
    """Return the ellipse with these semi-axes about a point."""
    k, m = across * _QUARTER, up * _QUARTER
    corners = (
        ("m", ((across, 0.0),)),
        ("c", ((across, m), (k, up), (0.0, up))),
        ("c", ((-k, up), (-across, m), (-across, 0.0))),
        ("c", ((-across, -m), (-k, -up), (0.0, -up))),
        ("c", ((k, -up), (across, -m), (across, 0.0))),
        ("h", ()),
    )
    return Outline(corners).under((1.0, 0.0, 0.0, 1.0, x, y))


def rectangle(left: float, bottom: float, right: float, top: float, corner: float = 0) -> Outline:
    """Return a rectangle, its corners rounded with a radius."""
    if corner <= 0:
        spots = ((left, bottom), (right, bottom), (right, top), (left, top))
        return polygon(spots)
    k = corner * (1 - _QUARTER)
    return Outline(
        (
            ("m", ((left + corner, bottom),)),
            ("l", ((right - corner, bottom),)),
            ("c", ((right - k, bottom), (right, bottom + k), (right, bottom + corner))),
            ("l", ((right, top - corner),)),
            ("c", ((right, top - k), (right - k, top), (right - corner, top))),
            ("l", ((left + corner, top),)),
            ("c", ((left + k, top), (left, top - k), (left, top - corner))),
            ("l", ((left, bottom + corner),)),
            ("c", ((left, bottom + k), (left + k, bottom), (left + corner, bottom))),
            ("h", ()),
        )
    )


def polygon(spots: tuple[Spot, ...]) -> Outline:
    """Return the closed outline through these points."""
    first, *rest = spots
    return Outline((("m", (first,)), *(("l", (spot,)) for spot in rest), ("h", ())))


def straight(start: Spot, end: Spot) -> Outline:
    """Return a line."""
    return Outline((("m", (start,)), ("l", (end,))))


def star(radius: float, x: float = 0.0, y: float = 0.0) -> Outline:
    """Return a five-pointed star in a circle of that radius, one point up."""
    inner = radius * math.sin(math.radians(18)) / math.sin(math.radians(54))
    reach = [radius, inner] * 5
    angles = [math.radians(90 + 36 * step) for step in range(10)]
    return polygon(
        tuple(
            (x + far * math.cos(angle), y + far * math.sin(angle))
            for far, angle in zip(reach, angles, strict=True)
        )
    )


def merged(outlines: tuple[Outline, ...]) -> Outline:
    """Return one outline with the steps of several."""
    return Outline(tuple(step for outline in outlines for step in outline.steps))


def from_svg(data: str) -> Outline:
    """Read the path data of SVG 1.1, 8.3; y is turned up. Raises `ValueError`."""
    try:
        path = Path(data)
        path.approximate_arcs_with_cubics()
        steps = [step for segment in path for step in _steps(segment)]
    except (ValueError, TypeError, AttributeError, IndexError, ArithmeticError) as error:
        raise ValueError("this is no path data of SVG, such as M 0 0 L 10 10") from error
    values = [value for _, spots in steps for spot in spots for value in spot]
    if len(steps) < 2 or not all(math.isfinite(value) for value in values):
        raise ValueError("this path data of SVG draws nothing; write it as M 0 0 L 10 10")
    return Outline(tuple(steps))


def _steps(segment: object) -> list[tuple[str, tuple[Spot, ...]]]:
    match segment:
        case Close():
            return [("h", ())]
        case Move() | Line() | Arc():
            # Arcs were made curves before; what is left of them has no radius.
            return [("m" if isinstance(segment, Move) else "l", (_up(segment.end),))]
        case CubicBezier():
            points = (segment.control1, segment.control2, segment.end)
            return [("c", tuple(_up(point) for point in points))]
        case QuadraticBezier():
            return [("c", _raised(_up(segment.start), _up(segment.control), _up(segment.end)))]
    return []


def _up(point: Spot) -> Spot:
    return float(point[0]), -float(point[1])


def _raised(start: Spot, control: Spot, end: Spot) -> tuple[Spot, Spot, Spot]:
    """Return a quadratic curve's points as those of the same cubic one."""

    def towards(spot: Spot) -> Spot:
        return (spot[0] + 2 * control[0]) / 3, (spot[1] + 2 * control[1]) / 3

    return towards(start), towards(end), end
