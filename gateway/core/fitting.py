"""A seal stays on its page, and clear of what it must not cover."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from gateway.core.errors import DocumentFault
from gateway.core.filling import off_page
from gateway.core.geometry import Box, PageFrame
from gateway.core.lengths import POINTS_PER_MILLIMETRE
from gateway.core.places import Fit

_SMALLEST = 5 * POINTS_PER_MILLIMETRE
"""Points across or down, below which a seal that is scaled shows nothing any more."""
_CLEARANCE = 1.0 * POINTS_PER_MILLIMETRE
"""Points kept between a seal and the text that it avoids."""
_MOST_TRIED = 200_000


def fitted(box: Box, frame: PageFrame, page: int, fit: Fit) -> tuple[Box, tuple[str, ...]]:
    """Return the box as it fits on its page, and what was done, in words.

    Raises `DocumentFault` (`plan.seal-off-page`) when it cannot lie there as the rule wants.
    """
    if box.within(frame.width, frame.height):
        return box, ()
    scaled = box
    notes: list[str] = []
    if fit is Fit.SCALE:
        share = min(1.0, frame.width / box.width, frame.height / box.height)
        if share < 1.0:
            scaled = _about_centre(box, share)
            notes.append(f"scaled to {share:.0%}")
    # Rounding may leave a scaled box a hair too large for its page.
    too_large = scaled.width > frame.width + 0.001 or scaled.height > frame.height + 0.001
    too_small = scaled is not box and min(scaled.width, scaled.height) < _SMALLEST
    if fit is Fit.FAIL or too_large or too_small:
        raise DocumentFault("plan.seal-off-page", off_page(box, frame, page))
    moved = Box(
        min(max(scaled.x, 0.0), max(0.0, frame.width - scaled.width)),
        min(max(scaled.y, 0.0), max(0.0, frame.height - scaled.height)),
        scaled.width,
        scaled.height,
    )
    if _distance(scaled, moved) > 0.01:
        notes.append(f"moved {_words(_distance(scaled, moved))} onto the page")
    return moved, tuple(notes)


def clear_of(
    box: Box, obstacles: Sequence[Box], frame: PageFrame, page: int
) -> tuple[Box, tuple[str, ...]]:
    """Return the nearest box of the same size that touches no obstacle, and what was done.

    An optimum lies where the box touches obstacles or stays in line with where it was, so only
    those places are tried, the nearest first. Raises `DocumentFault` (`plan.no-free-place`).
    """
    grown = [_grown(obstacle) for obstacle in obstacles]
    for tried, (_, x, y) in enumerate(_candidates(box, grown, frame)):
        moved = Box(x, y, box.width, box.height)
        if not any(_overlap(moved, obstacle) for obstacle in grown):
            away = _distance(box, moved)
            return moved, (f"moved {_words(away)} clear of text",) if away > 0.01 else ()
        if tried > _MOST_TRIED:
            break
    raise DocumentFault("plan.no-free-place", f"page {page + 1}")


def _candidates(
    box: Box, obstacles: Sequence[Box], frame: PageFrame
) -> Iterator[tuple[float, float, float]]:
    """Yield distance squared, x and y of places on the page, the nearest first."""
    right, bottom = frame.width - box.width, frame.height - box.height
    xs, ys = {box.x}, {box.y}
    for one in obstacles:
        xs |= {one.x + one.width, one.x - box.width}
        ys |= {one.y + one.height, one.y - box.height}
    across = sorted((abs(x - box.x), x) for x in xs if 0 <= x <= right)
    down = sorted((abs(y - box.y), y) for y in ys if 0 <= y <= bottom)
    # Rings of growing distance, so that far places are neither made nor sorted in vain.
    reach, before = 2 * max(box.width, box.height), -1.0
    while True:
        ring = sorted(
            (far, x, y)
            for dx, x in across
            if dx <= reach
            for dy, y in down
            if dy <= reach and before < (far := dx * dx + dy * dy) <= reach * reach
        )
        yield from ring
        if reach * reach > frame.width**2 + frame.height**2:
            return
        before, reach = reach * reach, reach * 2


def _grown(box: Box) -> Box:
    gap = _CLEARANCE
    return Box(box.x - gap, box.y - gap, box.width + 2 * gap, box.height + 2 * gap)


def _overlap(one: Box, other: Box) -> bool:
    slack = 0.001
    return (
        one.x < other.x + other.width - slack
        and other.x < one.x + one.width - slack
        and one.y < other.y + other.height - slack
        and other.y < one.y + one.height - slack
    )


def _about_centre(box: Box, share: float) -> Box:
    width, height = box.width * share, box.height * share
    return Box(box.x + (box.width - width) / 2, box.y + (box.height - height) / 2, width, height)


def _distance(one: Box, other: Box) -> float:
    return math.hypot(one.x - other.x, one.y - other.y)


def _words(points: float) -> str:
    return f"{points / POINTS_PER_MILLIMETRE:.1f} mm"
