"""Draw the gallery of seals for the manual: `python -m gateway.sandbox.gallery [DOCS]`.

Each seal goes the way that seals of a site go: its design is drawn, written as a page of PDF,
and that is looked at. Pictures and page are the same whenever they are made with the same fonts.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from gateway.core.lengths import POINTS_PER_MILLIMETRE
from gateway.ports import PagePictures, SealArtist, SealPages
from gateway.sandbox.gallery_seals import VALUES, Exhibit, exhibits
from gateway.seals.designs import parse_design
from gateway.wiring import documents_of_no_site, seal_artist

_DOTS = 8
"""Pixels a millimetre of a seal's own picture, about 200 dots per inch."""
_SHEET_DOTS = 6
_SHEET_WIDTH = 210
"""Millimetres."""
_WHITE = 5
"""Millimetres between seals."""

_HEAD = """\
# Gallery of seals

Every kind of seal that Sealgate draws, beside each other in their true proportions. They are made
from a template and a few words, or from a design of your own; `docs/schema/design.schema.json`
describes every key of a design.

This page and its pictures are written by `python -m gateway.sandbox.gallery`.

![All seals](gallery/overview.png)

| seal | what it is | size in mm |
|---|---|---|
"""


@dataclass(frozen=True)
class Tool:
    """What the gallery is made with."""

    artist: SealArtist
    pages: SealPages
    documents: PagePictures
    room: Path
    """A folder for pages that nobody keeps."""


@dataclass(frozen=True)
class Shown:
    """A picture of a seal or a label, and its extent in millimetres."""

    picture: Image.Image
    width: float
    height: float

    def at(self, dots: float) -> Image.Image:
        """Return the picture with so many pixels a millimetre."""
        size = (max(1, round(self.width * dots)), max(1, round(self.height * dots)))
        return self.picture.resize(size, Image.Resampling.LANCZOS)


def make(docs: Path, tool: Tool) -> None:
    """Write the gallery's pictures and page below `docs`."""
    folder = docs / "gallery"
    folder.mkdir(exist_ok=True)
    shown = [(one, _show(one.design, tool)) for one in exhibits()]
    for exhibit, seal in shown:
        seal.at(_DOTS).save(folder / f"{exhibit.name}.png", optimize=True)
    _sheet(shown, tool).save(folder / "overview.png", optimize=True)
    rows = "".join(_row(exhibit, seal) for exhibit, seal in shown)
    (docs / "gallery.md").write_text(_HEAD + rows, encoding="utf-8")


def _row(exhibit: Exhibit, seal: Shown) -> str:
    picture = f"![{exhibit.name}](gallery/{exhibit.name}.png)"
    return f"| {picture} | {exhibit.what} | {seal.width:.0f} × {seal.height:.0f} |\n"


def _show(design: bytes, tool: Tool) -> Shown:
    drawing = tool.artist.draw(design, VALUES)
    page, picture = tool.room / "seal.pdf", tool.room / "seal.png"
    tool.pages.from_drawing(drawing, page)
    tool.documents.draw(page, 0, picture)
    with Image.open(picture) as opened:
        copy = opened.convert("RGB")
    scale = POINTS_PER_MILLIMETRE
    return Shown(copy, drawing.width / scale, drawing.height / scale)


def _sheet(shown: list[tuple[Exhibit, Shown]], tool: Tool) -> Image.Image:
    """Return a sheet with all seals in rows, each with its name below."""
    rows: list[list[tuple[Shown, Shown]]] = [[]]
    at = 0.0
    for exhibit, seal in shown:
        label = _show(_label(exhibit.name, max(seal.width, 24)), tool)
        wide = max(seal.width, label.width) + _WHITE
        if rows[-1] and at + wide > _SHEET_WIDTH - _WHITE:
            rows.append([])
            at = 0.0
        rows[-1].append((seal, label))
        at += wide
    heights = [max(seal.height + label.height for seal, label in row) + _WHITE for row in rows]
    size = (_SHEET_WIDTH * _SHEET_DOTS, round((sum(heights) + _WHITE) * _SHEET_DOTS))
    sheet = Image.new("RGB", size, "white")
    top = float(_WHITE)
    for row, height in zip(rows, heights, strict=True):
        _paste(sheet, row, top, height - _WHITE)
        top += height
    return sheet


def _paste(sheet: Image.Image, row: list[tuple[Shown, Shown]], top: float, height: float) -> None:
    """Paste a row, spread over the sheet's width, labels on one line."""
    wide = [max(seal.width, label.width) for seal, label in row]
    white = (_SHEET_WIDTH - sum(wide)) / (len(row) + 1)
    left = white
    for (seal, label), width in zip(row, wide, strict=True):
        over = top + (height - label.height - seal.height) / 2
        for one, y in ((seal, over), (label, top + height - label.height)):
            x = left + (width - one.width) / 2
            sheet.paste(one.at(_SHEET_DOTS), (round(x * _SHEET_DOTS), round(y * _SHEET_DOTS)))
        left += width + white


def _label(name: str, width: float) -> bytes:
    line = {"text": name, "size": 2.6}
    design = {"kind": "text", "width": width, "height": 5, "lines": [line], "align": "centre"}
    return parse_design({**design, "colour": "grey"})


def main(docs: Path) -> int:
    """Make the gallery below `docs`; returns the exit code."""
    documents = documents_of_no_site()
    try:
        with tempfile.TemporaryDirectory() as room:
            make(docs, Tool(seal_artist(), documents, documents, Path(room)))
    finally:
        documents.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs")))
