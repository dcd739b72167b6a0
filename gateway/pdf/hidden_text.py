"""Text that is on a page and cannot be seen on it: invisible, covered, cut off, or too small.

Theory of operation
-------------------
pdfium lists what a page draws, in its order. A text is suspected for what it is (invisible by
its render mode, tiny, in a colour like that of the ground below it), for where it is (outside of
the page) or for what comes later (a picture or an area over it). Suspicion by colour or by cover
is then put to the test: the page is drawn with these texts and without them, and what changes
nothing cannot be seen. So neither white words on a dark area nor words below a watermark are
taken for hidden.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageChops

from gateway.core.errors import DocumentFault
from gateway.core.findings import Finding
from gateway.pdf.pictures import picturing

MOST_PAGES = 100
"""Pages of a document that are looked at: so many from its beginning and from its end."""
MOST_OBJECTS = 30_000
"""Pieces that are drawn on pages and are looked at, of one document."""
_DEEPEST = 6
_MOST_COVERS = 60
"""Areas of one page that may hide something: the largest ones."""
_MOST_DRAWN = 12
"""Pages of one document that are drawn for this."""
_PIXELS = 1200
"""Longest side of the pages that are drawn with a suspicion and without it."""

_TINY, _GLYPH = 1.0, 1.5
"""Points of a font's size below which nobody reads it, and how many sizes high a glyph may be:
the size of a Type 3 font says nothing about what it draws."""
_OPAQUE, _CLEAR = 250, 10
_LIKE = 24
"""Difference of two colours in each channel, of 255, below which one is not seen on the other."""
_SEEN = 10
"""Difference of a pixel's channel, of 255, from which on something is seen."""
_COVERED = 0.9
"""Share of a text's area that lies below one other thing."""
_SCANNED = 0.2
"""Share of a page that a picture takes which may be a scan with words."""
_WHITE = (255, 255, 255)

_Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in the page's own coordinates."""
_Matrix = tuple[float, float, float, float, float, float]
_PLAIN: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_EDGES = tuple(ctypes.c_float() for _ in range(4))
_CHANNELS = tuple(ctypes.c_uint() for _ in range(4))
_FOUND, _SIZE = pdfium_c.FS_MATRIX(), ctypes.c_float()
"""Where pdfium writes what it is asked; used for one piece after the other."""


@dataclass(frozen=True)
class _Cover:
    order: int
    box: _Box
    colour: tuple[int, int, int] | None
    """None for pictures and shadings."""
    opaque: bool
    picture: bool = False


@dataclass
class _Text:
    order: int
    piece: object
    """The page object of pdfium."""
    box: _Box
    colour: tuple[int, int, int] | None
    mode: int
    size: float
    clear: bool
    name: str = ""
    """Of the finding it is suspected to make."""
    doubtful: bool = False


@dataclass
class _Drawn:
    """What one page draws, as far as it matters."""

    texts: list[_Text] = field(default_factory=list)
    covers: list[_Cover] = field(default_factory=list)


def hidden_text(path: Path) -> tuple[Finding, ...]:
    """Return what is found on the pages of a document; what cannot be drawn is no finding."""
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    try:
        with picturing(path) as document:
            look = _Look()
            for index in _sample(len(document)):
                for name in look.at(document, index):
                    counts[name] += 1
                    first.setdefault(name, index)
    except DocumentFault as fault:
        if fault.code != "pdf.unrenderable":
            raise
    return tuple(
        Finding(name, f"{counts[name]} pieces, first on page {first[name] + 1}") for name in counts
    )


def _sample(pages: int) -> list[int]:
    return sorted({*range(pages)[:MOST_PAGES], *range(pages)[-MOST_PAGES:]})


@dataclass
class _Look:
    """Looks at one page after the other, until enough was looked at."""

    pieces: int = MOST_OBJECTS
    drawings: int = _MOST_DRAWN

    def at(self, document: pdfium.PdfDocument, index: int) -> list[str]:
        """Return the name of a finding for each text of a page that is hidden."""
        if self.pieces <= 0:
            return []
        page = document[index]
        try:
            drawn = _Drawn()
            for piece, matrix, order in _pieces(page, self.pieces):
                _note(drawn, piece, matrix, order)
            self.pieces -= len(drawn.texts) + len(drawn.covers)
            return self._confirmed(page, _suspects(drawn, page.get_bbox()))
        finally:
            page.close()

    def _confirmed(self, page: pdfium.PdfPage, suspects: list[_Text]) -> list[str]:
        """Return the findings of those that have letters and, where it is in doubt, do not show."""
        lettered = _with_letters(page, suspects) if suspects else []
        doubtful = [one for one in lettered if one.doubtful]
        sure = [one.name for one in lettered if not one.doubtful]
        if not doubtful or self.drawings <= 0:
            return sure
        self.drawings -= 1
        return sure + _not_seen(page, doubtful)


def _pieces(page: pdfium.PdfPage, budget: int) -> Iterator[tuple[object, _Matrix, int]]:
    """Yield what a page draws, in order, with the matrix that leads to the page."""
    order = 0
    stack = [_members(pdfium_c.FPDFPage_CountObjects, pdfium_c.FPDFPage_GetObject, page.raw)]
    above = [_PLAIN]
    while stack and order < budget:
        piece = next(stack[-1], None)
        if piece is None:
            stack.pop()
            above.pop()
            continue
        if pdfium_c.FPDFPageObj_GetType(piece) == pdfium_c.FPDF_PAGEOBJ_FORM:
            if len(stack) < _DEEPEST:
                counted, got = pdfium_c.FPDFFormObj_CountObjects, pdfium_c.FPDFFormObj_GetObject
                stack.append(_members(counted, got, piece))
                above.append(_times(_matrix(piece), above[-1]))
            continue
        yield piece, above[-1], order
        order += 1


def _members(count: object, get: object, holder: object) -> Iterator[object]:
    for index in range(count(holder)):  # type: ignore[operator]
        yield get(holder, index)  # type: ignore[operator]


def _note(drawn: _Drawn, piece: object, matrix: _Matrix, order: int) -> None:
    kind = pdfium_c.FPDFPageObj_GetType(piece)
    box = _box(piece, matrix)
    if box is None:
        return
    if kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
        colour, alpha = _fill(piece)
        height = _height(piece, matrix)
        mode = pdfium_c.FPDFTextObj_GetTextRenderMode(piece)
        drawn.texts.append(_Text(order, piece, box, colour, mode, height, clear=alpha <= _CLEAR))
    elif kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
        drawn.covers.append(_Cover(order, box, None, opaque=True, picture=True))
    elif kind == pdfium_c.FPDF_PAGEOBJ_SHADING:
        drawn.covers.append(_Cover(order, box, None, opaque=True))
    elif kind == pdfium_c.FPDF_PAGEOBJ_PATH and _is_filled(piece):
        colour, alpha = _fill(piece)
        drawn.covers.append(_Cover(order, box, colour, opaque=alpha >= _OPAQUE))


def _height(piece: object, matrix: _Matrix) -> float:
    """Return the size of a text's font on the page, in points."""
    if not pdfium_c.FPDFTextObj_GetFontSize(piece, _SIZE):
        return 0.0
    own = _matrix(piece) if matrix is _PLAIN else _times(_matrix(piece), matrix)
    return float(abs(_SIZE.value) * max((own[2] ** 2 + own[3] ** 2) ** 0.5, 1e-9))


def _suspects(drawn: _Drawn, page: _Box) -> list[_Text]:
    """Return the texts that may be hidden, each with the name of its finding."""
    covers = sorted(drawn.covers, key=lambda cover: -_area(cover.box))[:_MOST_COVERS]
    found = []
    for text in drawn.texts:
        _suspect(text, covers, page)
        if text.name:
            found.append(text)
    return found


def _suspect(text: _Text, covers: list[_Cover], page: _Box) -> None:
    """Say of a text what it is suspected of, and whether that is in doubt."""
    over = [cover for cover in covers if _hides(cover, text.box)]
    scanned = any(one.picture and _area(one.box) >= _SCANNED * _area(page) for one in over)
    if text.mode == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE:
        text.name = "ocr-text" if scanned else "invisible-text"
    elif text.mode == pdfium_c.FPDF_TEXTRENDERMODE_CLIP:
        pass  # it is a shape for what comes behind it
    elif _area(_shared(text.box, page)) <= 0:
        text.name = "text-outside-page"
    elif text.size < _TINY and _narrow(text.box) <= _GLYPH * text.size:
        text.name = "tiny-text"
    else:
        text.name = _by_colour_or_cover(text, over, scanned=scanned)
        text.doubtful = True


def _by_colour_or_cover(text: _Text, over: list[_Cover], *, scanned: bool) -> str:
    if any(cover.opaque and cover.order > text.order for cover in over):
        return "ocr-text" if scanned else "covered-text"
    if text.clear:
        return "ocr-text" if scanned else "invisible-text"
    ground = max((one for one in over if one.order < text.order), key=_order, default=None)
    below = _WHITE if ground is None else ground.colour
    if text.colour is not None and below is not None and _alike(text.colour, below):
        return "invisible-text"
    return ""


def _narrow(box: _Box) -> float:
    return min(box[2] - box[0], box[3] - box[1])


def _order(cover: _Cover) -> int:
    return cover.order


def _not_seen(page: pdfium.PdfPage, doubtful: list[_Text]) -> list[str]:
    """Return the findings of those without which the page looks the same."""
    scale = _PIXELS / max(*page.get_size(), 1.0)
    before = _raster(page, scale)
    for one in doubtful:
        pdfium_c.FPDFPageObj_SetIsActive(one.piece, 0)
    difference = ImageChops.difference(before, _raster(page, scale))
    return [one.name for one in doubtful if not _is_seen(page, difference, one.box)]


def _with_letters(page: pdfium.PdfPage, texts: list[_Text]) -> list[_Text]:
    """Leave out what consists of blanks."""
    reading = page.get_textpage()
    buffer = (ctypes.c_ushort * 64)()
    found = []
    try:
        for text in texts:
            length = pdfium_c.FPDFTextObj_GetText(text.piece, reading.raw, buffer, len(buffer) * 2)
            words = "".join(map(chr, buffer[: min(length // 2, len(buffer))]))
            if words.strip("\0 \t\r\n\u00a0"):
                found.append(text)
    finally:
        reading.close()
    return found


def _raster(page: pdfium.PdfPage, scale: float) -> Image.Image:
    bitmap = page.render(scale=scale, may_draw_forms=False, draw_annots=False)
    picture: Image.Image = bitmap.to_pil().convert("RGB").copy()
    bitmap.close()
    return picture


def _is_seen(page: pdfium.PdfPage, difference: Image.Image, box: _Box) -> bool:
    """Tell whether anything of a box differs on the pictures."""
    corners = [_on_picture(page, difference, x, y) for x in box[::2] for y in box[1::2]]
    left, top = (max(0, min(one[axis] for one in corners) - 1) for axis in (0, 1))
    right, bottom = (max(one[axis] for one in corners) + 2 for axis in (0, 1))
    right, bottom = min(right, difference.width), min(bottom, difference.height)
    if right <= left or bottom <= top:
        return False
    part = difference.crop((left, top, right, bottom))
    return any(any(band.histogram()[_SEEN:]) for band in part.split())


def _on_picture(page: pdfium.PdfPage, picture: Image.Image, x: float, y: float) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDF_PageToDevice(page.raw, 0, 0, picture.width, picture.height, 0, x, y, across, down)
    return across.value, down.value


def _is_filled(path: object) -> bool:
    mode, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDFPath_GetDrawMode(path, mode, stroked)
    return bool(mode.value != pdfium_c.FPDF_FILLMODE_NONE)


def _fill(piece: object) -> tuple[tuple[int, int, int] | None, int]:
    """Return colour and opacity, of 255; no colour where a pattern fills it."""
    red, green, blue, alpha = _CHANNELS
    if not pdfium_c.FPDFPageObj_GetFillColor(piece, red, green, blue, alpha):
        return None, _OPAQUE
    return (red.value, green.value, blue.value), alpha.value


def _matrix(piece: object) -> _Matrix:
    if not pdfium_c.FPDFPageObj_GetMatrix(piece, _FOUND):
        return _PLAIN
    return (_FOUND.a, _FOUND.b, _FOUND.c, _FOUND.d, _FOUND.e, _FOUND.f)


def _box(piece: object, matrix: _Matrix) -> _Box | None:
    left, bottom, right, top = _EDGES
    if not pdfium_c.FPDFPageObj_GetBounds(piece, left, bottom, right, top):
        return None
    if matrix is _PLAIN:
        return (left.value, bottom.value, right.value, top.value)
    a, b, c, d, e, f = matrix
    corners = [
        (a * x + c * y + e, b * x + d * y + f)
        for x in (left.value, right.value)
        for y in (bottom.value, top.value)
    ]
    across, up = zip(*corners, strict=True)
    return (min(across), min(up), max(across), max(up))


def _times(first: _Matrix, then: _Matrix) -> _Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (
        *(a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j),
        *(e * g + f * i + k, e * h + f * j + m),
    )


def _area(box: _Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _shared(one: _Box, other: _Box) -> _Box:
    return (
        *(max(one[0], other[0]), max(one[1], other[1])),
        *(min(one[2], other[2]), min(one[3], other[3])),
    )


def _hides(cover: _Cover, box: _Box) -> bool:
    return _area(_shared(cover.box, box)) >= _COVERED * max(_area(box), 1e-6)


def _alike(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return (
        abs(one[0] - other[0]) <= _LIKE
        and abs(one[1] - other[1]) <= _LIKE
        and abs(one[2] - other[2]) <= _LIKE
    )
