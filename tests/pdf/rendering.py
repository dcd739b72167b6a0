"""Pages drawn by two renderers that share no code, and what differs between two drawings."""

from __future__ import annotations

import math
import subprocess
from functools import partial
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image, ImageChops, ImageDraw

from gateway.core.geometry import Box, PageFrame

RENDERERS = ("pdfium", "poppler")
_QUADRANTS = ((220, 20, 20), (20, 160, 20), (20, 20, 220), (230, 190, 0))
"""Top left, top right, bottom left, bottom right."""


def draw(renderer: str, path: Path, page: int, dots: int) -> Image.Image:
    """Draw a page, index from 0, at so many dots an inch of its own units."""
    draws = {
        "pdfium": partial(_pdfium, path, page, dots),
        "poppler": partial(_poppler, path, page, dots),
    }
    return draws[renderer]()


def _pdfium(path: Path, page: int, dots: int) -> Image.Image:
    document = pdfium.PdfDocument(path)
    try:
        document.init_forms()
        bitmap = document[page].render(scale=dots / 72, may_draw_forms=True)
        picture: Image.Image = bitmap.to_pil().convert("RGB").copy()
        return picture
    finally:
        document.close()


def _poppler(path: Path, page: int, dots: int) -> Image.Image:
    made = path.with_suffix(f".{page}.{dots}")
    number = str(page + 1)
    subprocess.run(
        ["pdftoppm", "-png", "-singlefile", "-cropbox", "-r", str(dots), "-f", number, path, made],
        check=True,
        capture_output=True,
    )
    picture = made.with_name(f"{made.name}.png")
    try:
        with Image.open(picture) as opened:
            return opened.convert("RGB").copy()
    finally:
        picture.unlink()


def difference(before: Image.Image, after: Image.Image, least: int = 24) -> Image.Image:
    """Return where two drawings differ by more than rounding, white on black."""
    changed = ImageChops.difference(before, after)
    strongest = ImageChops.lighter(
        ImageChops.lighter(changed.getchannel(0), changed.getchannel(1)), changed.getchannel(2)
    )
    return strongest.point(lambda level: 255 if level > least else 0)


def pixels(box: Box, frame: PageFrame, picture: Image.Image) -> tuple[float, ...]:
    """Return left, top, right and bottom of a displayed box on a drawing of its page."""
    across, down = picture.width / frame.width, picture.height / frame.height
    right, bottom = box.x + box.width, box.y + box.height
    return box.x * across, box.y * down, right * across, bottom * down


def draw_quadrants(path: Path) -> Path:
    """Draw artwork whose four quadrants have colours of their own."""
    picture = Image.new("RGB", (400, 300))
    pen = ImageDraw.Draw(picture)
    for number, colour in enumerate(_QUADRANTS):
        left, top = 200 * (number % 2), 150 * (number // 2)
        pen.rectangle((left, top, left + 199, top + 149), fill=colour)
    picture.save(path)
    return path


def upright(picture: Image.Image, place: tuple[float, ...], rotation: float = 0.0) -> bool:
    """Tell whether each quadrant's colour is where it belongs in a place of a drawing.

    The place is that of the seal before it is turned clockwise, by degrees, about its centre.
    """
    left, top, right, bottom = place
    cosine, sine = math.cos(math.radians(rotation)), math.sin(math.radians(rotation))
    for number, colour in enumerate(_QUADRANTS):
        across = (right - left) * (-0.25 if number % 2 == 0 else 0.25)
        down = (bottom - top) * (-0.25 if number < 2 else 0.25)
        x = (left + right) / 2 + across * cosine - down * sine
        y = (top + bottom) / 2 + across * sine + down * cosine
        seen = picture.getpixel((round(x), round(y)))
        assert isinstance(seen, tuple)
        if max(abs(one - other) for one, other in zip(seen, colour, strict=True)) >= 40:
            return False
    return True
