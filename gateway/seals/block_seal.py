"""Rectangular seals: signature blocks, received stamps, lines of text."""

from __future__ import annotations

from itertools import pairwise

from gateway.core.drawing import Colour
from gateway.seals.canvas import Canvas
from gateway.seals.codes import draw_code
from gateway.seals.colours import colour
from gateway.seals.design_models import BlockDesign, BlockTextPart, BorderPart, TextDesign
from gateway.seals.lines import DEPTH, Align, Block, Paragraph, set_block
from gateway.seals.paths import rectangle, straight
from gateway.seals.studio import Studio, no_room

_TITLE = 1.3
"""Size of a title by that of the lines."""
_BELOW_TITLE = 0.3
_BELOW_RULED = 0.42
_LARGEST = 8.0
"""Millimetres that type grows to by itself."""
_BOLD = 700
_EDGE = 0.35
"""White about text without a border, in millimetres, for letters that leave their cells."""
_WITHOUT_DEPTH = 0.86
"""Of the height of text without a border; the rest is for letters that reach below their line."""


def draw_block(design: BlockDesign, canvas: Canvas, studio: Studio) -> None:
    """Draw a rectangular block on a canvas of its size."""
    width, height = canvas.width, canvas.height
    corner = design.border.corner if design.border else 0.0
    if design.background is not None:
        sheet = rectangle(-width / 2, -height / 2, width / 2, height / 2, corner)
        canvas.fill(sheet, colour(design.background))
    inset = _draw_border(design.border, canvas, studio) if design.border else 0.0
    inset += design.padding
    left, right = -width / 2 + inset, width / 2 - inset
    bottom, top = -height / 2 + inset, height / 2 - inset
    if design.code is not None:
        left, right = _draw_code(design, canvas, studio, (left, bottom, right, top))
    _draw_texts(design, canvas, studio, (left, bottom, right, top))


def _draw_border(border: BorderPart, canvas: Canvas, studio: Studio) -> float:
    """Draw the border; return how far it reaches in."""
    inset = _outline(canvas, studio, 0.0, border.line, border.corner)
    if border.second is not None:
        start = inset + border.second.gap
        corner = max(border.corner - start, 0.0)
        inset = _outline(canvas, studio, start, border.second.line, corner)
    return inset


def _outline(canvas: Canvas, studio: Studio, start: float, line: float, corner: float) -> float:
    middle = start + line / 2
    across, up = canvas.width / 2 - middle, canvas.height / 2 - middle
    corner = min(max(corner - line / 2, 0.0), across, up)
    if across <= line or up <= line:
        raise no_room("the border")
    canvas.stroke(rectangle(-across, -up, across, up, corner), line, studio.ink)
    return start + line


def _draw_code(
    design: BlockDesign, canvas: Canvas, studio: Studio, box: tuple[float, float, float, float]
) -> tuple[float, float]:
    """Draw the code at its side; return left and right of what remains."""
    left, bottom, right, top = box
    part = design.code
    if part is None:
        return left, right
    # Its own quiet zone reaches into the padding.
    outer = min(design.padding, 0.5)
    side = min(top - bottom, (right - left) / 2) + 2 * outer
    if side < 6:
        raise no_room("the code: it needs 6 mm")
    middle = (top + bottom) / 2 - side / 2
    at = left - outer if part.side == "left" else right + outer - side
    draw_code(canvas, part, studio.filling.text(part.content), (at, middle, side), studio.ink)
    white = min(design.padding, 1.5) - outer
    return (at + side + white, right) if part.side == "left" else (left, at - white)


def _draw_texts(
    design: BlockDesign, canvas: Canvas, studio: Studio, box: tuple[float, float, float, float]
) -> None:
    parts: list[BlockTextPart] = []
    paragraphs: list[Paragraph] = []
    if design.title is not None:
        title = design.title.model_copy(update={"share": design.title.share * _TITLE})
        after = _BELOW_TITLE if design.rule is None else _BELOW_RULED
        parts.append(title)
        paragraphs.append(studio.paragraph(title, weight=_BOLD, after=after))
    for part in design.lines:
        parts.append(part)
        after = 0.0 if design.rules is None else _BELOW_RULED
        paragraphs.append(studio.paragraph(part, after=after))
    left, bottom, right, top = box
    if right - left < 5 or top - bottom < 2:
        raise no_room("the text")
    block = set_block(tuple(paragraphs), right - left, top - bottom, _LARGEST)
    colours = [colour(part.colour) if part.colour else studio.ink for part in parts]
    draw_rows(canvas, block, box, design.align, colours)
    for line, y in _rules(design, block, top_of(block, box)):
        canvas.stroke(straight((left, y), (right, y)), line, studio.ink)


def draw_rows(
    canvas: Canvas,
    block: Block,
    box: tuple[float, float, float, float],
    align: Align,
    colours: list[Colour],
) -> None:
    """Draw the lines of a block, the whole in the middle of its room."""
    left, _, right, _ = box
    top = top_of(block, box)
    x = {"left": left, "centre": (left + right) / 2, "right": right}[align]
    for row in block.rows:
        row.line.draw(canvas, x, top - row.below, colours[row.paragraph], align)


def top_of(block: Block, box: tuple[float, float, float, float]) -> float:
    """Return where the block's top is when it stands in the middle of its room."""
    _, bottom, _, top = box
    return (top + bottom + block.height) / 2


def _rules(design: BlockDesign, block: Block, top: float) -> list[tuple[float, float]]:
    """Return width and height of thin lines, midway between a base line and the letters below."""
    found = []
    for upper, lower in pairwise(block.rows):
        below_title = upper.paragraph == 0 and design.title is not None
        line = design.rule if below_title else design.rules
        if line is not None and upper.paragraph != lower.paragraph:
            heads = lower.below - lower.line.height
            found.append((line, top - (upper.below + 0.12 * upper.line.em + heads) / 2))
    return found


def draw_text(design: TextDesign, canvas: Canvas, studio: Studio) -> None:
    """Draw lines of text on a canvas of their size."""
    across, up = canvas.width / 2 - _EDGE, canvas.height / 2 - _EDGE
    paragraphs = tuple(studio.paragraph(part) for part in design.lines)
    block = set_block(paragraphs, 2 * across, 2 * up * _WITHOUT_DEPTH, _LARGEST)
    depth = block.rows[-1].line.em * DEPTH
    box = (-across, -up + depth, across, up)
    colours = [colour(part.colour) if part.colour else studio.ink for part in design.lines]
    draw_rows(canvas, block, box, design.align, colours)
