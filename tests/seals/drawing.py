"""Looks at drawings as a reader of the finished page would: where the ink of each glyph is."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

from fontTools.cffLib import CFFFontSet
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

from gateway.core.drawing import Drawing, FontSubset, Glyphs, Shape
from gateway.seals.artist import DesignArtist
from gateway.seals.designs import parse_design

MOMENT = "2026-11-23T18:30:00+00:00"
VALUES = {
    "moment": MOMENT,
    "serial": "42",
    "signer": "Erika Mustermann",
    "reason": "Contract approved",
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "receipt": "R-2026-42",
    "name": "Erika",
}
ARTIST = DesignArtist()


def draw(**design: object) -> Drawing:
    """Draw a design with the values above."""
    return ARTIST.draw(parse_design(design), VALUES)


@dataclass(frozen=True)
class Inked:
    """One glyph on the page: what it stands for, the four corners of its ink."""

    text: str
    corners: tuple[tuple[float, float], ...]


def inked(drawing: Drawing) -> list[Inked]:
    """Return every glyph that has ink, in the order in which they are drawn."""
    found = []
    for mark in drawing.marks:
        for glyph in mark.glyphs if isinstance(mark, Glyphs) else ():
            font = drawing.fonts[mark.font]
            box = ink_box(font, glyph.number)
            if box is None:
                continue
            left, bottom, right, top = (value / font.units for value in box)
            a, b, c, d, e, f = glyph.matrix
            spots = ((left, bottom), (right, bottom), (right, top), (left, top))
            corners = tuple((a * x + c * y + e, b * x + d * y + f) for x, y in spots)
            found.append(Inked(glyph.text, corners))
    return found


@cache
def ink_box(font: FontSubset, number: int) -> tuple[float, float, float, float] | None:
    """Return the box of a glyph's ink, from the embedded program alone."""
    if font.outlines == "cff":
        table = CFFFontSet()
        table.decompile(io.BytesIO(font.program), None)
        top = table.topDictIndex[0]
        pen = BoundsPen(None)
        top.CharStrings[top.charset[number]].draw(pen)
        return pen.bounds
    opened = TTFont(io.BytesIO(font.program))
    glyph = opened["glyf"][opened.getGlyphOrder()[number]]
    if glyph.numberOfContours == 0:
        return None
    return glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax


def written(drawing: Drawing) -> str:
    """Return the text of a drawing, as a search would find it."""
    marks = (mark for mark in drawing.marks if isinstance(mark, Glyphs))
    return "".join(glyph.text for mark in marks for glyph in mark.glyphs)


def overlap(one: Inked, other: Inked, slack: float = 0.01) -> bool:
    """Tell whether two boxes meet: no line with one of their directions parts them."""
    for box in (one, other):
        for here, there in zip(box.corners, box.corners[1:], strict=False):
            axis = (there[1] - here[1], here[0] - there[0])
            size = (axis[0] ** 2 + axis[1] ** 2) ** 0.5
            mine, theirs = (
                [(x * axis[0] + y * axis[1]) / size for x, y in each.corners]
                for each in (one, other)
            )
            if max(mine) <= min(theirs) + slack or max(theirs) <= min(mine) + slack:
                return False
    return True


def shapes(drawing: Drawing) -> list[Shape]:
    """Return the shapes of a drawing."""
    return [mark for mark in drawing.marks if isinstance(mark, Shape)]
