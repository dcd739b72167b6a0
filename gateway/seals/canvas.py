"""Gathers what a seal shows, in millimetres from its middle, and makes a drawing of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from gateway.core.drawing import (
    Colour,
    Drawing,
    Glyphs,
    Matrix,
    Picture,
    PlacedGlyph,
    Shape,
)
from gateway.core.lengths import POINTS_PER_MILLIMETRE
from gateway.seals.font_faces import Face
from gateway.seals.frames import after, carried, moved, stretched, turned
from gateway.seals.paths import Outline
from gateway.seals.subsets import Subset, subset_of
from gateway.seals.typefaces import Letter


@dataclass(frozen=True)
class _Ink:
    outline: Outline
    fill: Colour | None
    stroke: Colour | None = None
    line: float = 0.0
    dash: tuple[float, ...] = ()
    round_ends: bool = False
    even_odd: bool = False


@dataclass(frozen=True)
class _Set:
    letter: Letter
    matrix: Matrix
    colour: Colour


@dataclass(frozen=True)
class _Pasted:
    png: bytes
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Finish:
    """How the whole is shown."""

    turn: float = 0.0
    opacity: float = 1.0
    multiply: bool = False


@dataclass
class Canvas:
    """A sheet as large as the seal: x to the right and y up from its middle, in millimetres."""

    width: float
    height: float
    elliptical: bool = False
    """Nothing stands outside the ellipse that fits into the sheet."""
    spare: frozenset[str] = frozenset()
    """Characters that another drawing of the same design may need."""
    _marks: list[_Ink | _Set | _Pasted] = field(default_factory=list)

    def fill(self, outline: Outline, colour: Colour, *, even_odd: bool = False) -> None:
        """Fill an outline."""
        self._marks.append(_Ink(outline, colour, even_odd=even_odd))

    def stroke(
        self,
        outline: Outline,
        line: float,
        colour: Colour,
        *,
        dash: tuple[float, ...] = (),
        round_ends: bool = False,
    ) -> None:
        """Draw along an outline with a line of that width."""
        self._marks.append(_Ink(outline, None, colour, line, dash, round_ends))

    def letter(self, letter: Letter, matrix: Matrix, colour: Colour) -> None:
        """Set a letter; the matrix leads from its own frame, where the em is 1."""
        self._marks.append(_Set(letter, matrix, colour))

    def picture(self, png: bytes, box: tuple[float, float, float, float]) -> None:
        """Paste a picture over left, bottom, width, height."""
        self._marks.append(_Pasted(png, box))

    def finish(self, how: Finish) -> Drawing:
        """Return the drawing, turned; its extent grows so that nothing is cut off."""
        width, height = self._turned_extent(how.turn)
        scale = POINTS_PER_MILLIMETRE
        matrix = after(turned(how.turn), stretched(scale, scale))
        matrix = after(matrix, moved(width * scale / 2, height * scale / 2))
        fonts = self._fonts()
        marks: list[Shape | Glyphs | Picture] = []
        for mark in self._marks:
            match mark:
                case _Ink():
                    marks.append(_shape(mark, matrix, scale))
                case _Pasted():
                    marks.append(_pasted(mark, matrix, scale))
                case _Set():
                    _add_letter(marks, mark, matrix, fonts)
        return Drawing(
            width=width * scale,
            height=height * scale,
            marks=tuple(marks),
            fonts=tuple(found.font for found in fonts.values()),
            opacity=how.opacity,
            multiply=how.multiply,
        )

    def _turned_extent(self, degrees: float) -> tuple[float, float]:
        sine = abs(math.sin(math.radians(degrees)))
        cosine = abs(math.cos(math.radians(degrees)))
        if self.elliptical:
            return (
                math.hypot(self.width * cosine, self.height * sine),
                math.hypot(self.width * sine, self.height * cosine),
            )
        return (
            self.width * cosine + self.height * sine,
            self.width * sine + self.height * cosine,
        )

    def _fonts(self) -> dict[Face, Subset]:
        needed: dict[Face, set[str]] = {}
        for mark in self._marks:
            if isinstance(mark, _Set):
                needed.setdefault(mark.letter.typeface.face, set()).add(mark.letter.character)
        return {
            face: subset_of(face, frozenset(some) | self.spare) for face, some in needed.items()
        }


def _shape(ink: _Ink, matrix: Matrix, scale: float) -> Shape:
    return Shape(
        path=ink.outline.under(matrix).written(),
        fill=ink.fill,
        stroke=ink.stroke,
        line_width=round(ink.line * scale, 4),
        dash=tuple(round(part * scale, 4) for part in ink.dash),
        round_ends=ink.round_ends,
        even_odd=ink.even_odd,
    )


def _pasted(pasted: _Pasted, matrix: Matrix, scale: float) -> Picture:
    """Pictures are not turned: designs that would are refused."""
    left, bottom, width, height = pasted.box
    x, y = carried((left, bottom), matrix)
    return Picture(pasted.png, (x, y, width * scale, height * scale))


def _add_letter(
    marks: list[Shape | Glyphs | Picture], mark: _Set, matrix: Matrix, fonts: dict[Face, Subset]
) -> None:
    """Add a glyph to the mark before, when that has the same font and colour."""
    face = mark.letter.typeface.face
    number = list(fonts).index(face)
    frame = after(mark.matrix, matrix)
    a, b, c, d, e, f = (round(value, 5) + 0.0 for value in frame)
    character = mark.letter.character
    glyph = PlacedGlyph(fonts[face].numbers[character], character, (a, b, c, d, e, f))
    last = marks[-1] if marks else None
    if isinstance(last, Glyphs) and last.font == number and last.fill == mark.colour:
        marks[-1] = Glyphs(number, (*last.glyphs, glyph), mark.colour)
    else:
        marks.append(Glyphs(number, (glyph,), mark.colour))
