"""The nearest place that is free of text is found, however the text lies, and soon."""

from __future__ import annotations

import random
import time

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.fitting import clear_of
from gateway.core.geometry import Box, PageFrame
from gateway.core.lengths import POINTS_PER_MILLIMETRE

PAGE = PageFrame(0, 0, 200, 160)
STEP = 4


def free(x: float, y: float, obstacles: list[Box], slack: float) -> bool:
    """Tell whether a seal of 40 by 30 has a millimetre around it; by the definition."""
    gap = POINTS_PER_MILLIMETRE - slack
    return all(
        x + 40 + gap <= one.x
        or one.x + one.width + gap <= x
        or y + 30 + gap <= one.y
        or one.y + one.height + gap <= y
        for one in obstacles
    )


def nearest(box: Box, obstacles: list[Box]) -> Box | None:
    """Return the nearest free place, or None when there is said to be none."""
    try:
        return clear_of(box, obstacles, PAGE, 0)[0]
    except DocumentFault:
        return None


@pytest.mark.parametrize("seed", range(60))
def test_nearest(seed: int) -> None:
    """Nothing is covered, and no place on a grid is free and nearer, on random pages."""
    chance = random.Random(seed)
    obstacles = [
        Box(chance.uniform(-5, 190), chance.uniform(-5, 155), chance.uniform(1, 60), 6)
        for _ in range(chance.choice((0, 3, 8, 16)))
    ]
    box = Box(chance.uniform(0, 160), chance.uniform(0, 130), 40, 30)
    grid = [(x, y) for x in range(0, 161, STEP) for y in range(0, 131, STEP)]
    places = [(x, y) for x, y in grid if free(x, y, obstacles, 0.0)]
    moved = nearest(box, obstacles)
    if moved is None:
        assert places == []
        return
    assert free(moved.x, moved.y, obstacles, 0.01)
    assert moved.within(PAGE.width, PAGE.height)
    away = (moved.x - box.x) ** 2 + (moved.y - box.y) ** 2
    assert all(away <= (x - box.x) ** 2 + (y - box.y) ** 2 + 0.1 for x, y in places)


@pytest.mark.parametrize("x", [-0.005, 160.005])
def test_a_hair_off_the_page(x: float) -> None:
    """A seal that rounding put past the edge of an empty page stays where it is."""
    moved, notes = clear_of(Box(x, 20, 40, 30), [], PAGE, 0)
    assert (round(moved.x), moved.y, notes) == (round(x), 20, ())


def test_dense_page() -> None:
    """A page full of small words is given up within seconds."""
    page = PageFrame(0, 0, 595, 842)
    words = [Box(across * 14.9, down * 21, 9, 6) for across in range(40) for down in range(40)]
    began = time.monotonic()
    with pytest.raises(DocumentFault) as fault:
        clear_of(Box(300, 400, 113, 85), words, page, 0)
    assert fault.value.code == "plan.no-free-place"
    assert time.monotonic() - began < 5
