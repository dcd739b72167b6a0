"""A new one-page PDF of a seal: always the same bytes for the same content.

The page is as large as the seal. Opacity, blending and turn are put around the content here, so
that every kind of artwork gets them alike, and a page that needs no transparency has none.
"""

from __future__ import annotations

import hashlib
import io
import math
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from gateway.core.drawing import UPRIGHT, Matrix
from gateway.pdf.objects import compressed, dictionary, group_form, numbers, real, rectangle

_IDENTIFIER = 16


@dataclass(frozen=True)
class Finish:
    """How a whole seal is put on paper."""

    opacity: float = 1.0
    multiply: bool = False
    turn: float = 0.0
    """Degrees, counter-clockwise."""

    @property
    def transparent(self) -> bool:
        """Tell whether what is below shines through."""
        return self.opacity < 1.0 or self.multiply


class PageWriter(PdfFileWriter):
    """A new file without dates, information dictionary or chance."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.identify(bytes(_IDENTIFIER))

    def identify(self, identifier: bytes) -> None:
        """Set both halves of the file's /ID (ISO 32000-2, 14.4)."""
        twice = [generic.ByteStringObject(identifier) for _ in "12"]
        self._document_id = generic.ArrayObject(twice)

    def _update_meta(self) -> None:
        """Write no date: the same seal is the same file."""


def write_page(
    writer: PageWriter,
    content: bytes,
    resources: generic.DictionaryObject,
    extent: tuple[float, float],
    finish: Finish,
) -> tuple[bytes, tuple[float, float]]:
    """Return the file of one page with this content, and its extent in points after the turn.

    `resources` belong to `content`, whose frame has its origin at the bottom left.
    """
    matrix, turned = turning(extent, finish.turn)
    if finish.transparent:
        group = writer.add_object(group_form(content, resources, (0.0, 0.0, *extent)))
        state = dictionary(Type=pdf_name("/ExtGState"))
        if finish.opacity < 1.0:
            opacity = real(max(0.0, finish.opacity))
            state.update({pdf_name("/ca"): opacity, pdf_name("/CA"): opacity})
        if finish.multiply:
            state[pdf_name("/BM")] = pdf_name("/Multiply")
        content = b"/Finish gs /Seal Do"
        resources = dictionary(
            ExtGState=dictionary(Finish=writer.add_object(state)),
            XObject=dictionary(Seal=group),
        )
    if matrix != UPRIGHT:
        content = b"q %s cm\n%s\nQ" % (numbers(*matrix), content)
    stream = compressed({}, content)
    page = _page(writer.add_object(stream), turned, resources)
    writer.insert_page(page)  # type: ignore[no-untyped-call]
    return _bytes(writer), turned


def turning(extent: tuple[float, float], degrees: float) -> tuple[Matrix, tuple[float, float]]:
    """Return the matrix that turns a box into the upright box around it, and that one's extent."""
    if degrees % 360 == 0:
        return UPRIGHT, extent
    cosine = round(math.cos(math.radians(degrees)), 12)
    sine = round(math.sin(math.radians(degrees)), 12)
    width, height = extent
    across = abs(width * cosine) + abs(height * sine)
    down = abs(width * sine) + abs(height * cosine)
    right = across / 2 - (cosine * width - sine * height) / 2
    up = down / 2 - (sine * width + cosine * height) / 2
    return (cosine, sine, -sine, cosine, right, up), (across, down)


def _page(
    content: generic.IndirectObject,
    extent: tuple[float, float],
    resources: generic.DictionaryObject,
) -> PageObject:
    page = PageObject(content, (0, 0, 1, 1), resources)
    page[pdf_name("/MediaBox")] = rectangle(0, 0, *extent)
    return page


def _bytes(writer: PageWriter) -> bytes:
    """Write the file under an identifier that follows from its own bytes."""
    nameless = io.BytesIO()
    writer.write(nameless)  # type: ignore[no-untyped-call]
    writer.identify(hashlib.sha256(nameless.getvalue()).digest()[:_IDENTIFIER])
    named = io.BytesIO()
    writer.write(named)  # type: ignore[no-untyped-call]
    return named.getvalue()
