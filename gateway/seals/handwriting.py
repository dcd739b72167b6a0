"""Signatures by hand: strokes or a picture, a line below, print below that."""

from __future__ import annotations

import base64
import struct

from gateway.core.errors import DocumentFault
from gateway.seals.block_seal import draw_rows
from gateway.seals.canvas import Canvas
from gateway.seals.colours import colour
from gateway.seals.design_models import HandwritingDesign
from gateway.seals.frames import after, moved, stretched
from gateway.seals.lines import DEPTH, Block, set_block
from gateway.seals.paths import from_svg, merged, straight
from gateway.seals.studio import Studio, no_room

Box = tuple[float, float, float, float]

_PRINT = 3.0
"""Millimetres of the type below the line at most."""
_ABOVE_PRINT = 1.1
_ABOUT_LINE = 0.3
_SHARE = 0.45
"""How much of the height the print may take."""
_MOST_PIXELS = 25_000_000


def draw_handwriting(design: HandwritingDesign, canvas: Canvas, studio: Studio) -> None:
    """Draw a signature by hand on a canvas of its size."""
    across, up = canvas.width / 2, canvas.height / 2
    paper = colour(design.print_colour)
    foot = -up
    if design.lines:
        block = _print(design, canvas, studio)
        depth = block.rows[-1].line.em * DEPTH
        box = (-across + 0.3, -up + depth, across - 0.3, -up + depth + block.height)
        foot += block.height + depth + _ABOVE_PRINT
        colours = [colour(part.colour) if part.colour else paper for part in design.lines]
        draw_rows(canvas, block, box, "centre", colours)
    if design.line is not None:
        y = foot + design.line / 2
        canvas.stroke(
            straight((-across + _ABOUT_LINE, y), (across - _ABOUT_LINE, y)), design.line, paper
        )
        foot += design.line
    # The strokes may come down to the line, and go a little over it, as hands do.
    room = (-across * 0.92, foot + 0.4, across * 0.92, up)
    if room[3] - room[1] < 3:
        raise no_room("the signature")
    if design.picture is not None:
        _paste(base64.b64decode(design.picture), canvas, room)
    else:
        _draw_strokes(design, canvas, studio, room)


def _print(design: HandwritingDesign, canvas: Canvas, studio: Studio) -> Block:
    paragraphs = tuple(studio.paragraph(part) for part in design.lines)
    return set_block(paragraphs, canvas.width - 0.6, canvas.height * _SHARE, _PRINT)


def _draw_strokes(design: HandwritingDesign, canvas: Canvas, studio: Studio, room: Box) -> None:
    whole = merged(tuple(from_svg(data) for data in design.strokes))
    left, bottom, right, top = whole.box
    pen = 0.0 if design.filled else design.pen
    across, up = room[2] - room[0] - pen, room[3] - room[1] - pen
    scale = min(across / max(right - left, 1e-6), up / max(top - bottom, 1e-6))
    matrix = after(moved(-(left + right) / 2, -(bottom + top) / 2), stretched(scale, scale))
    middle = moved((room[0] + room[2]) / 2, (room[1] + room[3]) / 2)
    drawn = whole.under(after(matrix, middle))
    if design.filled:
        canvas.fill(drawn, studio.ink)
    else:
        canvas.stroke(drawn, design.pen, studio.ink, round_ends=True)


def _paste(png: bytes, canvas: Canvas, room: Box) -> None:
    """Place a picture; its extent stands in its first chunk (ISO/IEC 15948, 11.2.1).

    It is not decoded here: that is done where documents are parsed, under limits.
    """
    width, height = struct.unpack(">II", png[16:24])
    if png[12:16] != b"IHDR" or not 0 < width * height <= _MOST_PIXELS:
        raise DocumentFault("seal.design-invalid", "picture: no PNG of a usable size")
    scale = min((room[2] - room[0]) / width, (room[3] - room[1]) / height)
    across, up = width * scale, height * scale
    x, y = (room[0] + room[2] - across) / 2, (room[1] + room[3] - up) / 2
    canvas.picture(png, (x, y, across, up))
