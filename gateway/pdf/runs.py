"""Boxes of characters, put together to lines and to areas; all in the displayed frame in points."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from gateway.core.geometry import Box

MOST_AREAS = 300
"""Areas that remain of one page's text."""

_SAME_LINE = 0.4
"""Share of the smaller one's extent by which neighbours on one line overlap across it."""
_WORD_GAP = 1.0
"""Gap between boxes of one line, in heights of the line, that is still taken for a space."""


def union(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around some boxes."""
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right = max(box.x + box.width for box in boxes)
    bottom = max(box.y + box.height for box in boxes)
    return Box(left, top, right - left, bottom - top)


def last_line(boxes: Sequence[Box]) -> Sequence[Box]:
    """Return those of a phrase's characters that stand on its last line, or in its last column.

    Which way it runs is seen from its characters: side by side, or one below the other.
    """
    pairs = list(itertools.pairwise(boxes))
    beside = [_overlap_down(*pair) >= _SAME_LINE for pair in pairs]
    stacked = [_overlap_across(*pair) >= _SAME_LINE for pair in pairs]
    continues = stacked if sum(stacked) > sum(beside) else beside
    start = max((index + 1 for index, same in enumerate(continues) if not same), default=0)
    return boxes[start:]


def merged(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """Return few boxes that cover all of some characters' boxes, which come in reading order.

    Words of a line become one. Where that leaves more than `MOST_AREAS`, what is near each other
    is put together, and ever less near, until no more remain.
    """
    areas: list[Box] = []
    for box in boxes:
        if areas and _same_line(areas[-1], box):
            areas[-1] = union((areas[-1], box))
        else:
            areas.append(box)
    slack = 1.0
    while len(areas) > MOST_AREAS:
        areas = _gathered(areas, slack)
        slack *= 2
    return tuple(areas)


def _gathered(areas: Sequence[Box], slack: float) -> list[Box]:
    result = [areas[0]]
    for area in areas[1:]:
        apart = max(_gap(result[-1].x, result[-1].width, area.x, area.width), 0.0)
        below = max(_gap(result[-1].y, result[-1].height, area.y, area.height), 0.0)
        if max(apart, below) <= slack:
            result[-1] = union((result[-1], area))
        else:
            result.append(area)
    return result


def _same_line(line: Box, box: Box) -> bool:
    across = _gap(line.x, line.width, box.x, box.width)
    down = _gap(line.y, line.height, box.y, box.height)
    if _overlap_down(line, box) >= _SAME_LINE:
        return across <= _WORD_GAP * min(line.height, box.height)
    if _overlap_across(line, box) >= _SAME_LINE:
        size = min(box.width, box.height)
        return line.width <= 1.5 * size and down <= 0.5 * size
    return False


def _overlap_down(one: Box, other: Box) -> float:
    smaller = max(min(one.height, other.height), 1e-6)
    return -_gap(one.y, one.height, other.y, other.height) / smaller


def _overlap_across(one: Box, other: Box) -> float:
    smaller = max(min(one.width, other.width), 1e-6)
    return -_gap(one.x, one.width, other.x, other.width) / smaller


def _gap(start: float, extent: float, other: float, other_extent: float) -> float:
    """Return the distance between two intervals; negative by how much they overlap."""
    return max(start, other) - min(start + extent, other + other_extent)
