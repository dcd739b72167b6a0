"""Fonts cut down to the characters that a seal shows, the same bytes for the same request."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

from gateway.core.drawing import FontSubset
from gateway.core.errors import DocumentFault
from gateway.seals.font_faces import BROKEN, Face, open_face

_READ = {"head", "hhea", "maxp", "OS/2", "cmap", "post", "hmtx", "name"}
_TRUETYPE = {"head", "hhea", "maxp", "hmtx", "glyf", "loca", "cvt ", "fpgm", "prep"}
"""What a PDF needs of a TrueType file (ISO 32000-2, 9.9.1)."""
_OUTLINES = _TRUETYPE | {"CFF "}


@dataclass(frozen=True)
class Subset:
    """A font cut down, and the number of each character's glyph in it."""

    font: FontSubset
    numbers: dict[str, int]


@lru_cache(maxsize=64)
def subset_of(face: Face, characters: frozenset[str]) -> Subset:
    """Cut a font down, and remember it; raises like `cut`."""
    return cut(face, characters)


def cut(face: Face, characters: frozenset[str]) -> Subset:
    """Cut a font down to the characters that it has of these; layout and hinting are dropped.

    Raises `DocumentFault` (`seal.design-invalid`) when the font's file is damaged.
    """
    try:
        with open_face(face) as font:
            return _cut(face, font, characters)
    except BROKEN as error:
        raise DocumentFault("seal.design-invalid", f"the font {face.path} is damaged") from error


def _cut(face: Face, font: TTFont, characters: frozenset[str]) -> Subset:
    for tag in set(font.keys()) - _READ - _OUTLINES - {"GlyphOrder"}:
        del font[tag]
    measures = _Measures(font)
    options = subset.Options(
        layout_features=[], hinting=False, notdef_outline=True, recalc_timestamp=False
    )
    options.desubroutinize = True
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted(ord(one) for one in characters))
    cutter.subset(font)
    order = font.getGlyphOrder()
    numbers = {name: number for number, name in enumerate(order)}
    glyphs = {chr(code): numbers[name] for code, name in font.getBestCmap().items()}
    widths = tuple(font["hmtx"][name][0] for name in order)
    compact = "CFF " in font
    program = _bare_cff(font) if compact else _bare_truetype(font)
    return Subset(
        FontSubset(
            name=_postscript(face.name),
            program=program,
            outlines="cff" if compact else "truetype",
            units=measures.units,
            widths=widths,
            bounds=measures.bounds,
            ascent=measures.ascent,
            descent=measures.descent,
            capital=measures.capital,
        ),
        glyphs,
    )


class _Measures:
    """What is read before the font is cut, which makes some of it say other things."""

    def __init__(self, font: TTFont) -> None:
        head, lines = font["head"], font["hhea"]
        self.units: int = head.unitsPerEm
        self.bounds: tuple[int, int, int, int] = (head.xMin, head.yMin, head.xMax, head.yMax)
        self.ascent: int = lines.ascent
        self.descent: int = lines.descent
        self.capital: int = getattr(font["OS/2"], "sCapHeight", 0) or _height_of_h(font)


def _height_of_h(font: TTFont) -> int:
    """Measure the capitals of a font that does not say how tall they are."""
    name = (font.getBestCmap() or {}).get(ord("H"))
    pen = BoundsPen(font.getGlyphSet())
    if name is not None:
        font.getGlyphSet()[name].draw(pen)
    height: float = pen.bounds[3] if pen.bounds else 0.7 * font["head"].unitsPerEm
    return round(height)


def _postscript(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(one for one in plain if one.isalnum() or one in "-+_") or "Font"


def _bare_truetype(font: TTFont) -> bytes:
    for tag in set(font.keys()) - _TRUETYPE - {"GlyphOrder"}:
        del font[tag]
    target = io.BytesIO()
    font.save(target, reorderTables=True)
    return target.getvalue()


def _bare_cff(font: TTFont) -> bytes:
    """Return the CFF table; in a CID-keyed one each glyph's CID becomes its number.

    The table is embedded as CIDFontType0C under Identity-H, where the codes are CIDs
    (ISO 32000-2, 9.7.4.2), and our glyph numbers are the codes.
    """
    table = font["CFF "]
    top = table.cff.topDictIndex[0]
    if hasattr(top, "ROS"):
        _number_anew(top, font)
    return bytes(table.compile(font))


def _number_anew(top: Any, font: TTFont) -> None:
    order = font.getGlyphOrder()
    anew = [".notdef", *(f"cid{number:05d}" for number in range(1, len(order)))]
    strings = top.CharStrings
    strings.charStrings = {
        new: strings.charStrings[old] for old, new in zip(order, anew, strict=True)
    }
    top.charset = anew
    font.setGlyphOrder(anew)
