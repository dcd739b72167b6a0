"""Pages of a printed report: words, boxes and lines, before any font or file format.

The frame of a page has its origin at the top left, x to the right, y down, in points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.core.drawing import Colour

A4 = (595.0, 842.0)
INK = Colour(0.086, 0.094, 0.114)

Ruler = Callable[[str, bool], float]
"""How wide a text is, in ems, regular or bold."""
_AFTER = frozenset(" /\\-_=,;:.&|")
"""A line may end after these."""


@dataclass(frozen=True)
class Words:
    """One line of text; `y` is its base line."""

    x: float
    y: float
    text: str
    size: float = 9.0
    bold: bool = False
    colour: Colour = INK


@dataclass(frozen=True)
class Block:
    """A filled box by its upper left corner, with round corners if wanted."""

    x: float
    y: float
    width: float
    height: float
    fill: Colour
    radius: float = 0.0


Mark = Words | Block
Page = tuple[Mark, ...]


class Sheet:
    """One page being laid out."""

    def __init__(self, ruler: Ruler) -> None:
        self.ruler = ruler
        self.marks: list[Mark] = []

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 9.0,
        *,
        bold: bool = False,
        colour: Colour = INK,
        within: float = 0.0,
    ) -> float:
        """Write one line, cut with an ellipsis to the width `within`; return where it ends."""
        if within:
            text = shortened(text, within / size, self.ruler, bold=bold)
        self.marks.append(Words(x, y, text, size, bold, colour))
        return x + self.ruler(text, bold) * size

    def right(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 9.0,
        *,
        bold: bool = False,
        colour: Colour = INK,
    ) -> None:
        """Write one line that ends at `x`."""
        start = x - self.ruler(text, bold) * size
        self.marks.append(Words(start, y, text, size, bold, colour))

    def block(
        self, x: float, y: float, width: float, height: float, fill: Colour, *, radius: float = 0.0
    ) -> None:
        """Fill a box."""
        self.marks.append(Block(x, y, width, height, fill, radius))

    def rule(self, x: float, y: float, width: float, colour: Colour, weight: float = 0.5) -> None:
        """Draw a level line."""
        self.block(x, y - weight / 2, width, weight, colour)


def shortened(text: str, ems: float, ruler: Ruler, *, bold: bool) -> str:
    """Return a text of a width at most, its end replaced by an ellipsis where it is too long."""
    if ruler(text, bold) <= ems:
        return text
    room = ems - ruler("…", bold)
    return next(_lines(text, room, ruler, bold=bold, anywhere=True), "") + "…"


def wrapped(text: str, ems: float, ruler: Ruler, most: int, *, bold: bool = False) -> list[str]:
    """Break a text into lines of a width at most; the last of `most` lines may be shortened."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most:
        if len(lines) == most - 1:
            lines.append(shortened(rest, ems, ruler, bold=bold))
            break
        line = next(_lines(rest, ems, ruler, bold=bold, anywhere=False))
        lines.append(line.rstrip())
        rest = rest[len(line) :].lstrip(" ")
    return lines


def _lines(text: str, ems: float, ruler: Ruler, *, bold: bool, anywhere: bool) -> Iterator[str]:
    """Yield the first line of a text: at least one character, whatever the width."""
    width, place = 0.0, 0
    for index, character in enumerate(text):
        width += ruler(character, bold)
        if width > ems and index:
            yield text[: place if place and not anywhere else index]
            return
        # A line that would be half empty is no better than a word that is broken.
        if width > ems / 2 and (character in _AFTER or ord(character) > 0x2E7F):
            place = index + 1
    yield text
