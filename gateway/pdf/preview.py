"""Preview: the pages that a plan touches, with their seals as they will be.

The seals are put on a copy by the code that seals; only the signature is missing. So what is shown
is what will be there, pixel by pixel.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageFont

from gateway.core.geometry import PageFrame
from gateway.core.lengths import POINTS_PER_MILLIMETRE
from gateway.core.names import display
from gateway.core.plan import WHOLE, Mark, SealingPlan, size_words
from gateway.pdf.document import opened
from gateway.pdf.faults import reading
from gateway.pdf.given import open_given, trial
from gateway.pdf.pictures import draw, page_picture, picturing, pixels
from gateway.pdf.sealing import pages_of, put_seals
from gateway.pdf.writing import SealingWriter, copied, end_with_newline

_LONGEST = 1400
"""Pixels of a page's longer side."""
_DOTS = 150
"""Pixels an inch in the PDF."""
_SHEET = 12
"""Pages on one sheet."""
_BOOK = 300
"""Pages in the PDF: more would take longer than a document may."""
_COLUMNS = 4
_GAP = 24
_LINE = 30
_OUTLINE = (20, 90, 200)
_ANCHOR = (20, 140, 60)
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
)
"""Fonts that can write any anchor; without one, what Pillow brings writes the Latin part."""


def preview(
    path: Path,
    plan: SealingPlan,
    artwork: tuple[Path, ...],
    png: Path | None,
    pdf: Path | None,
) -> None:
    """Draw the touched pages to one PNG sheet, a PDF, or both; see `ports.Documents.preview`."""
    with trial(path) as copy:
        frames = _stamped(path, copy, plan, artwork)
        touched = sorted({mark.page for mark in plan.marks})
        with picturing(copy) as document:
            if png is not None:
                tiles = [
                    _captioned(document, index, plan, frames[index]) for index in touched[:_SHEET]
                ]
                with open_given(png, "wb") as out:
                    _sheet(tiles, len(touched)).save(out, "PNG")
            if pdf is not None:
                _book(_pages(document, plan, frames, touched), pdf)


def draw_sealed(
    path: Path, plan: SealingPlan, artwork: tuple[Path, ...], page: int, png: Path, *, longest: int
) -> None:
    """Draw one page with its seals; see `ports.PagePictures.draw_sealed`."""
    with trial(path) as copy:
        _stamped(path, copy, plan, artwork)
        draw(copy, page, png, longest, paper=True)


def _stamped(
    path: Path, copy: Path, plan: SealingPlan, artwork: tuple[Path, ...]
) -> list[PageFrame]:
    copied(path, copy)
    with opened(copy, "r+b") as (reader, stream), reading("pdf.unsupported"):
        end_with_newline(stream)
        writer = SealingWriter(stream, reader)
        pages = pages_of(reader, writer, plan)
        put_seals(writer, plan, pages, artwork)
        writer.write_in_place()  # type: ignore[no-untyped-call]
        return pages.frames


def _pages(
    document: pdfium.PdfDocument, plan: SealingPlan, frames: list[PageFrame], touched: list[int]
) -> Iterator[Image.Image]:
    """Yield the pages of the PDF; of very many, the last one says how many are left out."""
    for index in touched[:_BOOK]:
        yield _captioned(document, index, plan, frames[index])
    if len(touched) > _BOOK:
        note = Image.new("RGB", (_LONGEST // 2, _LONGEST // 4), "white")
        words = f"and {len(touched) - _BOOK} more pages"
        ImageDraw.Draw(note).text((_GAP, _GAP), words, (30, 30, 30), _font())
        yield note


def _captioned(
    document: pdfium.PdfDocument, index: int, plan: SealingPlan, frame: PageFrame
) -> Image.Image:
    """Draw one page, outline what is on it, and write below it what that is."""
    picture = page_picture(document, index, _LONGEST)
    pen = ImageDraw.Draw(picture)
    marks = [mark for mark in plan.marks if mark.page == index]
    for mark in marks:
        if mark.found is not None:
            pen.rectangle(pixels(mark.found.box, frame, picture), outline=_ANCHOR, width=2)
        if mark.visible:
            pen.rectangle(pixels(mark.box, frame, picture), outline=_OUTLINE, width=2)
    lines = [f"page {index + 1}", *(line for mark in marks for line in described(mark, plan))]
    font = _font()
    width = max(picture.width, *(round(font.getlength(line)) + 2 * _GAP for line in lines))
    tile = Image.new("RGB", (width, picture.height + _LINE * len(lines) + _GAP), "white")
    tile.paste(picture, ((width - picture.width) // 2, 0))
    written = ImageDraw.Draw(tile)
    written.rectangle((0, picture.height, width, tile.height), fill=(244, 244, 240))
    for number, line in enumerate(lines):
        at = (_GAP / 2, picture.height + _GAP / 2 + number * _LINE)
        written.text(at, line, (30, 30, 30), font)
    return tile


def described(mark: Mark, plan: SealingPlan) -> Iterator[str]:
    """Say of one mark what it is, where, by what, and which line asked for it."""
    seal = plan.seals[mark.seal]
    x, y = (value / POINTS_PER_MILLIMETRE for value in (mark.box.x, mark.box.y))
    version = f" v{seal.version}" if seal.version else ""
    part = "" if mark.part == WHOLE else ", a slice"
    kind = "signature" if mark is plan.mark else "stamp"
    yield (
        f"{seal.name}{version} ({kind}{part}): {x:.1f} mm right, {y:.1f} mm down, "
        f"{size_words(mark, seal)}"
    )
    if mark.found is not None:
        yield display(f"    at {mark.found.what}"[:120])
    for note in mark.notes:
        yield display(f"    {note}"[:160])
    if mark.asked:
        yield f"    {display(mark.asked)}"


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for path in _FONTS:
        if Path(path).is_file():
            return ImageFont.truetype(path, 20)
    return ImageFont.load_default(20)


def _sheet(tiles: list[Image.Image], touched: int) -> Image.Image:
    """Lay the pages out side by side."""
    columns = min(_COLUMNS, len(tiles))
    rows = [tiles[start : start + columns] for start in range(0, len(tiles), columns)]
    width = max(sum(tile.width + _GAP for tile in row) for row in rows) + _GAP
    heights = [max(tile.height for tile in row) + _GAP for row in rows]
    more = f"and {touched - len(tiles)} more pages: see --pdf" if touched > len(tiles) else ""
    sheet = Image.new("RGB", (width, sum(heights) + _GAP + (_LINE if more else 0)), (200, 200, 200))
    down = _GAP
    for row, height in zip(rows, heights, strict=True):
        across = _GAP
        for tile in row:
            sheet.paste(tile, (across, down))
            across += tile.width + _GAP
        down += height
    if more:
        ImageDraw.Draw(sheet).text((_GAP, down - _GAP / 2), more, (30, 30, 30), _font())
    return sheet


def _book(tiles: Iterable[Image.Image], pdf: Path) -> None:
    """Write a PDF of one page for each picture; only packed pictures are held in memory."""
    book = pdfium.PdfDocument.new()
    try:
        for tile in tiles:
            packed = io.BytesIO()
            tile.save(packed, "JPEG", quality=90)
            width, height = (side * 72 / _DOTS for side in tile.size)
            picture = pdfium.PdfImage.new(book)
            picture.load_jpeg(packed, inline=True)
            picture.set_matrix(pdfium.PdfMatrix().scale(width, height))
            page = book.new_page(width, height)
            page.insert_obj(picture)
            page.gen_content()
            page.close()
        with open_given(pdf, "wb") as out:
            book.save(out)
    finally:
        book.close()
