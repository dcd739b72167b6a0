"""The seal's appearance: one form XObject, shown wherever the seal is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.images import pil_image
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

FINEST = 300
"""Dots per inch beyond which a printed seal gains nothing; larger artwork is reduced to it."""


@dataclass(frozen=True)
class SealForm:
    """A form XObject that shows a seal: its extent in points, origin at its bottom left."""

    reference: generic.IndirectObject
    width: float
    height: float
    notes: tuple[str, ...] = ()


def shared_form(
    writer: IncrementalPdfFileWriter,
    artwork: Path,
    width: float,
    height: float,
    *,
    opaque: bool = False,
    calibrated: bool = False,
) -> SealForm:
    """Add the one form XObject of a seal."""
    finest = max(1, round(width / 72 * FINEST))
    image = pil_image(_fitted(artwork, finest), writer)
    form = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): numbers(0, 0, width, height),
            pdf_name("/Resources"): generic.DictionaryObject(
                {
                    pdf_name("/XObject"): generic.DictionaryObject({pdf_name("/Seal"): image}),
                }
            ),
        },
        stream_data=b"q %.4f 0 0 %.4f 0 0 cm /Seal Do Q" % (width, height),
    )
    return SealForm(writer.add_object(form), width, height)


@lru_cache(maxsize=16)
def _fitted(artwork: Path, most: int) -> Image.Image:
    with Image.open(artwork) as opened:
        plain = opened.mode in ("RGB", "RGBA", "L", "LA")
        picture = opened.copy() if plain else opened.convert("RGBA")
    if picture.width <= most:
        return picture
    height = max(1, round(picture.height * most / picture.width))
    return picture.resize((most, height), Image.Resampling.LANCZOS)


def numbers(*values: float) -> generic.ArrayObject:
    """Return numbers as PDF writes them."""
    return generic.ArrayObject([generic.FloatObject(f"{value:.4f}") for value in values])
