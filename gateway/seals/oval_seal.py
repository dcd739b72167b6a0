"""Oval seals: of tax offices, for invoices, of finance departments."""

from __future__ import annotations

import math

from gateway.seals.canvas import Canvas
from gateway.seals.design_models import OvalDesign
from gateway.seals.design_parts import TextPart
from gateway.seals.lines import set_line
from gateway.seals.rims import Arcs, Hints, Rim, draw_arcs, draw_rims, set_arcs
from gateway.seals.studio import Studio
from gateway.seals.typesetting import SMALLEST, has_wide

_LEADING = 1.55
_WIDEST = 105
"""Degrees to each side that the upper text may take: further down it would look broken."""
_LOW = 0.27
"""How far below the centre the middle of the straight line is, by the seal's height."""


def draw_oval(design: OvalDesign, canvas: Canvas, studio: Studio) -> None:
    """Draw an oval seal on a canvas of its size."""
    rim = draw_rims(canvas, studio, design.rim, design.second_rim)
    small = min(design.width, design.height)
    widest = math.radians(_WIDEST)
    hints = Hints(small=small, white=0.03 * small, widest=widest, separator=design.separator)
    arcs = set_arcs(studio, rim, design.upper, design.lower, hints)
    draw_arcs(canvas, studio, rim, arcs, hints)
    if design.line is not None:
        below = arcs.lower.height * 1.3 if arcs.lower else 0.0
        free = rim.inside(0.04 * design.height + below)
        _draw_line(design.line, canvas, studio, free)
    if design.middle:
        _draw_middle(design, canvas, studio, _free(rim, arcs, hints), arcs)


def _free(rim: Rim, arcs: Arcs, hints: Hints) -> Rim:
    """Return the white inside the texts along the rim."""
    taken = hints.white + arcs.depth + 0.03 * hints.small if arcs.depth else hints.white
    free = rim.inside(taken)
    return Rim(max(free.across, SMALLEST), max(free.up, SMALLEST))


def _draw_middle(design: OvalDesign, canvas: Canvas, studio: Studio, free: Rim, arcs: Arcs) -> None:
    """Draw the lines of the middle; each may be as wide as the oval is where it stands."""
    texts = [studio.text(part) for part in design.middle]
    count = len(texts)
    usual = min(0.16 * design.height, 1.5 * free.up / (count * _LEADING))
    wished = [
        part.height or usual * (1.0 if has_wide(letters) else 0.82)
        for part, letters in zip(design.middle, texts, strict=True)
    ]
    whole = sum(wished) + sum(height * (_LEADING - 1) for height in wished[1:])
    # Without a lower text there is room below: the eye wants the lines a little lower.
    alone = arcs.upper and not (arcs.lower or design.line)
    shift = -0.28 * arcs.upper.height if arcs.upper and alone else 0.0
    top = whole / 2 + shift
    for part, letters, height in zip(design.middle, texts, wished, strict=True):
        middle = top - height / 2

        def room(tall: float, middle: float = middle) -> float:
            far = min((abs(middle - shift) + tall / 2) / free.up, 1.0)
            return 2 * free.across * math.sqrt(1 - far**2) * 0.9

        line = set_line(letters, height, room, tracking=part.tracking or 0.03)
        line.draw_centred(canvas, 0, middle, studio.ink)
        top -= height * _LEADING


def _draw_line(part: TextPart, canvas: Canvas, studio: Studio, free: Rim) -> None:
    """Draw the straight text below the middle; it may reach to the rim, or to the lower text."""
    letters = studio.text(part)
    low = _LOW * canvas.height

    def room(tall: float) -> float:
        far = min((low + tall / 2) / free.up, 1.0)
        return 2 * free.across * math.sqrt(1 - far**2) * 0.84

    usual = (0.125 if has_wide(letters) else 0.09) * canvas.height
    tracking = 0.06 if part.tracking is None else part.tracking
    line = set_line(letters, part.height or usual, room, tracking=tracking)
    line.draw_centred(canvas, 0, -low, studio.ink)
