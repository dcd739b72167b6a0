"""Colours as authors of designs write them: names of inks, or #rrggbb."""

from __future__ import annotations

import re

from gateway.core.drawing import Colour

INKS = {
    "seal-red": "#c8161d",
    "vermilion": "#d9381e",
    "black": "#000000",
    "ink-black": "#1a1a1a",
    "grey": "#6b6b6b",
    "light-grey": "#d0d0d0",
    "white": "#ffffff",
    "stamp-blue": "#1f3f94",
    "ink-blue": "#14346b",
    "stamp-green": "#1c6b3c",
    "stamp-violet": "#5b2a86",
}
"""Seal red is that of the inks with which Chinese company seals are printed."""

_HEX = re.compile(r"#[0-9a-f]{6}")


def plain(written: str) -> str:
    """Return a colour as #rrggbb; raises `ValueError` with a sentence."""
    found = INKS.get(written, written.lower())
    if _HEX.fullmatch(found) is None:
        raise ValueError(f"write a colour like #c8161d, or one of {', '.join(INKS)}")
    return found


def colour(hexadecimal: str) -> Colour:
    """Return the colour of #rrggbb."""
    red, green, blue = bytes.fromhex(hexadecimal[1:])
    return Colour(round(red / 255, 4), round(green / 255, 4), round(blue / 255, 4))
