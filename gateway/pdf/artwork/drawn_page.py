"""A drawing as the content of a page: shapes, glyphs and pictures in their order."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace

from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from gateway.core.drawing import (
    UPRIGHT,
    Colour,
    Drawing,
    FontSubset,
    Glyphs,
    Picture,
    PlacedGlyph,
    Shape,
)
from gateway.pdf.artwork.composite_fonts import add_font, cids
from gateway.pdf.artwork.image_objects import add_picture
from gateway.pdf.artwork.page_making import Finish, PageWriter, write_page
from gateway.pdf.objects import dictionary, group_form, number, numbers, real

_WORD = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)|m|l|c|h|re")


@dataclass(frozen=True)
class InkedShape(Shape):
    """A shape with what imported artwork may ask for beyond a design's."""

    opacity: float = 1.0
    cap: int = 0
    """ISO 32000-2, 8.4.3.3."""
    join: int = 0
    """ISO 32000-2, 8.4.3.4."""
    mitre: float = 10.0
    dash_start: float = 0.0


@dataclass(frozen=True)
class InkedGroup:
    """Marks that are faded as one, so that none shows through another."""

    marks: tuple[InkedMark, ...]
    opacity: float


InkedMark = Shape | Glyphs | Picture | InkedGroup


def page_of(drawing: Drawing) -> tuple[bytes, tuple[float, float]]:
    """Return the one-page PDF of a drawing, and its extent in points; the same each time."""
    finish = Finish(drawing.opacity, drawing.multiply)
    return page_of_marks(drawing.marks, drawing.fonts, (drawing.width, drawing.height), finish)


def page_of_marks(
    marks: tuple[InkedMark, ...],
    fonts: tuple[FontSubset, ...],
    extent: tuple[float, float],
    finish: Finish,
) -> tuple[bytes, tuple[float, float]]:
    """Return the one-page PDF of marks, and its extent in points after the turn."""
    writer = PageWriter()
    content, resources = _Pen(writer, marks, fonts, extent).draw()
    return write_page(writer, content, resources, extent, finish)


def coarsest(drawing: Drawing) -> float | None:
    """Return the dots per inch of the coarsest picture in a drawing; None without one."""
    found = []
    for mark in drawing.marks:
        if isinstance(mark, Picture):
            with Image.open(io.BytesIO(mark.png), formats=("PNG",)) as opened:
                across, down = opened.size
            found.append(min(across / mark.box[2], down / mark.box[3]) * 72)
    return min(found, default=None)


class _Pen:
    """Writes marks and collects the resources that they need."""

    def __init__(
        self,
        writer: PageWriter,
        marks: tuple[InkedMark, ...],
        fonts: tuple[FontSubset, ...],
        extent: tuple[float, float],
    ) -> None:
        self._writer = writer
        self._marks = marks
        self._fonts = fonts
        self._extent = extent
        used = sorted({mark.font for mark in marks if isinstance(mark, Glyphs)})
        self._codes = {index: cids(fonts[index]) for index in used}
        self._texts = {index: self._texts_of(index) for index in used}
        self._objects: dict[str, generic.PdfObject] = {}
        self._states: dict[str, generic.PdfObject] = {}

    def draw(self) -> tuple[bytes, generic.DictionaryObject]:
        """Return the content stream and its resources."""
        content = b"\n".join(self._mark(mark) for mark in self._marks)
        fonts: dict[str, generic.PdfObject] = {
            f"F{index}": add_font(self._writer, self._fonts[index], codes, self._texts[index])
            for index, codes in self._codes.items()
        }
        kinds = {"XObject": self._objects, "ExtGState": self._states, "Font": fonts}
        shown = {kind: dictionary(**entries) for kind, entries in kinds.items() if entries}
        return content, dictionary(**shown)

    def _mark(self, mark: InkedMark) -> bytes:
        match mark:
            case InkedGroup():
                return self._group(mark)
            case InkedShape() if mark.opacity < 1.0:
                return self._group(InkedGroup((replace(mark, opacity=1.0),), mark.opacity))
            case Shape():
                return _shape(mark)
            case Glyphs():
                return self._glyphs(mark)
            case Picture():
                return self._picture(mark)

    def _texts_of(self, font: int) -> dict[int, str]:
        """Say what each glyph stands for; where it stands for several, what it is first."""
        texts: dict[int, str] = {}
        for mark in self._marks:
            if isinstance(mark, Glyphs) and mark.font == font:
                for glyph in mark.glyphs:
                    texts.setdefault(glyph.number, glyph.text)
        return texts

    def _glyphs(self, mark: Glyphs) -> bytes:
        lines = [f"BT {_colour(mark.fill)} rg /F{mark.font} 1 Tf"]
        lines += [self._glyph(mark.font, glyph) for glyph in mark.glyphs]
        return "\n".join([*lines, "ET"]).encode("ascii")

    def _glyph(self, font: int, glyph: PlacedGlyph) -> str:
        matrix = numbers(*glyph.matrix).decode("ascii")
        shown = f"{matrix} Tm <{self._codes[font][glyph.number]:04X}> Tj"
        if self._texts[font][glyph.number] == glyph.text and glyph.text:
            return shown
        # ISO 32000-2, 14.9.4: this once the glyph stands for something else than in ToUnicode.
        actual = f"\ufeff{glyph.text}".encode("utf-16-be").hex().upper()
        return f"/Span << /ActualText <{actual}> >> BDC {shown} EMC"

    def _picture(self, mark: Picture) -> bytes:
        with Image.open(io.BytesIO(mark.png), formats=("PNG",)) as opened:
            picture = opened.convert("RGBA")
        name = self._named(add_picture(self._writer, picture))
        left, bottom, width, height = mark.box
        place = numbers(width, 0, 0, height, left, bottom).decode("ascii")
        return f"q {place} cm /{name} Do Q".encode("ascii")

    def _group(self, group: InkedGroup) -> bytes:
        """Paint marks as one (ISO 32000-2, 11.6.6)."""
        inner = _Pen(self._writer, group.marks, self._fonts, self._extent)
        form = group_form(*inner.draw(), (0.0, 0.0, *self._extent))
        name = self._named(self._writer.add_object(form))
        state = f"O{number(group.opacity).replace('.', '-')}"
        opacity = real(group.opacity)
        self._states[state] = dictionary(Type=pdf_name("/ExtGState"), ca=opacity, CA=opacity)
        return f"q /{state} gs /{name} Do Q".encode("ascii")

    def _named(self, thing: generic.PdfObject) -> str:
        name = f"X{len(self._objects)}"
        self._objects[name] = thing
        return name


def _shape(mark: Shape) -> bytes:
    if not all(_WORD.fullmatch(word) for word in mark.path.split()):
        raise ValueError("a shape's path holds something that is neither number nor operator")
    parts = ["q"]
    if mark.matrix != UPRIGHT:
        parts.append(numbers(*mark.matrix).decode("ascii") + " cm")
    if mark.fill is not None:
        parts.append(f"{_colour(mark.fill)} rg")
    if mark.stroke is not None:
        parts.append(_line(mark))
    painted = {(True, True): "B", (True, False): "f", (False, True): "S", (False, False): "n"}
    operator = painted[mark.fill is not None, mark.stroke is not None]
    if mark.even_odd and mark.fill is not None:
        operator += "*"
    return " ".join([*parts, mark.path.strip(), operator, "Q"]).encode("ascii")


def _line(mark: Shape) -> str:
    cap, join, mitre, start = (1, 1, 10.0, 0.0) if mark.round_ends else (0, 0, 10.0, 0.0)
    if isinstance(mark, InkedShape):
        cap, join, mitre, start = mark.cap, mark.join, mark.mitre, mark.dash_start
    words = [f"{_colour(mark.stroke)} RG {number(mark.line_width)} w"]
    if cap:
        words.append(f"{cap} J")
    if join:
        words.append(f"{join} j")
    if mitre != 10.0:
        words.append(f"{number(mitre)} M")
    if mark.dash:
        dashes = " ".join(number(part) for part in mark.dash)
        words.append(f"[{dashes}] {number(start)} d")
    return " ".join(words)


def _colour(colour: Colour | None) -> str:
    if colour is None:
        return "0 0 0"
    return " ".join(number(part) for part in (colour.red, colour.green, colour.blue))
