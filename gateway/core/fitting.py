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
    # Rounding may leave a scaled box a hair too large for its page.
    too_large = box.width > frame.width + 0.001 or box.height > frame.height + 0.001
    if fit is Fit.FAIL or too_large:
        raise DocumentFault("plan.seal-off-page", off_page(box, frame, page))
    moved = Box(
        min(max(box.x, 0.0), max(0.0, frame.width - box.width)),
        min(max(box.y, 0.0), max(0.0, frame.height - box.height)),
        box.width,
        box.height,
    )
    away = _distance(box, moved)
    return moved, (f"moved {_words(away)} onto the page",) if away > 0.01 else ()


def share_of(width: float, height: float, frame: PageFrame, page: int, fit: Fit) -> float:
    """Return the share of its size, up to 1, at which a seal goes onto its page.

    Raises `DocumentFault` (`plan.seal-off-page`) when nothing would be seen of one so small.
    """
    if fit is not Fit.SCALE:
        return 1.0
    share = min(1.0, frame.width / width, frame.height / height)
    if share < 1.0 and min(width, height) * share < _SMALLEST:
        raise DocumentFault(
            "plan.seal-off-page", off_page(Box(0.0, 0.0, width, height), frame, page)
        )
    return share


def scaling(share: float) -> tuple[str, ...]:
    """Say in words that a seal was made smaller, if it was."""
    return (f"scaled to {share:.0%}",) if share < 1.0 else ()


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


def _distance(one: Box, other: Box) -> float:
    return math.hypot(one.x - other.x, one.y - other.y)


def _words(points: float) -> str:
    return f"{points / POINTS_PER_MILLIMETRE:.1f} mm"
