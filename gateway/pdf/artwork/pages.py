"""One-page PDFs of seals, from what people import and from drawings; see `ports.SealPages`."""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2 as pdfium

from gateway.core.drawing import Drawing
from gateway.core.errors import DocumentFault
from gateway.core.system_faults import site_fault
from gateway.pdf.artwork.drawn_page import coarsest, page_of
from gateway.pdf.artwork.page_making import Finish
from gateway.pdf.artwork.page_of_pdf import page_of_pdf
from gateway.pdf.artwork.raster import page_of_raster
from gateway.pdf.artwork.svg import looks_like_svg, page_of_svg
from gateway.pdf.faults import reading
from gateway.pdf.given import open_given
from gateway.ports.seals import MadePage, Wish

LARGEST = 20 * 1024 * 1024
"""Bytes of a file that is imported."""
_EXTENTS = (1.0, 14400.0)
"""Points a side: more than a printed dot, and not beyond what viewers show."""
_BACKDROP = (70, 160, 120)
_WHITE = (255, 255, 255)
"""Ink that multiplies shows on paper alone: white ink never does."""
_LOOKED_AT = 500
"""Pixels on the longer side of the picture in which something must be seen."""


def from_file(source: Path, page: Path, wish: Wish) -> MadePage:
    """Write artwork to `page`, as large as the seal; see `ports.SealPages.from_file`.

    Raises `DocumentFault`: `seal.artwork-unreadable`, `seal.artwork-empty`,
    `seal.artwork-unsupported`; `SiteFault` when `page` cannot be written.
    """
    content = _content(source)
    with _judging():
        finish = Finish(min(1.0, max(0.0, wish.opacity)), wish.multiply, wish.turn)
        data, extent, dots = _maker(content)(content, _wanted(wish), finish, wish.whiteness)
        _check_extent(extent)
        _refuse_empty(data, _WHITE if finish.multiply else _BACKDROP)
    return _written(page, data, extent, dots)


@contextmanager
def _judging() -> Iterator[None]:
    """Turn whatever is wrong with artwork into a fault of a seal, and not of a document."""
    try:
        with reading("seal.artwork-unreadable"):
            yield
    except DocumentFault as fault:
        if fault.code.startswith("seal."):
            raise
        words = fault.detail or fault.entry.meaning
        raise DocumentFault("seal.artwork-unreadable", words) from fault


def from_drawing(drawing: Drawing, page: Path) -> MadePage:
    """Write a drawing to `page`; see `ports.SealPages.from_drawing`."""
    data, extent = page_of(drawing)
    return _written(page, data, extent, coarsest(drawing))


Maker = Callable[
    [bytes, tuple[float, float | None], Finish, str],
    tuple[bytes, tuple[float, float], float | None],
]
"""Makes a page of a file's bytes: the page, its extent in points, its coarsest dots per inch."""


def _maker(content: bytes) -> Maker:
    """Tell by the content what it is; a name proves nothing."""
    if content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return page_of_raster
    if b"%PDF-" in content[:1024]:
        return page_of_pdf
    if looks_like_svg(content):
        return page_of_svg
    raise DocumentFault("seal.artwork-unreadable", "it is no PNG, JPEG, SVG or PDF")


def _content(source: Path) -> bytes:
    """Read a plain file; who gave it has not followed links."""
    with open_given(source) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise DocumentFault("seal.artwork-unreadable", "it is no plain file")
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise DocumentFault("seal.artwork-unsupported", f"it is larger than {LARGEST // 2**20} MiB")
    return content


def _wanted(wish: Wish) -> tuple[float, float | None]:
    _check_extent((wish.width, wish.height if wish.height is not None else wish.width))
    return wish.width, wish.height


def _check_extent(extent: tuple[float, float]) -> None:
    least, most = _EXTENTS
    if not all(math.isfinite(side) and least <= side <= most for side in extent):
        words = " by ".join(f"{side:.4g}" for side in extent)
        raise DocumentFault("seal.artwork-unsupported", f"a seal of {words} points")


def _refuse_empty(data: bytes, sheet: tuple[int, int, int]) -> None:
    """Draw the page on a sheet of a colour: something must show, and not only white paper."""
    with reading("seal.artwork-unreadable"):
        document = pdfium.PdfDocument(data)
        try:
            page = document[0]
            scale = _LOOKED_AT / max(page.get_size())
            bitmap = page.render(scale=scale, fill_color=(*sheet, 255))
            seen = bitmap.to_pil().convert("RGB").getcolors(2)
        finally:
            document.close()
    if seen is not None and len(seen) == 1 and seen[0][1] in (sheet, _WHITE):
        raise DocumentFault("seal.artwork-empty")


def _written(page: Path, data: bytes, extent: tuple[float, float], dots: float | None) -> MadePage:
    try:
        with open_given(page, "wb") as out:
            out.write(data)
    except OSError as error:
        raise site_fault(error) from error
    return MadePage(float(extent[0]), float(extent[1]), dots)
