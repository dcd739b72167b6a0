"""Draw a demonstration seal: a round company seal, red on transparent."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_SIZE = 1200
"""Pixels of the finished picture, which is square."""
_SCALE = 2
"""It is drawn so much larger, then reduced, for smooth edges."""
_RED = (200, 22, 30, 235)
_RIM = 30
_TALLER = 1.2
_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_BOLD = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf")


def draw_company_seal(path: Path, name: str = "SEALGATE DEMO CO., LTD.") -> None:
    """Draw the seal to a PNG; the name runs along the upper arc, a star stands in the middle."""
    side = _SIZE * _SCALE
    picture = Image.new("RGBA", (side, side), (*_RED[:3], 0))
    pen = ImageDraw.Draw(picture)
    edge = 8 * _SCALE
    pen.ellipse((edge, edge, side - edge, side - edge), outline=_RED, width=_RIM * _SCALE)
    _star(pen, side / 2, side / 2 - 10 * _SCALE, 0.2 * side)
    _arc_text(picture, name, radius=0.385 * side, size=104 * _SCALE, span=262)
    _line(pen, "SANDBOX", side / 2, side * 0.79, 92 * _SCALE)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.resize((_SIZE, _SIZE), Image.Resampling.LANCZOS).save(path, optimize=True)


def _font(size: float) -> _Font:
    """Return DejaVu where Debian has it, else the font that Pillow brings."""
    if _BOLD.is_file():
        return ImageFont.truetype(str(_BOLD), round(size))
    return ImageFont.load_default(size)


def _star(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    """Draw a five-pointed star with one point up."""
    inner = radius * math.sin(math.radians(18)) / math.sin(math.radians(54))
    points = []
    for turn in range(10):
        angle = math.radians(36 * turn - 90)
        reach = radius if turn % 2 == 0 else inner
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    pen.polygon(points, fill=_RED)


def _arc_text(picture: Image.Image, text: str, radius: float, size: float, span: float) -> None:
    """Write along the upper arc, each letter upright to the centre, spaced by its own width.

    `span` is the most degrees the text may take; a longer one is drawn with a smaller font.
    """
    font = _font(size)
    gap = 0.10 * size
    widths = [font.getlength(letter) + gap for letter in text]
    degrees = math.degrees(sum(widths) / radius)
    if degrees > span:
        _arc_text(picture, text, radius, size * span / degrees * 0.99, span)
        return
    angle = -degrees / 2
    middle = picture.width / 2
    for letter, width in zip(text, widths, strict=True):
        turn = angle + math.degrees(width / radius) / 2
        angle += math.degrees(width / radius)
        side = round(size * 2)
        tile = _letter(letter, font, side).rotate(-turn, Image.Resampling.BICUBIC)
        x = middle + radius * math.sin(math.radians(turn)) - side / 2
        y = middle - radius * math.cos(math.radians(turn)) - side / 2
        picture.alpha_composite(tile, (round(x), round(y)))


def _letter(letter: str, font: _Font, side: int) -> Image.Image:
    """Draw one letter, taller than the font has it, as seals do; full stops stay on the line."""
    tall = round(side * _TALLER)
    tile = Image.new("RGBA", (side, side), (*_RED[:3], 0))
    base = (side / 2, side / 2 + _capital(font) / 2)
    ImageDraw.Draw(tile).text(base, letter, _RED, font, anchor="ms")
    top = (tall - side) // 2
    return tile.resize((side, tall), Image.Resampling.BICUBIC).crop((0, top, side, top + side))


def _capital(font: _Font) -> float:
    """Return the height of capital letters."""
    return -font.getbbox("H", anchor="ls")[1]


def _line(pen: ImageDraw.ImageDraw, text: str, x: float, y: float, size: float) -> None:
    font = _font(size)
    pen.text((x, y + _capital(font) / 2), text, _RED, font, anchor="ms")
