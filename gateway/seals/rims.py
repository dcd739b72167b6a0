"""What round and oval seals share: rims, texts along them, what stands between those."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gateway.seals.arcs import ArcText, Band, set_arc
from gateway.seals.canvas import Canvas
from gateway.seals.design_parts import ArcPart, SecondRimPart
from gateway.seals.paths import Outline, ellipse, polygon, star
from gateway.seals.studio import Studio, no_room
from gateway.seals.typefaces import Letter
from gateway.seals.typesetting import SMALLEST, has_wide

_BETWEEN = math.radians(7)
"""White between the ends of upper and lower text."""
_FARTHEST = math.radians(135)
_LOWER = math.radians(80)
_ROUNDS = 8
_ALONE = math.radians(150)
_BESIDE_SEPARATOR = math.radians(17)


@dataclass(frozen=True)
class Rim:
    """Semi-axes of the white inside the rims, in millimetres."""

    across: float
    up: float

    def inside(self, distance: float) -> Rim:
        """Return the rim's inside at a distance."""
        return Rim(self.across - distance, self.up - distance)


def draw_rims(canvas: Canvas, studio: Studio, line: float, second: SecondRimPart | None) -> Rim:
    """Draw the rims along the edge of the sheet; return what is inside them."""
    rim = Rim(canvas.width / 2, canvas.height / 2)
    rim = _drawn(canvas, studio, rim, line)
    if second is not None:
        rim = _drawn(canvas, studio, rim.inside(second.gap), second.line)
    return rim


def _drawn(canvas: Canvas, studio: Studio, rim: Rim, line: float) -> Rim:
    middle = rim.inside(line / 2)
    if middle.across <= line or middle.up <= line:
        raise no_room("the rim")
    canvas.stroke(ellipse(middle.across, middle.up), line, studio.ink)
    return rim.inside(line)


@dataclass(frozen=True)
class Hints:
    """What the texts along a rim have to go by, besides what their parts say."""

    small: float
    """The smaller extent of the seal, in millimetres: sizes go by it."""
    white: float
    """From the rim to the letters."""
    room: float | None = None
    """Between rim and ring, where there is a ring."""
    widest: float = _FARTHEST
    """Radians to each side that the upper text may take."""
    separator: str = "none"


@dataclass(frozen=True)
class Arcs:
    """The texts along a rim, set."""

    upper: ArcText | None
    lower: ArcText | None

    @property
    def depth(self) -> float:
        """Return the height of the taller one, in millimetres."""
        return max((arc.height for arc in (self.upper, self.lower) if arc), default=0.0)


def set_arcs(
    studio: Studio, rim: Rim, upper: ArcPart | None, lower: ArcPart | None, hints: Hints
) -> Arcs:
    """Set the texts along a rim: the lower first, for the upper one takes the rest.

    Two texts of words are made equally tall, as far as their author lets them.
    """
    if upper is None or lower is None:
        below = _lower(studio, rim, lower, hints, (math.inf, _FARTHEST)) if lower else None
        return Arcs(_upper(studio, rim, upper, hints, None) if upper else None, below)
    most = math.inf
    for _ in range(_ROUNDS):
        below = _lower(studio, rim, lower, hints, (most, _LOWER))
        above = _upper(studio, rim, upper, hints, below)
        if below.height <= above.height * 1.01 or lower.height:
            break
        # Smaller below, there is more room above: they meet between.
        most = (below.height + 2 * above.height) / 3
    return Arcs(above, below)


def _upper(studio: Studio, rim: Rim, part: ArcPart, hints: Hints, below: ArcText | None) -> ArcText:
    between = _BETWEEN if hints.separator == "none" else _BESIDE_SEPARATOR
    most = hints.widest if below is None else min(hints.widest, math.pi - below.reach - between)
    letters = studio.text(part)
    height = part.height or _usual_height(letters, hints, is_lower=False)
    return _set(rim, part, letters, hints, (height, most), is_lower=False)


def _lower(
    studio: Studio, rim: Rim, part: ArcPart, hints: Hints, most: tuple[float, float]
) -> ArcText:
    """Set the lower text, at most so tall and reaching so far."""
    letters = studio.text(part)
    height = part.height or _usual_height(letters, hints, is_lower=True)
    return _set(rim, part, letters, hints, (min(height, most[0]), most[1]), is_lower=True)


def _set(
    rim: Rim,
    part: ArcPart,
    letters: tuple[Letter, ...],
    hints: Hints,
    wish: tuple[float, float],
    *,
    is_lower: bool,
) -> ArcText:
    """Set a text; the wish is its height in millimetres and how far it may reach."""
    height, most = wish
    white = hints.white
    if hints.room is not None:
        height = min(height, 0.72 * hints.room)
        white = (hints.room - height) / 2
    reach = min(most, math.radians(part.span) / 2) if part.span else most
    edge = rim.inside(white)
    band = Band(edge.across, edge.up, is_lower, min(reach, _ALONE))
    if min(band.across, band.up) <= SMALLEST:
        raise no_room("text along the rim")
    return set_arc(letters, band, height, part.tracking)


def _usual_height(letters: tuple[Letter, ...], hints: Hints, *, is_lower: bool) -> float:
    """Return how tall letters along a rim are: names are tall, numbers are small."""
    if is_lower and hints.room is None and not any(one.character.isalpha() for one in letters):
        return max(SMALLEST, 0.037 * hints.small)
    if has_wide(letters):
        return max(SMALLEST, (0.128 if not is_lower else 0.09) * hints.small)
    return max(SMALLEST, 0.082 * hints.small)


def draw_arcs(canvas: Canvas, studio: Studio, rim: Rim, arcs: Arcs, hints: Hints) -> None:
    """Draw the texts along a rim, and what stands between them."""
    for arc in (arcs.upper, arcs.lower):
        for letter, matrix in arc.placed if arc else ():
            canvas.letter(letter, matrix, studio.ink)
    if hints.separator != "none":
        _draw_separators(canvas, studio, rim, arcs, hints)


def _draw_separators(canvas: Canvas, studio: Studio, rim: Rim, arcs: Arcs, hints: Hints) -> None:
    """Draw one at each side, midway between the ends of the texts, amid the height of letters."""
    above = arcs.upper.reach if arcs.upper else math.radians(60)
    below = arcs.lower.reach if arcs.lower else math.radians(60)
    angle = (above + math.pi - below) / 2
    depth = arcs.depth or 0.08 * hints.small
    white = hints.white if hints.room is None else (hints.room - depth) / 2
    edge = rim.inside(white + depth / 2)
    # The parameter of an ellipse is not the angle seen from its centre.
    turn = math.atan2(edge.up * math.sin(angle), edge.across * math.cos(angle))
    x, y = edge.across * math.sin(turn), edge.up * math.cos(turn)
    for side in (-x, x):
        canvas.fill(_separator(hints.separator, depth / 2, side, y), studio.ink)


def _separator(shape: str, reach: float, x: float, y: float) -> Outline:
    if shape == "star":
        return star(reach * 0.8, x, y)
    if shape == "dot":
        return ellipse(reach * 0.42, reach * 0.42, x, y)
    k = reach * 0.62
    return polygon(((x, y + k), (x + k, y), (x, y - k), (x - k, y)))
