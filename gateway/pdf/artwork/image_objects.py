"""Raster pictures as image XObjects: colours, and a soft mask where they have any alpha."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass

from PIL import Image, ImageStat
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from gateway.pdf.objects import compressed, stored

_QUALITY = 92
"""Of photographs that had to be changed; beyond it the eye sees no gain."""


@dataclass(frozen=True)
class DeflatedPicture:
    """A grey or coloured picture, deflated once for all documents that show it."""

    size: tuple[int, int]
    space: str
    samples: bytes
    alpha: bytes
    """Empty for a picture without."""

    @classmethod
    def of(cls, picture: Image.Image) -> DeflatedPicture:
        """Deflate a picture of mode L, LA, RGB or RGBA."""
        bands = picture.split()
        alpha = bands[-1].tobytes() if len(bands) in (2, 4) else b""
        plain = picture.convert("L" if len(bands) < 3 else "RGB")
        return cls(
            picture.size,
            "/DeviceGray" if plain.mode == "L" else "/DeviceRGB",
            zlib.compress(plain.tobytes()),
            zlib.compress(alpha) if alpha else b"",
        )

    def add(self, writer: BasePdfFileWriter) -> generic.IndirectObject:
        """Add the picture to a document, with its alpha as /SMask."""
        entries = _sized(self.size, self.space)
        if self.alpha:
            mask = stored(_sized(self.size, "/DeviceGray"), self.alpha)
            entries["/SMask"] = writer.add_object(mask)
        return writer.add_object(stored(entries, self.samples))


def add_picture(writer: BasePdfFileWriter, picture: Image.Image) -> generic.IndirectObject:
    """Add an RGB or RGBA picture, deflated; /SMask only when its alpha varies or is not full."""
    entries = {**_sized(picture.size, "/DeviceRGB"), **_soft_mask(writer, picture)}
    return writer.add_object(compressed(entries, settled(picture).convert("RGB").tobytes()))


def add_photograph(writer: BasePdfFileWriter, picture: Image.Image) -> generic.IndirectObject:
    """Add an RGB or RGBA picture that came as JPEG, its colours as JPEG again, its alpha exactly.

    Deflated, the grain of scanned ink would cost every sealed document a megabyte.
    """
    out = io.BytesIO()
    settled(picture).convert("RGB").save(out, "JPEG", quality=_QUALITY, subsampling=0)
    masks = _soft_mask(writer, picture)
    return _jpeg(writer, out.getvalue(), {**_sized(picture.size, "/DeviceRGB"), **masks})


def add_jpeg(
    writer: BasePdfFileWriter, data: bytes, size: tuple[int, int], bands: int
) -> generic.IndirectObject:
    """Add a JPEG of one or three components as it is (ISO 32000-2, 7.4.8)."""
    return _jpeg(writer, data, _sized(size, "/DeviceRGB" if bands == 3 else "/DeviceGray"))


def _jpeg(
    writer: BasePdfFileWriter, data: bytes, entries: dict[str, generic.PdfObject]
) -> generic.IndirectObject:
    entries["/Filter"] = pdf_name("/DCTDecode")
    named = {pdf_name(key): value for key, value in entries.items()}
    return writer.add_object(generic.StreamObject(named, encoded_data=data))


def _soft_mask(writer: BasePdfFileWriter, picture: Image.Image) -> dict[str, generic.PdfObject]:
    if picture.mode != "RGBA":
        return {}
    alpha = picture.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return {}
    mask = compressed(_sized(picture.size, "/DeviceGray"), alpha.tobytes())
    return {"/SMask": writer.add_object(mask)}


def settled(picture: Image.Image) -> Image.Image:
    """Return a picture whose clear pixels have the colour of the ink.

    Viewers smooth colours and mask apart: what clear pixels hide would shine at the edges.
    """
    if picture.mode != "RGBA":
        return picture
    alpha = picture.getchannel("A")
    seen = alpha.point(lambda value: 255 if value > 127 else 0)
    if seen.getbbox() is None:
        seen = alpha.point(lambda value: 255 if value else 0)
    colours = picture.convert("RGB")
    if seen.getbbox() is None:
        return picture
    ink = tuple(round(part) for part in ImageStat.Stat(colours, seen).mean)
    clear = alpha.point(lambda value: 0 if value else 255)
    colours.paste(ink, (0, 0), clear)
    colours.putalpha(alpha)
    return colours


def _sized(size: tuple[int, int], space: str) -> dict[str, generic.PdfObject]:
    return {
        "/Type": pdf_name("/XObject"),
        "/Subtype": pdf_name("/Image"),
        "/Width": generic.NumberObject(size[0]),
        "/Height": generic.NumberObject(size[1]),
        "/ColorSpace": pdf_name(space),
        "/BitsPerComponent": generic.NumberObject(8),
    }
