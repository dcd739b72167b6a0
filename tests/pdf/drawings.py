"""Drawings of seals for tests, with real subsets of real fonts, and eyes that are not ours."""

from __future__ import annotations

import io
import random
import subprocess
from functools import cache
from pathlib import Path
from typing import Literal

import pypdfium2 as pdfium
from fontTools import subset
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops, ImageDraw, ImageStat

from gateway.core.drawing import Colour, Drawing, FontSubset, Glyphs, Picture, PlacedGlyph, Shape

RED = Colour(0.8, 0.0, 0.0)
INK = (200, 0, 0)
"""Of pictures."""
LATIN = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
HAN = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
SIMPLIFIED = 2
"""Index of the font for simplified Chinese in its collection."""


class Cut:
    """A font cut down to the characters of a text."""

    def __init__(self, subset_: FontSubset, numbers: dict[str, int]) -> None:
        self.subset = subset_
        self.numbers = numbers

    def line(self, font: int, text: str, x: float, y: float, size: float) -> Glyphs:
        """Set a line of text from left to right."""
        placed = []
        for character in text:
            number = self.numbers[character]
            placed.append(PlacedGlyph(number, character, (size, 0, 0, size, x, y)))
            x += self.subset.widths[number] * size / self.subset.units
        return Glyphs(font, tuple(placed), RED)


@cache
def cut(path: Path, text: str, index: int = -1, *, named: bool = False) -> Cut:
    """Cut a font down; `named` makes a CFF that is not CID-keyed out of TrueType outlines."""
    options = subset.Options(notdef_outline=True, layout_features=[])
    options.drop_tables += ["GSUB", "GPOS", "BASE", "vhea", "vmtx", "VORG", "FFTM"]
    font = TTFont(path, fontNumber=index)
    cutter = subset.Subsetter(options)
    cutter.populate(text=text)
    cutter.subset(font)
    stored = io.BytesIO()
    font.save(stored)
    font = TTFont(io.BytesIO(stored.getvalue()))
    outlines: Literal["truetype", "cff"] = "cff" if "CFF " in font else "truetype"
    program = font.getTableData("CFF ") if outlines == "cff" else stored.getvalue()
    if named:
        outlines, program = "cff", _named_cff(font)
    head, characters = font["head"], font.getBestCmap()
    made = FontSubset(
        name=font["name"].getDebugName(6),
        program=program,
        outlines=outlines,
        units=head.unitsPerEm,
        widths=tuple(font["hmtx"][name][0] for name in font.getGlyphOrder()),
        bounds=(head.xMin, head.yMin, head.xMax, head.yMax),
        ascent=font["hhea"].ascent,
        descent=font["hhea"].descent,
        capital=700,
    )
    return Cut(made, {one: font.getGlyphID(characters[ord(one)]) for one in text})


def _named_cff(font: TTFont) -> bytes:
    """Return the outlines as a CFF whose glyphs have names."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.qu2cuPen import Qu2CuPen
    from fontTools.pens.t2CharStringPen import T2CharStringPen

    glyphs, order = font.getGlyphSet(), font.getGlyphOrder()
    strings = {}
    for name in order:
        pen = T2CharStringPen(font["hmtx"][name][0], glyphs)
        glyphs[name].draw(Qu2CuPen(pen, 1.0, all_cubic=True))
        strings[name] = pen.getCharString()
    builder = FontBuilder(font["head"].unitsPerEm, isTTF=False)
    builder.setupGlyphOrder(order)
    builder.setupCFF("Named", {}, strings, {})
    table: bytes = builder.font["CFF "].compile(builder.font)
    return table


def dot(alpha: int = 255) -> bytes:
    """Return the PNG of a blue dot on nothing."""
    picture = Image.new("RGBA", (40, 40))
    ImageDraw.Draw(picture).ellipse((2, 2, 37, 37), fill=(0, 0, 200, alpha))
    return png(picture)


def png(picture: Image.Image, kind: str = "PNG", **settings: object) -> bytes:
    """Return a picture's file."""
    out = io.BytesIO()
    picture.save(out, kind, **settings)
    return out.getvalue()


def ring(size: int = 200) -> Image.Image:
    """Draw a red ring on nothing, with soft edges."""
    large = Image.new("RGBA", (4 * size, 4 * size), (*INK, 0))
    pen = ImageDraw.Draw(large)
    pen.ellipse((40, 40, 4 * size - 41, 4 * size - 41), outline=(*INK, 255), width=size // 2)
    return large.resize((size, size), Image.Resampling.LANCZOS)


def scanned(size: int = 400) -> Image.Image:
    """Draw the ring as a scan: on yellowish paper with grain."""
    paper = Image.new("RGB", (size, size), (246, 243, 236))
    stamp = ring(size)
    paper.paste(stamp.convert("RGB"), (0, 0), stamp.getchannel("A"))
    chance = random.Random(7)
    grain = Image.frombytes("L", (size, size), chance.randbytes(size * size))
    return Image.blend(paper, Image.merge("RGB", [grain] * 3), 0.02)


def seal_drawing(*, opacity: float = 1.0, multiply: bool = False, alpha: int = 0) -> Drawing:
    """Draw a seal of 120 by 100 points; with `alpha`, a dot of that alpha is in it."""
    latin, han = cut(LATIN, "Sealed 2026ä"), cut(HAN, "合同专用章", SIMPLIFIED)
    marks: list[Shape | Glyphs | Picture] = [
        Shape("10 10 100 80 re", stroke=RED, line_width=3, round_ends=True, dash=(6, 5)),
        Shape(
            "20 20 m 60 20 l 40 50 l h 30 23 m 50 23 l 40 40 l h",
            fill=RED,
            even_odd=True,
        ),
        latin.line(0, "Sealed 2026ä", 16, 56, 10),
        han.line(1, "合同专用章", 16, 72, 14),
    ]
    if alpha:
        marks.append(Picture(dot(alpha), (75, 20, 30, 30)))
    fonts = (latin.subset, han.subset)
    return Drawing(120, 100, tuple(marks), fonts, opacity=opacity, multiply=multiply)


def by_pdfium(path: Path, dots: int = 144, backdrop: str = "white") -> Image.Image:
    """Let pdfium draw the first page."""
    document = pdfium.PdfDocument(path)
    fill = (*Image.new("RGB", (1, 1), backdrop).getpixel((0, 0)), 255)  # type: ignore[misc]
    picture: Image.Image = document[0].render(scale=dots / 72, fill_color=fill).to_pil()
    document.close()
    return picture.convert("RGB")


def by_poppler(path: Path, dots: int = 144) -> Image.Image:
    """Let poppler draw the first page."""
    command = ("pdftoppm", "-png", "-singlefile", "-cropbox", "-r", str(dots), path)
    done = subprocess.run(command, capture_output=True, check=True)
    with Image.open(io.BytesIO(done.stdout)) as opened:
        return opened.convert("RGB")


def apart(one: Image.Image, other: Image.Image) -> float:
    """Return how far two pictures differ on average, of 255."""
    difference = ImageChops.difference(one, other.resize(one.size))
    return sum(ImageStat.Stat(difference).mean) / 3


def faultless(path: Path) -> bool:
    """Let qpdf judge a file."""
    return (
        subprocess.run(("qpdf", "--check", path), capture_output=True, check=False).returncode == 0
    )


def plain(path: Path) -> bytes:
    """Return a file's objects with their streams decoded, for a look at what is in it."""
    command = ("qpdf", "--qdf", "--object-streams=disable", path, "-")
    return subprocess.run(command, capture_output=True, check=True).stdout
