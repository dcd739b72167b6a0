"""Personal name seals: Chinese names in columns, other names in lines."""

from __future__ import annotations

from gateway.core.drawing import Colour
from gateway.seals.canvas import Canvas
from gateway.seals.colours import INKS, colour
from gateway.seals.design_models import NameDesign
from gateway.seals.lines import Paragraph, set_block
from gateway.seals.paths import rectangle
from gateway.seals.studio import Studio, no_room
from gateway.seals.typefaces import Letter

Box = tuple[float, float, float, float]

_TALLEST, _WIDEST = 1.9, 1.45
"""How far a character is stretched to fill its cell: tall ones look older than wide ones."""
_BETWEEN = 0.055
"""White between characters, by the room's shorter side."""


def draw_name(design: NameDesign, canvas: Canvas, studio: Studio) -> None:
    """Draw a name seal on a canvas of its size."""
    across, up, line = canvas.width / 2, canvas.height / 2, design.border
    corner = min(design.corner, across, up)
    ink = studio.ink
    if design.ground == "red":
        canvas.fill(rectangle(-across, -up, across, up, corner), ink)
        ink = colour(INKS["white"])
    else:
        inner = max(corner - line / 2, 0.0)
        middle = (-across + line / 2, -up + line / 2, across - line / 2, up - line / 2)
        canvas.stroke(rectangle(*middle, inner), line, ink)
    inset = line + 0.055 * min(canvas.width, canvas.height)
    room = (-across + inset, -up + inset, across - inset, up - inset)
    if room[2] - room[0] < 3 or room[3] - room[1] < 3:
        raise no_room("the name inside its border")
    letters = studio.letters(design.text, design.font)
    letters = tuple(letter for letter in letters if not letter.character.isspace()) or letters
    if all(letter.wide for letter in letters) and 1 < len(letters) <= 8:
        _draw_columns(design, canvas, letters, room, ink)
    elif len(letters) == 1:
        _draw_filling(canvas, letters[0], room, ink)
    else:
        _draw_words(design, canvas, studio, room, ink)


def _draw_columns(
    design: NameDesign, canvas: Canvas, letters: tuple[Letter, ...], room: Box, ink: Colour
) -> None:
    for letter, cell in zip(letters, cells(len(letters), room, design.order), strict=True):
        _draw_filling(canvas, letter, cell, ink)


def cells(count: int, room: Box, order: str) -> list[Box]:
    """Return the cell of each character, in reading order.

    A tall room has one column, a wide one a column for each character, others two: of three
    characters, the first has one of its own, as a family name has.
    """
    left, bottom, right, top = room
    width, height = right - left, top - bottom
    if order == "rows":
        split = _split(count, height, width)
        turned = _grid(split, (0.0, 0.0, height, width))
        return [(left + b, top - r, left + t, top - x) for x, b, r, t in turned]
    split = _split(count, width, height)
    columns = _grid(split, (0.0, 0.0, width, height))
    if order == "columns-from-right":
        columns = [(width - r, b, width - x, t) for x, b, r, t in columns]
    return [(left + x, top - t, left + r, top - b) for x, b, r, t in columns]


def _split(count: int, along: float, across: float) -> list[int]:
    """Return how many characters each column has."""
    if across >= 1.6 * along:
        return [count]
    if along >= 1.6 * across:
        return [1] * count if count <= 4 else [2] * (count // 2) + [1] * (count % 2)
    first = count // 2
    return [first, count - first]


def _grid(split: list[int], room: Box) -> list[Box]:
    """Return cells column by column, measured from the corner where reading begins."""
    _, _, width, height = room
    white = _BETWEEN * min(width, height)
    wide = (width - white * (len(split) - 1)) / len(split)
    found = []
    for column, count in enumerate(split):
        tall = (height - white * (count - 1)) / count
        x = column * (wide + white)
        for row in range(count):
            y = row * (tall + white)
            found.append((x, y, x + wide, y + tall))
    return found


def _draw_filling(canvas: Canvas, letter: Letter, cell: Box, ink: Colour) -> None:
    """Draw a character so that its ink fills the cell, but not stretched out of shape."""
    box = letter.bounds
    if box is None:
        return
    # Flat characters, such as 一, keep the shape that they have among others.
    low, high = min(box[1], 0.0), max(box[3], 0.72)
    left, right = min(box[0], 0.08), max(box[2], letter.advance - 0.08)
    wide = (cell[2] - cell[0]) / (right - left)
    tall = (cell[3] - cell[1]) / (high - low)
    wide, tall = min(wide, tall * _WIDEST), min(tall, wide * _TALLEST)
    x = (cell[0] + cell[2]) / 2 - wide * (left + right) / 2
    y = (cell[1] + cell[3]) / 2 - tall * (low + high) / 2
    canvas.letter(letter, (wide, 0.0, 0.0, tall, x, y), ink)


def _draw_words(design: NameDesign, canvas: Canvas, studio: Studio, room: Box, ink: Colour) -> None:
    """Draw a name in lines, broken at its blanks, as large as fits."""
    paragraph = Paragraph(studio.letters(design.text, design.font))
    left, bottom, right, top = room
    block = set_block((paragraph,), (right - left) * 0.94, (top - bottom) * 0.94, top - bottom)
    start = (top + bottom + block.height) / 2
    for row in block.rows:
        row.line.draw(canvas, (left + right) / 2, start - row.below, ink, "centre")
