"""Straddle seals (riding seals, 骑缝章): one seal sliced over the edges of several pages.

Laid on each other and fanned out, the pages show the whole seal: the first page lies on top, the
others show past its edge one by one. So on the right edge the first page has the seal's left part;
on the left edge its right part; on the bottom edge its upper part, on the upper edge its lower
part. A slice's outer side is flush with the page's edge.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts
from gateway.core.geometry import Box, PageFrame
from gateway.core.places import Edge, Straddle
from gateway.core.plan import Part

_LEAST = 0.5
"""Of an equal slice: how narrow a random one may be."""


@dataclass(frozen=True)
class Slice:
    """A part of the seal on a page, index from 0."""

    page: int
    box: Box
    part: Part


def slices(
    straddle: Straddle,
    pages: tuple[int, ...],
    extent: tuple[float, float],
    facts: DocumentFacts,
    seed: str,
) -> tuple[Slice, ...]:
    """Return the slices of a seal of the given width and height in points, in page order.

    `seed` decides how random ones are cut. Raises `DocumentFault` (`plan.too-few-pages`).
    """
    chance = random.Random(seed) if straddle.random else None  # noqa: S311  # looks, not secrecy
    made: list[Slice] = []
    for edge, side in _sides(straddle, pages):
        for group in _groups(side, straddle.most):
            for page, part in zip(group, _parts(edge, len(group), chance), strict=True):
                box = _box(edge, straddle, facts.pages[page], extent, part)
                made.append(Slice(page, box, part))
    if not made:
        raise DocumentFault("plan.too-few-pages", f"{len(pages)} of {len(facts.pages)}")
    return tuple(sorted(made, key=lambda one: one.page))


def _sides(straddle: Straddle, pages: tuple[int, ...]) -> Iterator[tuple[Edge, tuple[int, ...]]]:
    if not straddle.duplex:
        yield straddle.edge, pages
        return
    yield straddle.edge, tuple(page for page in pages if page % 2 == 0)
    yield straddle.edge.opposite, tuple(page for page in pages if page % 2 == 1)


def _groups(pages: tuple[int, ...], most: int) -> Iterator[tuple[int, ...]]:
    """Share pages out evenly, at most `most` to a seal; one page alone has nothing to straddle."""
    if len(pages) < 2:
        return
    count = -(-len(pages) // most)
    bounds = [round(turn * len(pages) / count) for turn in range(count + 1)]
    for first, end in pairwise(bounds):
        yield pages[first:end]


def _parts(edge: Edge, count: int, chance: random.Random | None) -> list[Part]:
    """Cut the seal: the part of each page of a group, in page order."""
    weights = [1.0] * count
    if chance is not None:
        weights = [_LEAST + chance.random() * 2 * (1 - _LEAST) for _ in range(count)]
    total = sum(weights)
    cuts = [*(sum(weights[:turn]) / total for turn in range(count)), 1.0]
    parts = [
        Part(left=start, right=end) if edge.upright else Part(top=start, bottom=end)
        for start, end in pairwise(cuts)
    ]
    # Fanned out to the left or upwards, the first page shows what is farthest from the outside.
    return parts[::-1] if edge in (Edge.LEFT, Edge.TOP) else parts


def _box(
    edge: Edge, straddle: Straddle, frame: PageFrame, extent: tuple[float, float], part: Part
) -> Box:
    width, height = extent
    if edge.upright:
        across = width * (part.right - part.left)
        x = 0.0 if edge is Edge.LEFT else frame.width - across
        return Box(x, straddle.along.points(frame.height) - height / 2, across, height)
    down = height * (part.bottom - part.top)
    y = 0.0 if edge is Edge.TOP else frame.height - down
    return Box(straddle.along.points(frame.width) - width / 2, y, width, down)
