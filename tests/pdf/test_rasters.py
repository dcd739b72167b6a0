"""Differences of drawn pages: found where a plain comparison of the pictures finds them."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from gateway.pdf.pictures import picturing
from gateway.pdf.rasters import COMPARED_PIXELS, Canvas, Difference, Raster
from tests.e2e.pages import write_pdf

WIDTH, HEIGHT = 40, 100


def raster(*dots: tuple[int, int]) -> Raster:
    """Return a white picture with some black pixels."""
    picture = Image.new("RGBX", (WIDTH, HEIGHT), (255, 255, 255, 255))
    for dot in dots:
        picture.putpixel(dot, (0, 0, 0, 255))
    memory = (ctypes.c_ubyte * (4 * WIDTH * HEIGHT)).from_buffer_copy(picture.tobytes())
    shown = Image.frombuffer("RGBX", (WIDTH, HEIGHT), memory, "raw", "RGBX", 4 * WIDTH, 1)
    return Raster(shown, ctypes.addressof(memory), 4 * WIDTH)


@pytest.mark.parametrize("row", [0, 1, 14, 15, 44, 45, 89, 90, 98, 99])
@pytest.mark.parametrize("column", [0, WIDTH - 1])
def test_one_pixel_is_found_in_every_row(row: int, column: int) -> None:
    """A single pixel counts wherever it is, until its place is left out."""
    old, new = raster(), raster((column, row))
    difference = Difference(old, new)
    assert difference
    place = (column - 1, row - 1, column + 2, row + 2)
    assert difference.within(place)
    assert not difference.within((column - 1, row + 1, column + 2, row + 4))
    difference.leave_out((column, row + 1, column + 1, HEIGHT))
    assert difference
    difference.leave_out(place)
    assert not difference


def test_what_is_left_out_hides_nothing_beside_it() -> None:
    """Of two changed pixels far from each other the one outside of the place is seen."""
    old, new = raster((3, 3)), raster((20, 80))
    difference = Difference(old, new)
    difference.leave_out((0, 0, 10, 10))
    assert difference.within((15, 70, 25, 90))
    assert difference
    assert not Difference(old, old)
    assert not Difference(old, old).within((0, 0, WIDTH, HEIGHT))


def test_memory_is_used_again(tmp_path: Path) -> None:
    """A page is drawn the same on a canvas that has shown others as on a fresh one."""
    path = write_pdf(tmp_path / "some.pdf", texts=("One", "Two", "Three"))
    used, fresh = Canvas(), Canvas()
    with picturing(path) as document:
        for page in (0, 1):
            used.draw(document, page)
        again, first = used.draw(document, 2), fresh.draw(document, 2)
        assert max(first.picture.size) >= COMPARED_PIXELS
        assert ImageChops.difference(again.picture, first.picture).getbbox() is None
        assert not Difference(again, first)
        assert Difference(fresh.draw(document, 0), again)
