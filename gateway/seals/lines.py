"""Straight text: one line that fits its room, and blocks of lines that share theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from gateway.core.drawing import Colour
from gateway.seals.canvas import Canvas
from gateway.seals.typefaces import Letter
from gateway.seals.typesetting import SMALLEST, has_wide, stature, too_long

Align = Literal["left", "centre", "right"]

_SHRINK = 0.97
_NARROWEST_LATIN, _NARROWEST_WIDE = 0.82, 0.72


@dataclass(frozen=True)
class Line:
    """One line of text that fits: its letters, and how they are stretched. Millimetres."""

    letters: tuple[Letter, ...]
    em: float
    narrowed: float
    gap: float
    """Between the cells of two letters."""

    @property
    def width(self) -> float:
        """Return the width from the first letter's ink to the last one's."""
        before, behind = self._bearings()
        gaps = self.gap * (len(self.letters) - 1)
        return sum(self._advances()) + gaps - before - behind

    @property
    def height(self) -> float:
        """Return the height of capitals or Chinese characters."""
        return self.em * stature(self.letters).height

    def draw(self, canvas: Canvas, x: float, y: float, colour: Colour, align: Align) -> None:
        """Draw the line; `x` is its left end, middle or right end, `y` its base line."""
        before, _ = self._bearings()
        share = {"left": 0.0, "centre": 0.5, "right": 1.0}[align]
        at = x - self.width * share - before
        wide = self.em * self.narrowed
        for letter, advance in zip(self.letters, self._advances(), strict=True):
            canvas.letter(letter, (wide, 0.0, 0.0, self.em, at, y), colour)
            at += advance + self.gap

    def draw_centred(self, canvas: Canvas, x: float, y: float, colour: Colour) -> None:
        """Draw the line with its middle at a point, as the eye sees it."""
        how = stature(self.letters)
        self.draw(canvas, x, y - (how.low + how.high) / 2 * self.em, colour, "centre")

    def _advances(self) -> list[float]:
        wide = self.em * self.narrowed
        return [letter.advance * wide for letter in self.letters]

    def _bearings(self) -> tuple[float, float]:
        wide = self.em * self.narrowed
        first, last = self.letters[0], self.letters[-1]
        before = first.bounds[0] * wide if first.bounds else 0.0
        behind = (last.advance - last.bounds[2]) * wide if last.bounds else 0.0
        return before, behind


def set_line(
    letters: tuple[Letter, ...],
    height: float,
    room: Callable[[float], float],
    *,
    tracking: float = 0.0,
    natural: float = 1.0,
) -> Line:
    """Set one line, as tall as wished or as fits; `room` tells the width there is at a height.

    Raises `DocumentFault` (`seal.text-too-long`) when it would be too small to be read.
    """
    while height >= SMALLEST:
        line = _narrowed(letters, height / stature(letters).height, room(height), tracking, natural)
        if line is not None:
            return line
        height *= _SHRINK
    raise too_long(letters)


def _narrowed(
    letters: tuple[Letter, ...], em: float, room: float, tracking: float, natural: float
) -> Line | None:
    """Return the line, narrowed as far as need be and can be; None when it is too wide."""
    line = Line(letters, em, natural, tracking * em)
    if line.width <= room:
        return line
    narrowest = _NARROWEST_WIDE if has_wide(letters) else _NARROWEST_LATIN
    gap = min(tracking, 0.02) * em
    plain = Line(letters, em, 1.0, gap)
    gaps = gap * (len(letters) - 1)
    narrowed = (room - gaps) / max(plain.width - gaps, 1e-9)
    if narrowed < min(narrowest, natural):
        return None
    return Line(letters, em, min(narrowed, natural), gap)


@dataclass(frozen=True)
class Paragraph:
    """A text of a block, before it is known how large it can be."""

    letters: tuple[Letter, ...]
    share: float = 1.0
    """Its size by that of the other texts."""
    size: float | None = None
    """Its size (the em) in millimetres, when the author chose it."""
    tracking: float = 0.0
    after: float = 0.0
    """White below it, as a share of its size, besides what all lines have."""


@dataclass(frozen=True)
class Row:
    """A line of a block, and how far its base line is below the block's top."""

    line: Line
    below: float
    paragraph: int
    """Index of the text that it belongs to."""


@dataclass(frozen=True)
class Block:
    """The lines of a block, set; millimetres."""

    rows: tuple[Row, ...]
    height: float


DEPTH = 0.26
"""How far letters may reach below their base line, in ems."""
LEADING = 1.42
"""From one base line to the next, in ems."""
_SMALLEST_EM = 1.75
"""At which capitals are as tall as they must be."""
_WORTH_WRAPPING = 0.72


def set_block(
    paragraphs: tuple[Paragraph, ...], width: float, height: float, largest: float
) -> Block:
    """Set texts below each other, as large as the room lets them be, and break long ones.

    A line is broken only where that makes all of them much larger. Letters reach below the
    last base line by up to `DEPTH` ems, which do not count. Raises `DocumentFault`
    (`seal.text-too-long`) when a text would be too small to be read.
    """
    whole = _largest(paragraphs, width, height, largest, breaking=False)
    broken = _largest(paragraphs, width, height, largest, breaking=True)
    best = max((found for found in (whole, broken) if found), key=lambda one: one[0], default=None)
    if best is None:
        raise too_long(max((one.letters for one in paragraphs), key=len))
    if whole is not None and whole[0] >= _WORTH_WRAPPING * best[0]:
        return whole[1]
    return best[1]


def _largest(
    paragraphs: tuple[Paragraph, ...], width: float, height: float, size: float, *, breaking: bool
) -> tuple[float, Block] | None:
    while size >= _SMALLEST_EM:
        block = _block(paragraphs, width, size, breaking=breaking)
        if block is not None and block.height <= height + 1e-6:
            return size, block
        if all(one.size is not None for one in paragraphs):
            return None
        size *= _SHRINK
    return None


def _block(
    paragraphs: tuple[Paragraph, ...], width: float, size: float, *, breaking: bool
) -> Block | None:
    rows: list[Row] = []
    below = 0.0
    for number, paragraph in enumerate(paragraphs):
        em = paragraph.size or max(size * paragraph.share, _SMALLEST_EM)
        lines = _rows(paragraph, em, width, breaking=breaking)
        if lines is None:
            return None
        for line in lines:
            # From top to top of the letters, so that the first line begins at the very top.
            below += line.height if not rows else em * LEADING
            rows.append(Row(line, below, number))
        below += paragraph.after * em
    last = paragraphs[-1].after * (paragraphs[-1].size or size * paragraphs[-1].share)
    return Block(tuple(rows), below - last)


def _rows(paragraph: Paragraph, em: float, width: float, *, breaking: bool) -> list[Line] | None:
    parts = _broken(paragraph, em, width) if breaking else [paragraph.letters]
    lines = [_narrowed(part, em, width, paragraph.tracking, 1.0) for part in parts]
    return None if None in lines else [line for line in lines if line is not None]


def _broken(paragraph: Paragraph, em: float, width: float) -> list[tuple[Letter, ...]]:
    """Break a text at blanks and between Chinese characters, as late as can be."""
    rows: list[tuple[Letter, ...]] = []
    row: tuple[Letter, ...] = ()
    for word in _words(paragraph.letters):
        longer = _without_blanks((*row, *word))
        if row and longer and Line(longer, em, 1.0, paragraph.tracking * em).width > width:
            rows.append(_without_blanks(row))
            row = word
        else:
            row = (*row, *word)
    rows.append(_without_blanks(row))
    return [row for row in rows if row]


def _words(letters: tuple[Letter, ...]) -> list[tuple[Letter, ...]]:
    words: list[tuple[Letter, ...]] = []
    for letter in letters:
        last = words[-1][-1] if words else None
        if last is None or last.character.isspace() or letter.wide or last.wide:
            words.append((letter,))
        else:
            words[-1] = (*words[-1], letter)
    return words


def _without_blanks(letters: tuple[Letter, ...]) -> tuple[Letter, ...]:
    first, last = 0, len(letters)
    while last > first and letters[last - 1].character.isspace():
        last -= 1
    while first < last and letters[first].character.isspace():
        first += 1
    return letters[first:last]
