"""The seal's appearance: one form XObject that shows its artwork, whatever kind that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.core.registry import ArtworkKind
from gateway.pdf.artwork.copying import ObjectCopier
from gateway.pdf.artwork.image_objects import DeflatedPicture
from gateway.pdf.artwork.page_of_pdf import page_content, page_resources
from gateway.pdf.artwork.plain_forms import SOFT_EDGES, FormChange
from gateway.pdf.artwork.stencils import on_white, stencil
from gateway.pdf.document import Pages
from gateway.pdf.faults import reading
from gateway.pdf.given import open_given
from gateway.pdf.objects import dictionary, form_object, numbers

FINEST = 300
"""Dots per inch beyond which a printed seal gains nothing; larger artwork is reduced to it."""


@dataclass(frozen=True)
class SealForm:
    """A seal's form XObject in a document: its /BBox is [0 0 width height], its matrix upright."""

    reference: generic.IndirectObject
    width: float
    """Points, as printed."""
    height: float
    notes: tuple[str, ...] = ()
    """What was simplified because the document must be opaque, in words."""


def turned(
    matrix: tuple[float, float, float, float, float, float], form: SealForm, rotation: float
) -> tuple[float, float, float, float, float, float]:
    """Return the matrix that turns a form about its centre, then does what `matrix` does.

    Clockwise by degrees where `matrix` leaves the form upright. As seals are never stretched, the
    turn may come first (ISO 32000-2, 8.3.3: rotation is [cos sin -sin cos 0 0], anticlockwise).
    """
    if rotation == 0:
        return matrix
    cosine, sine = math.cos(math.radians(rotation)), math.sin(math.radians(rotation))
    x, y = form.width / 2, form.height / 2
    e, f = x - x * cosine - y * sine, y + x * sine - y * cosine
    a, b, c, d, right, up = matrix
    return (
        cosine * a - sine * c,
        cosine * b - sine * d,
        sine * a + cosine * c,
        sine * b + cosine * d,
        e * a + f * c + right,
        e * b + f * d + up,
    )


def shared_form(
    writer: IncrementalPdfFileWriter,
    artwork: Path,
    width: float,
    height: float,
    *,
    opaque: bool = False,
    calibrated: bool = False,
) -> SealForm:
    """Add the one form XObject that every place of a seal in a document refers to.

    `width` and `height` in points are those of a picture's form; a page's are its own. With
    `opaque` nothing in it is transparent (PDF/A-1); with `calibrated` its device colours are
    sRGB, whatever the document's output intent. Raises `DocumentFault`
    (`seal.artwork-unreadable`, `seal.artwork-unsupported`).
    """
    change = FormChange(opaque=opaque, calibrated=calibrated)
    with reading("seal.artwork-unreadable"):
        if artwork.suffix == f".{ArtworkKind.PDF}":
            return _form_of_page(writer, artwork, change)
        return _form_of_picture(writer, artwork, (width, height), change)


def _form_of_page(writer: IncrementalPdfFileWriter, artwork: Path, change: FormChange) -> SealForm:
    with open_given(artwork) as stream:
        reader = PdfFileReader(stream, strict=False)
        pages = Pages(reader)
        page, frame = pages.dictionaries[0], pages.frames[0]
        form = _form((frame.width, frame.height), page_resources(page), page_content(page))
        copied = ObjectCopier(writer, change).copy(form)
    return SealForm(writer.add_object(copied), frame.width, frame.height, change.notes)


def _form_of_picture(
    writer: IncrementalPdfFileWriter,
    artwork: Path,
    extent: tuple[float, float],
    change: FormChange,
) -> SealForm:
    most = max(1, round(extent[0] / 72 * FINEST))
    image = _deflated(artwork, most, opaque=change.opaque).add(writer)
    alpha = _alpha(artwork, most) if change.opaque else None
    if alpha is not None:
        image.get_object()[pdf_name("/Mask")] = writer.add_object(stencil(alpha))
        change.note(SOFT_EDGES)
    paint = b"q %s cm /Seal Do Q" % numbers(extent[0], 0, 0, extent[1], 0, 0)
    form = change(_form(extent, dictionary(XObject=dictionary(Seal=image)), paint))
    return SealForm(writer.add_object(form), *extent, change.notes)


def _form(
    extent: tuple[float, float], resources: generic.DictionaryObject, content: bytes
) -> generic.StreamObject:
    return form_object(content, resources, (0.0, 0.0, *extent))


@lru_cache(maxsize=16)
def _deflated(artwork: Path, most: int, *, opaque: bool) -> DeflatedPicture:
    """Return the artwork ready for documents; `opaque` as it looks on white paper."""
    picture = _fitted(artwork, most)
    alpha = _alpha(artwork, most) if opaque else None
    return DeflatedPicture.of(picture if alpha is None else on_white(picture.convert("RGB"), alpha))


def _alpha(artwork: Path, most: int) -> Image.Image | None:
    picture = _fitted(artwork, most)
    return picture.getchannel("A") if picture.mode in ("RGBA", "LA") else None


@lru_cache(maxsize=16)
def _fitted(artwork: Path, most: int) -> Image.Image:
    """Return the artwork at most `most` pixels wide; its file is named by its hash, so it stays."""
    with open_given(artwork) as stream, Image.open(stream) as opened:
        plain = opened.mode in ("RGB", "RGBA", "L", "LA")
        picture = opened.copy() if plain else opened.convert("RGBA")
    if picture.width <= most:
        return picture
    height = max(1, round(picture.height * most / picture.width))
    return picture.resize((most, height), Image.Resampling.LANCZOS)
