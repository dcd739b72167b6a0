"""Pages as pictures, by pdfium: to be looked at, and to be compared before and after."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageChops, ImageFilter

from gateway.core.errors import DocumentFault
from gateway.core.geometry import Box, PageFrame
from gateway.core.plan import WHOLE, Mark, by_page
from gateway.pdf.faults import reading
from gateway.pdf.given import contents_of, open_given
from gateway.pdf.passwords import candidates
from gateway.pdf.rasters import Canvas, Difference, Pixels, Raster
from gateway.pdf.untouched import only_marked_change

COMPARED_PAGES = 24
"""Pages compared of longer documents: so many among all, and so many among those with seals."""

_WORTH_SHOWING = 2
"""Pages without seals from which on it costs less to show that they are untouched."""
_CANVASES = Canvas(), Canvas()
"""For a page before and after: nothing else compares in this process meanwhile."""

_INK, _PAPER = 160, 200
"""Greys below which something was drawn, and from which on nothing is."""
_MOST_PALED, _MOST_DARKENED = 0.05, 0.5
"""Shares of what was drawn that may pale, and of what is around it that may darken."""


@contextmanager
def picturing(path: Path) -> Iterator[pdfium.PdfDocument]:
    """Open a document for drawing; raises `DocumentFault` (`pdf.unrenderable`)."""
    with reading("pdf.unrenderable"):
        document = _opened(path)
        try:
            document.init_forms()
            yield document
        finally:
            document.close()


def _opened(path: Path) -> pdfium.PdfDocument:
    """Open a document with the first password that pdfium takes for it."""
    *passwords, last = candidates()
    content = contents_of(path)
    for password in passwords:
        try:
            return pdfium.PdfDocument(content, password=password or None)
        except pdfium.PdfiumError:
            continue
    return pdfium.PdfDocument(content, password=last or None)


def page_picture(
    document: pdfium.PdfDocument, index: int, longest: int, *, paper: bool = True
) -> Image.Image:
    """Draw a page with its annotations and forms, `longest` pixels on its longer side.

    Without `paper`, what is not drawn is transparent.
    """
    page = document[index]
    try:
        width, height = page.get_size()
        scale = longest / max(width, height, 1.0)
        ground = (255, 255, 255, 255) if paper else (0, 0, 0, 0)
        bitmap = page.render(scale=scale, may_draw_forms=True, fill_color=ground)
        picture: Image.Image = bitmap.to_pil().convert("RGB" if paper else "RGBA").copy()
        bitmap.close()
        return picture
    finally:
        page.close()


def check_frames(path: Path, frames: tuple[PageFrame, ...]) -> None:
    """Refuse a document of which two readers see different pages.

    Compares our walk of the page tree with pdfium's: number of pages, and the displayed size
    of the first and last hundred (pdfium leaves out UserUnit).
    """
    with picturing(path) as document:
        if len(document) != len(frames):
            raise DocumentFault("pdf.page-tree", f"{len(frames)} or {len(document)} pages")
        for index in {*range(len(frames))[:100], *range(len(frames))[-100:]}:
            frame = frames[index]
            width, height = document.get_page_size(index)
            seen = (frame.width / frame.user_unit, frame.height / frame.user_unit)
            if max(abs(seen[0] - width), abs(seen[1] - height)) > 1.0:
                raise DocumentFault("pdf.page-tree", f"size of page {index + 1} is ambiguous")


def draw(path: Path, page: int, png: Path, longest: int, *, paper: bool) -> None:
    """Draw one page to a PNG; see `ports.PagePictures.draw`."""
    with picturing(path) as document:
        index = page if page >= 0 else len(document) + page
        if not 0 <= index < len(document):
            raise DocumentFault("plan.page-missing", f"page {page + 1} of {len(document)}")
        picture = page_picture(document, index, longest, paper=paper)
    with open_given(png, "wb") as out:
        picture.save(out, "PNG")


def compare(
    original: Path, sealed: Path, marks: tuple[Mark, ...], frames: tuple[PageFrame, ...]
) -> None:
    """Hold every page (or a sample) before against after.

    Raises `DocumentFault`: `gate.page-changed` when anything outside the seals differs,
    `gate.seal-misplaced` when nothing shows where a seal should be. An invisible signature
    changes nothing.

    `sealed` begins with all bytes of the original. So pages without seals need not be drawn where
    it can be shown, for all of them and exactly, that nothing of theirs has changed (`untouched`).

    pdfium keeps fonts and glyphs of earlier pages, so that a first drawing can differ from a
    second one of the same file by single pixels: a difference counts when it is seen twice.
    """
    on_page = by_page(mark for mark in marks if mark.visible)
    spared = len(frames) - len(on_page) >= _WORTH_SHOWING and only_marked_change(
        original, sealed, on_page
    )
    try:
        _compare(original, sealed, on_page, frames, spared=spared)
    except DocumentFault:
        _compare(original, sealed, on_page, frames, spared=spared)


def compare_outside(
    before: Path,
    after: Path,
    places: Mapping[int, Box],
    frames: tuple[PageFrame, ...],
    *,
    legible: bool = False,
) -> None:
    """Hold every page (or a sample) before against after, but for one box on each of some pages.

    `places` are displayed boxes by page index. With `legible`, what was drawn there must still be
    seen. Raises `DocumentFault` (`gate.page-changed`).
    """
    try:
        _compare_outside(before, after, places, frames, legible=legible)
    except DocumentFault:
        _compare_outside(before, after, places, frames, legible=legible)


def _compare_outside(
    before: Path,
    after: Path,
    places: Mapping[int, Box],
    frames: tuple[PageFrame, ...],
    *,
    legible: bool,
) -> None:
    with picturing(before) as first, picturing(after) as second:
        pages = _sample(len(first), tuple(places))
        for index, old, new in _pairs(first, second, pages):
            difference = Difference(old, new)
            if index in places:
                place = _around(places[index], frames[index], old.picture)
                if legible and _covers(old.picture.crop(place), new.picture.crop(place)):
                    raise DocumentFault("gate.page-changed", f"page {index + 1} is covered")
                difference.leave_out(place)
            if difference:
                raise DocumentFault("gate.page-changed", f"page {index + 1}")


def _covers(old: Image.Image, new: Image.Image) -> bool:
    """Tell whether much of what was drawn has paled, or what is around it has darkened."""
    old, new = old.convert("L"), new.convert("L")
    ink = old.point(lambda grey: 255 if grey < _INK else 0)
    around = ImageChops.subtract(ink.filter(ImageFilter.MaxFilter(5)), ink)
    paled = ImageChops.multiply(ink, new.point(lambda grey: 255 if grey >= _PAPER else 0))
    dark = ImageChops.multiply(around, new.point(lambda grey: 255 if grey < _INK else 0))
    return _share(paled, ink) > _MOST_PALED or _share(dark, around) > _MOST_DARKENED


def _share(part: Image.Image, whole: Image.Image) -> float:
    """Return how many of a mask's pixels are in another; 0 when there are none."""
    count = whole.histogram()[255]
    return part.histogram()[255] / count if count else 0.0


def _pairs(
    before: pdfium.PdfDocument, after: pdfium.PdfDocument, pages: list[int]
) -> Iterator[tuple[int, Raster, Raster]]:
    """Yield both pictures of each page that is compared; they are good until the next ones."""
    if len(before) != len(after):
        raise DocumentFault("gate.page-changed", "the number of pages differs")
    for index in pages:
        old, new = _CANVASES[0].draw(before, index), _CANVASES[1].draw(after, index)
        if old.picture.size != new.picture.size:
            raise DocumentFault("gate.page-changed", f"size of page {index + 1}")
        yield index, old, new


def _compare(
    original: Path,
    sealed: Path,
    on_page: Mapping[int, list[Mark]],
    frames: tuple[PageFrame, ...],
    *,
    spared: bool,
) -> None:
    seen = False
    with picturing(original) as before, picturing(sealed) as after:
        pages = _sample(len(before), tuple(on_page))
        if spared and _has_sound_tables(before) and _has_sound_tables(after):
            pages = _sample(0, tuple(on_page))
        for index, old, new in _pairs(before, after, pages):
            difference = Difference(old, new)
            here = on_page.get(index, [])
            places = [_around(mark.box, frames[index], old.picture) for mark in here]
            seen = _blank_out(difference, here, places) or seen
            if difference:
                raise DocumentFault("gate.page-changed", f"page {index + 1}")
    if on_page and not seen:
        raise DocumentFault("gate.seal-misplaced", "no part of the seal is visible")


def _has_sound_tables(document: pdfium.PdfDocument) -> bool:
    """Tell whether pdfium uses the cross-references that are written in the file."""
    return bool(pdfium_c.FPDF_DocumentHasValidCrossReferenceTable(document))


def _blank_out(difference: Difference, marks: list[Mark], places: list[Pixels]) -> bool:
    """Blank out the seals in the difference of a page; tell whether anything was there.

    A whole seal must show something; a slice of one may be an empty margin of it.
    """
    shown = [difference.within(place) for place in places]
    for mark, visible in zip(marks, shown, strict=True):
        if mark.part == WHOLE and not visible:
            raise DocumentFault("gate.seal-misplaced", "nothing is visible at the seal's place")
    for place in places:
        difference.leave_out(place)
    return any(shown)


def _around(box: Box, frame: PageFrame, picture: Image.Image) -> Pixels:
    """Return the pixels that a box touches, and two more on each side."""
    left, top, right, bottom = pixels(box, frame, picture)
    return math.floor(left) - 2, math.floor(top) - 2, math.ceil(right) + 2, math.ceil(bottom) + 2


def pixels(box: Box, frame: PageFrame, picture: Image.Image) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a displayed box on a picture of its page."""
    across, down = picture.width / frame.width, picture.height / frame.height
    return (
        box.x * across,
        box.y * down,
        (box.x + box.width) * across,
        (box.y + box.height) * down,
    )


def _sample(count: int, marked: tuple[int, ...]) -> list[int]:
    """Choose pages: all, or evenly among all and among those with seals."""
    return sorted({*_even(range(count)), *_even(sorted(marked))})


def _even(pages: Sequence[int]) -> Sequence[int]:
    if len(pages) <= COMPARED_PAGES:
        return pages
    step = (len(pages) - 1) / (COMPARED_PAGES - 1)
    return [pages[round(step * turn)] for turn in range(COMPARED_PAGES)]
