"""Two-dimensional codes as one outline, without gaps between the modules."""

from __future__ import annotations

from typing import Any, Literal, cast

import zxingcpp

from gateway.core.drawing import Colour
from gateway.core.errors import DocumentFault
from gateway.seals.canvas import Canvas
from gateway.seals.design_parts import CodePart
from gateway.seals.paths import Outline, merged, polygon

_LEVELS = {"low": "L", "medium": "M", "quartile": "Q", "high": "H"}
_QUIET = {"qr": 4, "data-matrix": 2}
"""Modules of white that the symbologies want (ISO/IEC 18004, 16022 wants one)."""


def modules(
    text: str, symbology: Literal["qr", "data-matrix"], correction: str = "medium"
) -> list[list[bool]]:
    """Return the rows of a code from its top, dark modules true; no quiet zone.

    Raises `DocumentFault` (`seal.text-too-long`) when no code can hold so much.
    """
    try:
        if symbology == "qr":
            form = zxingcpp.BarcodeFormat.QRCode
            code = zxingcpp.create_barcode(text, form, ec_level=_LEVELS[correction])
        else:
            form = zxingcpp.BarcodeFormat.DataMatrix
            code = zxingcpp.create_barcode(text, form, force_square=True)
        picture = zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False)
    except (ValueError, RuntimeError, TypeError) as error:
        raise DocumentFault("seal.text-too-long", f"{text[:59]} as {symbology}") from error
    rows = cast(list[list[int]], memoryview(cast(Any, picture)).tolist())
    return [[value < 128 for value in row] for row in rows]


def outline(rows: list[list[bool]], left: float, bottom: float, side: float) -> Outline:
    """Return the dark modules as one outline over a square; to be filled even-odd.

    Each border between dark and light is walked once, so that no viewer can show hairlines
    between modules that touch.
    """
    size = side / len(rows)

    def place(spot: tuple[int, int]) -> tuple[float, float]:
        column, row = spot
        return left + column * size, bottom + (len(rows) - row) * size

    loops = [polygon(tuple(place(spot) for spot in loop)) for loop in _borders(rows)]
    return merged(tuple(loops))


_Corner = tuple[int, int]


def _borders(rows: list[list[bool]]) -> list[list[_Corner]]:
    """Return the closed borders between dark and light, corners only."""
    ways = _ways(rows)
    loops = []
    while ways:
        start = min(ways)
        loop, here, before = [start], start, start
        while True:
            ends = ways[here]
            following = _next(before, here, ends)
            ends.remove(following)
            if not ends:
                del ways[here]
            before, here = here, following
            if here == start:
                break
            loop.append(here)
        loops.append(_corners(loop))
    return loops


def _ways(rows: list[list[bool]]) -> dict[_Corner, list[_Corner]]:
    """Return where the border goes on from each corner, dark on the right hand."""
    ways: dict[_Corner, list[_Corner]] = {}

    def dark(column: int, row: int) -> bool:
        return 0 <= row < len(rows) and 0 <= column < len(rows[row]) and rows[row][column]

    for y, row in enumerate(rows):
        for x, is_dark in enumerate(row):
            if not is_dark:
                continue
            sides = (
                ((x, y), (x + 1, y), dark(x, y - 1)),
                ((x + 1, y), (x + 1, y + 1), dark(x + 1, y)),
                ((x + 1, y + 1), (x, y + 1), dark(x, y + 1)),
                ((x, y + 1), (x, y), dark(x - 1, y)),
            )
            for start, end, inner in sides:
                if not inner:
                    ways.setdefault(start, []).append(end)
    return ways


def _next(before: _Corner, here: _Corner, ends: list[_Corner]) -> _Corner:
    """Where two dark modules meet at a corner only, stay with the one that we go round."""
    if len(ends) == 1 or before == here:
        return ends[0]
    across, down = here[0] - before[0], here[1] - before[1]
    right = (here[0] - down, here[1] + across)
    return right if right in ends else ends[0]


def _corners(loop: list[_Corner]) -> list[_Corner]:
    """Return the loop without the points at which it goes straight on."""
    kept = []
    for number, here in enumerate(loop):
        before, after = loop[number - 1], loop[(number + 1) % len(loop)]
        if (before[0] == here[0]) != (here[0] == after[0]):
            kept.append(here)
    return kept


def draw_code(
    canvas: Canvas, part: CodePart, text: str, box: tuple[float, float, float], ink: Colour
) -> None:
    """Draw a code over a square (left, bottom, side), its quiet zone inside."""
    rows = modules(text, part.symbology, part.correction)
    quiet = _QUIET[part.symbology] if part.quiet is None else part.quiet
    left, bottom, side = box
    size = side / (len(rows) + 2 * quiet)
    inner = outline(rows, left + quiet * size, bottom + quiet * size, size * len(rows))
    canvas.fill(inner, ink, even_odd=True)
