"""Opened fonts, as setting type needs them: which characters, how wide, where their ink is."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

from fontTools.pens.boundsPen import BoundsPen

from gateway.seals.font_faces import Face, open_face

Bounds = tuple[float, float, float, float]
"""Left, bottom, right, top."""

_EM_BOX = (0.0, -0.12, 1.0, 0.88)
_IDEOGRAPH = "国"
"""Its frame fills its cell: what the eye takes for the height of a line of Chinese."""


class Typeface:
    """One opened font. All measures are in ems."""

    def __init__(self, face: Face) -> None:
        self.face = face
        self._font = open_face(face)
        self._map: dict[int, str] = self._font.getBestCmap() or {}
        self._glyphs = self._font.getGlyphSet()
        self._units = float(self._font["head"].unitsPerEm)
        self._bounds: dict[str, Bounds | None] = {}

    def has(self, character: str) -> bool:
        """Tell whether the font can show the character."""
        return ord(character) in self._map

    def advance(self, character: str) -> float:
        """Return how far the character moves the pen."""
        return float(self._glyphs[self._map[ord(character)]].width) / self._units

    def bounds(self, character: str) -> Bounds | None:
        """Return the box of the character's ink; None when it has none."""
        if character not in self._bounds:
            pen = BoundsPen(self._glyphs)
            self._glyphs[self._map[ord(character)]].draw(pen)
            box = pen.bounds
            self._bounds[character] = box and tuple(value / self._units for value in box)
        return self._bounds[character]

    @cached_property
    def capital(self) -> float:
        """Return the height of capital letters."""
        box = self.bounds("H") if self.has("H") else None
        return box[3] if box else 0.7

    @cached_property
    def ideograph(self) -> Bounds:
        """Return the box that a full ideograph fills."""
        return (self.bounds(_IDEOGRAPH) if self.has(_IDEOGRAPH) else None) or _EM_BOX


@lru_cache(maxsize=24)
def typeface(face: Face) -> Typeface:
    """Return the opened font; a few are kept open."""
    return Typeface(face)


@dataclass(frozen=True)
class Letter:
    """A character with the font that shows it."""

    character: str
    typeface: Typeface
    advance: float
    bounds: Bounds | None

    @property
    def wide(self) -> bool:
        """Tell whether it stands in a square cell, as Chinese characters do."""
        return is_wide(self.character)

    @property
    def cell(self) -> float:
        """Return the width of the cell it needs; full-width brackets need half of theirs."""
        return 0.5 if self._slim else self.advance

    @property
    def middle(self) -> float:
        """Return what of it stands in the middle of its cell, from its origin."""
        if self._slim and self.bounds is not None:
            return (self.bounds[0] + self.bounds[2]) / 2
        return self.advance / 2

    @property
    def _slim(self) -> bool:
        slim = self.bounds is not None and self.bounds[2] - self.bounds[0] < 0.45
        return self.wide and slim and unicodedata.category(self.character)[0] == "P"


def is_wide(character: str) -> bool:
    """Tell whether a character is a full-width one (Unicode Standard Annex 11)."""
    return unicodedata.east_asian_width(character) in ("W", "F")
