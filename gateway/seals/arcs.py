"""Text along the inside of a rim, round or oval.

Theory of operation: letters stand between the *outer edge*, an ellipse inside the rim, and the
*inner edge*, the curve at the letters' height inside it, measured along its normals. Cells are
laid out by arc length along the inner edge, where they are closest: sides of neighbouring
letters are parallel to their normals, so what does not meet there meets nowhere.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

from gateway.core.drawing import Matrix
from gateway.seals.frames import Spot
from gateway.seals.typefaces import Letter
from gateway.seals.typesetting import SMALLEST, has_wide, stature, too_long

_SAMPLES = 240
"""Of half an edge: it is off by less than a thousandth of a millimetre between them."""
_SHRINK = 0.97


@dataclass(frozen=True)
class Band:
    """Where an arc text may run."""

    across: float
    """Semi-axes of the outer edge, in millimetres."""
    up: float
    lower: bool
    """Along the bottom, read from left to right; else along the top."""
    reach: float
    """Radians to each side of the middle, seen from the centre, that the text may take."""


@dataclass(frozen=True)
class Manner:
    """How the letters of one kind of text are spaced and narrowed."""

    tracking: float
    """Ems between two letters, when there is room."""
    closest: float
    """Ems between two letters at least."""
    natural: float
    """Width of letters by their own, when there is room."""
    narrowest: float
    loosest: float
    """Ems from letter to letter at most: short names do not go all round."""


CHINESE = Manner(tracking=0.0, closest=0.07, natural=0.8, narrowest=0.56, loosest=1.08)
LATIN = Manner(tracking=0.1, closest=0.03, natural=1.0, narrowest=0.8, loosest=0.0)


@dataclass(frozen=True)
class ArcText:
    """An arc text that fits."""

    placed: tuple[tuple[Letter, Matrix], ...]
    height: float
    """Of the letters, in millimetres."""
    reach: float
    """Radians from the middle to the ends of the ink, seen from the centre."""


class Edge:
    """Half of a band's inner edge, from the middle of the text: arc length, place, direction."""

    def __init__(self, band: Band, height: float) -> None:
        self._band, self._height = band, height
        # The parameter of an ellipse is not the angle seen from its centre.
        most = math.atan2(band.up * math.sin(band.reach), band.across * math.cos(band.reach))
        self._turns = [most * step / _SAMPLES for step in range(_SAMPLES + 1)]
        spots = [self._at(turn)[0] for turn in self._turns]
        self._lengths = [0.0]
        for before, here in pairwise(spots):
            self._lengths.append(self._lengths[-1] + math.dist(before, here))

    @property
    def length(self) -> float:
        """Return the arc length of the whole inner edge, both sides of the middle."""
        return 2 * self._lengths[-1]

    def at(self, length: float) -> tuple[Spot, Spot]:
        """Return place and outward normal at an arc length from the middle, rightwards."""
        far = min(abs(length), self._lengths[-1])
        step = max(1, bisect_left(self._lengths, far))
        before, here = self._lengths[step - 1], self._lengths[step]
        share = (far - before) / (here - before) if here > before else 0.0
        turn = self._turns[step - 1] + share * (self._turns[step] - self._turns[step - 1])
        return self._at(math.copysign(turn, length))

    def _at(self, turn: float) -> tuple[Spot, Spot]:
        a, b = self._band.across, self._band.up
        x, y = a * math.sin(turn), b * math.cos(turn)
        normal = (b * math.sin(turn), a * math.cos(turn))
        size = math.hypot(*normal)
        across, up = normal[0] / size, normal[1] / size
        if self._band.lower:
            y, up = -y, -up
        return (x - across * self._height, y - up * self._height), (across, up)


def set_arc(
    letters: tuple[Letter, ...], band: Band, height: float, tracking: float | None = None
) -> ArcText:
    """Set a text along an arc, as tall as wished or as fits, in millimetres.

    Raises `DocumentFault` (`seal.text-too-long`) when it would be too small to be read.
    """
    # Further in than that the edge would fold at the ends of an oval.
    height = min(height, 0.7 * min(band.up**2 / band.across, band.across**2 / band.up))
    manner = CHINESE if has_wide(letters) else LATIN
    while height >= SMALLEST:
        edge = Edge(band, height)
        fitted = _fitted(letters, edge.length, height, manner, tracking)
        if fitted is not None:
            return _placed(letters, band, edge, fitted)
        height *= _SHRINK
    raise too_long(letters)


@dataclass(frozen=True)
class _Fit:
    height: float
    em: float
    narrowed: float
    low: float
    """Foot of the letters, in ems above their base line."""
    gap: float
    """Millimetres between cells."""


def _fitted(
    letters: tuple[Letter, ...],
    room: float,
    height: float,
    manner: Manner,
    tracking: float | None,
) -> _Fit | None:
    """Return how the letters fit into the room at that height; None when they do not."""
    how = stature(letters)
    em = height / how.height
    cells = sum(letter.cell for letter in letters) * em
    gaps = len(letters) - 1
    wished = (manner.tracking if tracking is None else tracking) * em
    closest = min(manner.closest * em, wished) if tracking is not None else manner.closest * em
    if cells * manner.narrowest + gaps * closest > room:
        return None
    narrowed = min(manner.natural, (room - gaps * closest) / cells)
    if gaps == 0:
        return _Fit(height, em, narrowed, how.low, 0.0)
    free = (room - cells * narrowed) / gaps
    if tracking is None and manner.loosest:
        # Chinese characters are spread evenly over a comfortable arc.
        comfortable = manner.loosest * em - cells * narrowed / len(letters)
        return _Fit(height, em, narrowed, how.low, min(free, max(comfortable, closest)))
    return _Fit(height, em, narrowed, how.low, min(free, max(wished, closest)))


def _placed(letters: tuple[Letter, ...], band: Band, edge: Edge, fit: _Fit) -> ArcText:
    wide = fit.em * fit.narrowed
    cells = [letter.cell * wide for letter in letters]
    before, behind = (side * wide for side in _bearings(letters))
    ink = sum(cells) + fit.gap * (len(letters) - 1) - before - behind
    at = -ink / 2 - before
    placed = []
    for letter, cell in zip(letters, cells, strict=True):
        place = edge.at(at + cell / 2)
        placed.append((letter, _matrix(letter, fit, place, is_lower=band.lower)))
        at += cell + fit.gap
    (x, y), _ = edge.at(ink / 2)
    return ArcText(tuple(placed), fit.height, math.atan2(x, -y if band.lower else y))


def _bearings(letters: tuple[Letter, ...]) -> tuple[float, float]:
    """Return the white before the first letter's ink and behind the last one's, in ems."""
    first, last = letters[0], letters[-1]
    before = first.bounds[0] - first.middle + first.cell / 2 if first.bounds else 0.0
    behind = last.middle + last.cell / 2 - last.bounds[2] if last.bounds else 0.0
    return before, behind


def _matrix(letter: Letter, fit: _Fit, place: tuple[Spot, Spot], *, is_lower: bool) -> Matrix:
    (x, y), (across, up) = place
    if is_lower:
        # The feet stand on the outer edge, the heads point to the centre.
        x, y = x + across * fit.height, y + up * fit.height
        across, up = -across, -up
    em, wide = fit.em, fit.em * fit.narrowed
    right, rise = (up, -across), -fit.low * em
    back = letter.middle * wide
    return (
        right[0] * wide,
        right[1] * wide,
        across * em,
        up * em,
        x + across * rise - right[0] * back,
        y + up * rise - right[1] * back,
    )
