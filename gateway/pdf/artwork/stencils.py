"""Pictures without transparency, for documents that may have none (PDF/A-1).

A soft mask becomes a stencil of one bit (ISO 32000-2, 8.9.6.3): what is half covered or more is
painted, in the colour that it has on white paper.
"""

from __future__ import annotations

import io

from PIL import Image, ImageChops
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from gateway.pdf.artwork.copying import filter_names
from gateway.pdf.document import entry_of
from gateway.pdf.objects import compressed

_HALF = 128
_SPACES = {"/DeviceRGB": "RGB", "/CalRGB": "RGB", "/DeviceGray": "L", "/CalGray": "L"}
_BANDS = {3: "RGB", 1: "L"}


def without_soft_mask(image: generic.StreamObject) -> generic.StreamObject | None:
    """Return an image XObject with a stencil in the place of its soft mask.

    None when the mask is of a kind that cannot be read here.
    """
    mask = entry_of(image, "/SMask")
    alpha = _decoded(mask) if isinstance(mask, generic.StreamObject) else None
    if alpha is None:
        return None
    alpha = alpha.convert("L")
    colours = _decoded(image)
    if colours is None:
        result = generic.StreamObject(dict(image.items()), encoded_data=image.encoded_data)
    else:
        fitted = alpha if alpha.size == colours.size else alpha.resize(colours.size)
        result = _plain(on_white(colours.convert("RGB"), fitted))
    for key in ("/SMask", "/SMaskInData"):
        result.pop(pdf_name(key), None)
    result[pdf_name("/Mask")] = stencil(alpha)
    return result


def on_white(colours: Image.Image, alpha: Image.Image) -> Image.Image:
    """Return the colours as they look on white paper; white where the stencil lets nothing by."""
    paper = Image.new("RGB", colours.size, (255, 255, 255))
    painted = alpha.point(lambda value: value if value >= _HALF else 0)
    return Image.composite(colours, paper, painted)


def stencil(alpha: Image.Image) -> generic.StreamObject:
    """Return the explicit mask of an alpha: bits are set where nothing is painted."""
    bits = ImageChops.invert(alpha).point(lambda value: 255 if value >= _HALF else 0, "1")
    mask = compressed(
        {
            "/Type": pdf_name("/XObject"),
            "/Subtype": pdf_name("/Image"),
            "/ImageMask": generic.BooleanObject(True),
            "/Width": generic.NumberObject(alpha.width),
            "/Height": generic.NumberObject(alpha.height),
            "/BitsPerComponent": generic.NumberObject(1),
        },
        bits.tobytes(),
    )
    return mask


def _plain(picture: Image.Image) -> generic.StreamObject:
    return compressed(
        {
            "/Type": pdf_name("/XObject"),
            "/Subtype": pdf_name("/Image"),
            "/Width": generic.NumberObject(picture.width),
            "/Height": generic.NumberObject(picture.height),
            "/ColorSpace": pdf_name("/DeviceRGB"),
            "/BitsPerComponent": generic.NumberObject(8),
        },
        picture.tobytes(),
    )


def _decoded(image: generic.StreamObject) -> Image.Image | None:
    """Return an image's samples; None for kinds beyond grey, RGB and JPEG of 8 bits."""
    if entry_of(image, "/Decode") is not None or entry_of(image, "/ImageMask"):
        return None
    width, height = entry_of(image, "/Width"), entry_of(image, "/Height")
    if not isinstance(width, int) or not isinstance(height, int):
        return None
    if filter_names(image) == ("/DCTDecode",):
        with Image.open(io.BytesIO(image.encoded_data), formats=("JPEG",)) as opened:
            return opened.convert("RGB") if opened.mode in ("RGB", "L") else None
    mode = _mode(entry_of(image, "/ColorSpace"))
    if mode is None or entry_of(image, "/BitsPerComponent") != 8:
        return None
    try:
        samples = image.data
    except NotImplementedError:
        return None
    return Image.frombytes(mode, (width, height), samples)


def _mode(space: object) -> str | None:
    if isinstance(space, generic.ArrayObject) and len(space):
        if space[0] == "/ICCBased" and isinstance(space[1], generic.DictionaryObject):
            bands = entry_of(space[1], "/N")
            return _BANDS.get(bands) if isinstance(bands, int) else None
        return _SPACES.get(str(space[0]))
    return _SPACES.get(str(space))
