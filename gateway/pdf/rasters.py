"""Pages drawn to be compared, in memory that is used again, and what differs between two of them.

To have such memory from the system anew for each page, and to look for differences where there
are none, takes longer than drawing. So two drawings are first compared as bytes, some rows at a
time; only rows that differ anywhere are looked at as pictures.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import pypdfium2 as pdfium
from PIL import Image, ImageChops

COMPARED_PIXELS = 900
"""Longest side of a page compared before and after."""

_MOST_BYTES = 4 * (COMPARED_PIXELS + 1) ** 2
"""Both sides are rounded up."""
_ROWS = 15
"""Rows compared at a time."""
_BLACK = (0, 0, 0, 0)
_UNCHANGED = Image.new("RGBX", (1, 1))

_same_bytes = ctypes.CDLL(None).memcmp
_same_bytes.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)

Pixels = tuple[int, int, int, int]
"""Left, top, right, bottom."""


@dataclass(frozen=True)
class Raster:
    """A drawn page; good until something else is drawn on the same canvas."""

    picture: Image.Image
    address: int
    """Of its first byte."""
    stride: int
    """Bytes of a row."""


class Canvas:
    """Memory for one page at a time."""

    def __init__(self) -> None:
        self._memory = (ctypes.c_ubyte * _MOST_BYTES)()

    def draw(self, document: pdfium.PdfDocument, index: int) -> Raster:
        """Draw a page with its annotations and forms, in pdfium's own pixels."""
        page = document[index]
        try:
            bitmap = page.render(
                scale=COMPARED_PIXELS / max(*page.get_size(), 1.0),
                may_draw_forms=True,
                prefer_bgrx=True,
                rev_byteorder=True,
                bitmap_maker=self._bitmap,
            )
            drawn = Raster(bitmap.to_pil(), ctypes.addressof(self._memory), bitmap.stride)
            bitmap.close()
            return drawn
        finally:
            page.close()

    def _bitmap(self, width: int, height: int, **form: int) -> pdfium.PdfBitmap:
        return pdfium.PdfBitmap.new_native(width, height, **form, buffer=self._memory)


class Difference:
    """What differs between two drawings of the same size."""

    def __init__(self, old: Raster, new: Raster) -> None:
        self._top, bottom = _changed_rows(old, new)
        self._rows = _UNCHANGED
        if bottom:
            box = (0, self._top, old.picture.width, bottom)
            self._rows = ImageChops.difference(old.picture.crop(box), new.picture.crop(box))

    def __bool__(self) -> bool:
        """Tell whether anything differs that was not left out."""
        return self._rows.getbbox() is not None

    def within(self, place: Pixels) -> bool:
        """Tell whether anything differs within some pixels."""
        return self._rows.crop(self._moved(place)).getbbox() is not None

    def leave_out(self, place: Pixels) -> None:
        """Let some pixels count no more."""
        self._rows.paste(_BLACK, self._moved(place))

    def _moved(self, place: Pixels) -> Pixels:
        left, top, right, bottom = place
        return left, top - self._top, right, bottom - self._top


def _changed_rows(old: Raster, new: Raster) -> tuple[int, int]:
    """Return the first row that may differ and the one behind the last; zeros when none does."""
    height = old.picture.height
    changed = [
        top
        for top in range(0, height, _ROWS)
        if _same_bytes(
            old.address + top * old.stride,
            new.address + top * new.stride,
            min(_ROWS, height - top) * old.stride,
        )
    ]
    return (changed[0], min(changed[-1] + _ROWS, height)) if changed else (0, 0)
