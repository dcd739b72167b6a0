"""A seal as a drawing: shapes, glyphs and pictures, before any file format.

The frame of a drawing has its origin at the bottom left of the seal, x to the right, y up, in
points as printed. Values travel as JSON, so each kind of mark names itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Matrix = tuple[float, float, float, float, float, float]
"""a b c d e f, as in ISO 32000-2, 8.3.4: x' = a·x + c·y + e, y' = b·x + d·y + f."""

UPRIGHT: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True)
class Colour:
    """A colour in sRGB, each part from 0 to 1."""

    red: float
    green: float
    blue: float


@dataclass(frozen=True)
class Shape:
    """A path that is filled, stroked or both."""

    path: str
    """Numbers and the operators `m l c h re`, separated by blanks (ISO 32000-2, 8.5.2)."""
    fill: Colour | None = None
    stroke: Colour | None = None
    line_width: float = 1.0
    dash: tuple[float, ...] = ()
    round_ends: bool = False
    even_odd: bool = False
    matrix: Matrix = UPRIGHT
    kind: Literal["shape"] = "shape"


@dataclass(frozen=True)
class PlacedGlyph:
    """One glyph, its origin and turn; `text` is what it stands for, for search and copying."""

    number: int
    """In the subset's own numbering."""
    text: str
    matrix: Matrix
    """From the glyph's frame, where the font's size is 1 and y is up, to the drawing's."""


@dataclass(frozen=True)
class Glyphs:
    """Glyphs of one font in one colour."""

    font: int
    """Index in the drawing's fonts."""
    glyphs: tuple[PlacedGlyph, ...]
    fill: Colour
    kind: Literal["glyphs"] = "glyphs"


@dataclass(frozen=True)
class Picture:
    """A raster picture, stretched over a box: left, bottom, width, height."""

    png: bytes
    """Alpha counts."""
    box: tuple[float, float, float, float]
    kind: Literal["picture"] = "picture"


@dataclass(frozen=True)
class FontSubset:
    """A font cut down to the glyphs that a drawing needs, with what a PDF says of it."""

    name: str
    """PostScript name, without a subset's tag."""
    program: bytes
    """A TrueType file, or a bare CFF table."""
    outlines: Literal["truetype", "cff"]
    units: int
    """Of the em; the numbers below are in these units."""
    widths: tuple[int, ...]
    """Advance of each glyph of the subset, by its number."""
    bounds: tuple[int, int, int, int]
    ascent: int
    descent: int
    """Negative below the line."""
    capital: int
    """Height of capital letters."""


@dataclass(frozen=True)
class Drawing:
    """A whole seal; later marks cover earlier ones."""

    width: float
    height: float
    marks: tuple[Shape | Glyphs | Picture, ...]
    fonts: tuple[FontSubset, ...] = ()
    opacity: float = 1.0
    """Of the whole, from 0 to 1."""
    multiply: bool = False
    """Its colours darken what is below, as ink does, so that text below stays readable."""
