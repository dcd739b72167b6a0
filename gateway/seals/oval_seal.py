"""Oval seals: of tax offices, for invoices, of finance departments."""

from __future__ import annotations

import math

from gateway.seals.canvas import Canvas
from gateway.seals.design_models import OvalDesign
from gateway.seals.lines import set_line
from gateway.seals.rims import Arcs, Hints, Rim, draw_arcs, draw_rims, set_arcs
from gateway.seals.studio import Studio
from gateway.seals.typesetting import SMALLEST, has_wide

_LEADING = 1.42


def draw_oval(design: OvalDesign, canvas: Canvas, studio: Studio) -> None:
    """Draw an oval seal on a canvas of its size."""
    rim = draw_rims(canvas, studio, design.rim, design.second_rim)
    small = min(design.width, design.height)
    widest = math.radians(118 if design.lower is None else 112)
    hints = Hints(small=small, white=0.03 * small, widest=widest, separator=design.separator)
    arcs = set_arcs(studio, rim, design.upper, design.lower, hints)
    draw_arcs(canvas, studio, rim, arcs, hints)
    if design.middle:
        _draw_middle(design, canvas, studio, _free(rim, arcs, hints), arcs)


def _free(rim: Rim, arcs: Arcs, hints: Hints) -> Rim:
    """Return the white inside the texts along the rim."""
    taken = hints.white + arcs.depth + 0.03 * hints.small if arcs.depth else hints.white
    free = rim.inside(taken)
    return Rim(max(free.across, SMALLEST), max(free.up, SMALLEST))


def _draw_middle(
    design: OvalDesign, canvas: Canvas, studio: Studio, free: Rim, arcs: Arcs
) -> None:
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
    shift = -0.28 * arcs.upper.height if arcs.upper and not arcs.lower else 0.0
    top = whole / 2 + shift
    for part, letters, height in zip(design.middle, texts, wished, strict=True):
        middle = top - height / 2

        def room(tall: float, middle: float = middle) -> float:
            far = min((abs(middle - shift) + tall / 2) / free.up, 1.0)
            return 2 * free.across * math.sqrt(1 - far**2) * 0.94

        line = set_line(letters, height, room, tracking=part.tracking or 0.03)
        line.draw_centred(canvas, 0, middle, studio.ink)
        top -= height * _LEADING
