"""PNG and JPEG as artwork: upright, in sRGB, with its alpha, no finer than printing needs."""

from __future__ import annotations

import io
import math
import warnings

from PIL import Image, ImageCms, ImageMath, ImageOps

from gateway.core.errors import DocumentFault
from gateway.pdf.artwork.image_objects import add_jpeg, add_photograph, add_picture
from gateway.pdf.artwork.jpeg_segments import bare
from gateway.pdf.artwork.page_making import Finish, PageWriter, write_page
from gateway.pdf.artwork.paper import without_paper
from gateway.pdf.objects import dictionary, numbers

FINEST = 600
"""Dots per inch as printed; finer artwork is reduced to it."""
MOST_PIXELS = 25_000_000


def page_of_raster(
    content: bytes,
    wanted: tuple[float, float | None],
    finish: Finish,
    whiteness: str,
) -> tuple[bytes, tuple[float, float], float]:
    """Return the page of a picture, its extent in points and its dots per inch as printed.

    Raises `DocumentFault`, and whatever Pillow raises for damaged files.
    """
    opened = _opened(content)
    photograph = opened.format == "JPEG"
    plain = _plain_jpeg(opened)
    picture = _upright(opened)
    width, height = _extent(picture, wanted)
    dots = min(picture.width / width, picture.height / height) * 72
    reduced = _reduced(picture, width, height)
    if whiteness == "transparent":
        reduced = without_paper(reduced)
    writer = PageWriter()
    if not photograph:
        shown = add_picture(writer, reduced)
    elif plain and reduced.mode == "RGB" and reduced.size == opened.size:
        shown = add_jpeg(writer, bare(content), opened.size, len(opened.getbands()))
    else:
        shown = add_photograph(writer, reduced)
    paint = b"q %s cm /Picture Do Q" % numbers(width, 0, 0, height, 0, 0)
    resources = dictionary(XObject=dictionary(Picture=shown))
    data, extent = write_page(writer, paint, resources, (width, height), finish)
    return data, extent, round(dots, 1)


def _opened(content: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            picture = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
        except Image.DecompressionBombError as error:
            raise _too_many() from error
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many()
    picture.load()
    return picture


def _too_many() -> DocumentFault:
    return DocumentFault(
        "seal.artwork-unsupported", f"it has more than {MOST_PIXELS // 10**6} million pixels"
    )


def _plain_jpeg(picture: Image.Image) -> bool:
    """Tell whether a JPEG shows in a PDF as it does by itself."""
    turned = picture.getexif().get(0x0112, 1) != 1
    return picture.mode in ("RGB", "L") and not turned and "icc_profile" not in picture.info


def _upright(picture: Image.Image) -> Image.Image:
    """Return the picture as its maker sees it: RGB, or RGBA when it has an alpha."""
    profile = picture.info.get("icc_profile")
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):
        return _of_sixteen_bits(picture)
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
        whole = picture.convert("RGBA")
        colours = _in_srgb(whole.convert("RGB"), profile)
        colours.putalpha(whole.getchannel("A"))
        return colours
    if picture.mode in ("P", "1"):
        picture = picture.convert("RGB")
    return _in_srgb(picture, profile)


def _of_sixteen_bits(picture: Image.Image) -> Image.Image:
    """Return a grey picture of 16 bits in eight; one of its values may count as clear."""
    plain = picture.convert("I")
    grey = plain.point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    clear = picture.info.get("transparency")
    if isinstance(clear, int):
        alpha = ImageMath.lambda_eval(
            lambda terms: terms["convert"](
                terms["min"](terms["abs"](terms["grey"] - clear), 1) * 255, "L"
            ),
            grey=plain,
        )
        grey.putalpha(alpha)
    return grey


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the colours in sRGB; a profile that does not fit its picture is left aside."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return picture.convert("RGB")
        return converted if converted is not None else picture.convert("RGB")
    return picture.convert("RGB")


def _extent(picture: Image.Image, wanted: tuple[float, float | None]) -> tuple[float, float]:
    width, height = wanted
    return width, height if height is not None else width * picture.height / picture.width


def _reduced(picture: Image.Image, width: float, height: float) -> Image.Image:
    """Return the picture no finer than is printed; Pillow weighs colours by their alpha."""
    across = min(picture.width, math.ceil(width / 72 * FINEST))
    down = min(picture.height, math.ceil(height / 72 * FINEST))
    if (across, down) == picture.size:
        return picture
    return picture.resize((across, down), Image.Resampling.LANCZOS)
