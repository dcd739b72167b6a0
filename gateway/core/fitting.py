"""A seal stays on its page, and clear of what it must not cover."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gateway.core.errors import DocumentFault
from gateway.core.filling import off_page
from gateway.core.geometry import Box, PageFrame, turned_extent
from gateway.core.lengths import POINTS_PER_MILLIMETRE
from gateway.core.places import Fit

_SMALLEST = 5 * POINTS_PER_MILLIMETRE
"""Points across or down, below which a seal that is scaled shows nothing any more."""
_CLEARANCE = 1.0 * POINTS_PER_MILLIMETRE
"""Points kept between a seal and the text that it avoids."""
_TOUCH = 0.001
"""Points by which boxes that touch may overlap."""


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


def extent_of(
    seal: tuple[float, float], width: float | None, rotation: float
) -> tuple[float, float]:
    """Return the extent of the upright box around a seal as a place wants it, in points.

    `seal` is its own width and height, `width` another one. Raises `DocumentFault`
    (`plan.seal-too-small`) when nothing would be seen of one so small.
    """
    across, down = seal
    if width is not None:
        across, down = width, down * width / across
        if min(across, down) < _SMALLEST:
            raise DocumentFault("plan.seal-too-small", f"{_words(across)} × {_words(down)}")
    return turned_extent(across, down, rotation)


def scaling(share: float) -> tuple[str, ...]:
    """Say in words that a seal was made smaller, if it was."""
    return (f"scaled to {share:.0%}",) if share < 1.0 else ()


def clear_of(
    box: Box, obstacles: Sequence[Box], frame: PageFrame, page: int
) -> tuple[Box, tuple[str, ...]]:
    """Return the nearest box of the same size that touches no obstacle, and what was done.

    An optimum lies where the box touches obstacles or stays in line with where it was. So for
    each such place across, the nearest free one down is taken, the nearest across first. Raises
    `DocumentFault` (`plan.no-free-place`).
    """
    taken = sorted(
        (_forbidden(_grown(obstacle), box) for obstacle in obstacles), key=lambda one: one.y
    )
    right, bottom = max(0.0, frame.width - box.width), max(0.0, frame.height - box.height)
    xs = {min(max(box.x, 0.0), right)}
    xs |= {x for one in taken for x in (one.x, one.x + one.width) if 0 <= x <= right}
    best: tuple[float, float, float] | None = None
    for away, x in sorted((abs(x - box.x), x) for x in xs):
        if best is not None and away * away > best[0]:
            break
        rows = [one for one in taken if one.x + _TOUCH < x < one.x + one.width - _TOUCH]
        y = _nearest_free(rows, box.y, bottom)
        if y is not None:
            found = (away * away + (y - box.y) ** 2, x, y)
            best = min(best, found) if best is not None else found
    if best is None:
        raise DocumentFault("plan.no-free-place", f"page {page + 1}")
    moved = Box(best[1], best[2], box.width, box.height)
    away = _distance(box, moved)
    return moved, (f"moved {_words(away)} clear of text",) if away > 0.01 else ()


def _forbidden(obstacle: Box, box: Box) -> Box:
    """Return where the box's upper left corner must not be for an obstacle's sake."""
    width, height = obstacle.width + box.width, obstacle.height + box.height
    return Box(obstacle.x - box.width, obstacle.y - box.height, width, height)


def _nearest_free(rows: Sequence[Box], wanted: float, bottom: float) -> float | None:
    """Return the free place down a page that is nearest to the wanted one; rows are in order."""
    best: float | None = None
    start = 0.0
    for top, end in (*((row.y, row.y + row.height) for row in rows), (bottom, math.inf)):
        upto = min(top, bottom)
        if upto >= start - _TOUCH:
            free = max(start, min(wanted, upto))
            if best is None or abs(free - wanted) < abs(best - wanted):
                best = free
        start = max(start, end)
        if start > bottom + _TOUCH:
            break
    return best


def _grown(box: Box) -> Box:
    gap = _CLEARANCE
    return Box(box.x - gap, box.y - gap, box.width + 2 * gap, box.height + 2 * gap)


def _distance(one: Box, other: Box) -> float:
    return math.hypot(one.x - other.x, one.y - other.y)


def _words(points: float) -> str:
    return f"{points / POINTS_PER_MILLIMETRE:.1f} mm"
