"""The seal's appearance: one image XObject in one form XObject, upright on any page."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.images import pil_image
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from gateway.core.geometry import UserSpacePlace

FINEST = 300
"""Dots per inch beyond which a printed seal gains nothing; larger artwork is reduced to it."""


def seal_form(
    writer: IncrementalPdfFileWriter,
    artwork: Path,
    place: UserSpacePlace,
    unit: float,
    ratio: float,
) -> generic.IndirectObject:
    """Add the form XObject that shows `artwork` in `place`, as large as fits and centred.

    `unit` is the page's UserUnit; `ratio` the seal's width by its height.
    """
    width, height = place.form_width, place.form_height
    across, down = min(width, height * ratio), min(height, width / ratio)
    finest = max(1, round(across * unit / 72 * FINEST))
    image = pil_image(_fitted(artwork, finest), writer)
    shown = (across, down, (width - across) / 2, (height - down) / 2)
    form = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): _numbers(0, 0, width, height),
            pdf_name("/Matrix"): _numbers(*place.matrix),
            pdf_name("/Resources"): generic.DictionaryObject(
                {
                    pdf_name("/XObject"): generic.DictionaryObject({pdf_name("/Seal"): image}),
                }
            ),
        },
        stream_data=b"q %.4f 0 0 %.4f %.4f %.4f cm /Seal Do Q" % shown,
    )
    return writer.add_object(form)


@lru_cache(maxsize=16)
def _fitted(artwork: Path, most: int) -> Image.Image:
    """Return the artwork at most `most` pixels wide; its file is named by its hash, so it stays."""
    with Image.open(artwork) as opened:
        plain = opened.mode in ("RGB", "RGBA", "L", "LA")
        picture = opened.copy() if plain else opened.convert("RGBA")
    if picture.width <= most:
        return picture
    height = max(1, round(picture.height * most / picture.width))
    return picture.resize((most, height), Image.Resampling.LANCZOS)


def _numbers(*values: float) -> generic.ArrayObject:
    return generic.ArrayObject([generic.FloatObject(f"{value:.4f}") for value in values])
