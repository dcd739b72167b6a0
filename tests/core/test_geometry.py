"""Pages as displayed and as the file has them: whatever is turned, moved or scaled."""

from __future__ import annotations

import itertools

import pytest

from gateway.core.geometry import Box, PageFrame

_CROPS = ((0, 0, 612, 792), (36.5, -20, 400, 700.25), (-100, -200, -10, 50))
_FRAMES = [
    PageFrame(*crop, rotate, unit)
    for crop, rotate, unit in itertools.product(_CROPS, (0, 90, 180, 270), (1.0, 2.5, 0.5))
]


def _shown(frame: PageFrame, x: float, y: float) -> tuple[float, float]:
    """Carry a point to where a viewer shows it, one clockwise quarter turn at a time."""
    across, down = frame.right - frame.left, frame.top - frame.bottom
    u, v = x - frame.left, frame.top - y
    for _ in range(frame.rotate // 90):
        u, v, across, down = down - v, u, down, across
    return u * frame.user_unit, v * frame.user_unit


@pytest.mark.parametrize("frame", _FRAMES, ids=str)
def test_place_is_where_a_viewer_shows_it(frame: PageFrame) -> None:
    """The corners of the rectangle in the file are shown as the corners of the box."""
    box = Box(7, 11, 50, 30)
    left, bottom, right, top = frame.place(box).rect
    assert left < right
    assert bottom < top
    shown = [_shown(frame, x, y) for x in (left, right) for y in (bottom, top)]
    xs, ys = zip(*shown, strict=True)
    assert (min(xs), max(xs)) == pytest.approx((7, 57))
    assert (min(ys), max(ys)) == pytest.approx((11, 41))


@pytest.mark.parametrize("frame", _FRAMES, ids=str)
def test_place_and_displayed_are_each_other_undone(frame: PageFrame) -> None:
    """A box taken into the file and back is the same box."""
    box = Box(1.25, 300, 42, 17.5)
    back = frame.displayed(frame.place(box).rect)
    assert (back.x, back.y, back.width, back.height) == pytest.approx((1.25, 300, 42, 17.5))


@pytest.mark.parametrize("frame", _FRAMES, ids=str)
def test_appearance_stands_upright(frame: PageFrame) -> None:
    """What points up in the appearance points up on the displayed page, unmirrored."""
    a, b, c, d, e, f = frame.place(Box(0, 0, 10, 20)).matrix
    middle = _shown(frame, 0, 0)

    def direction(x: float, y: float) -> tuple[float, float]:
        shown = _shown(frame, a * x + c * y + e, b * x + d * y + f)
        return tuple(
            round((after - before) / frame.user_unit, 6)
            for after, before in zip(shown, middle, strict=True)
        )  # type: ignore[return-value]

    assert direction(0, 1) == (0, -1)
    assert direction(1, 0) == (1, 0)


@pytest.mark.parametrize("frame", _FRAMES, ids=str)
def test_form_keeps_the_proportions_of_the_box(frame: PageFrame) -> None:
    """The appearance is as wide and high as the box, in the file's units, before it is turned."""
    place = frame.place(Box(0, 0, 60, 20))
    assert place.form_width * frame.user_unit == pytest.approx(60)
    assert place.form_height * frame.user_unit == pytest.approx(20)
    left, bottom, right, top = place.rect
    turned = frame.rotate in (90, 270)
    across, up = (top - bottom, right - left) if turned else (right - left, top - bottom)
    assert (across, up) == pytest.approx((place.form_width, place.form_height))


def test_extent_is_the_displayed_one() -> None:
    """Width and height change places on a page that lies, and count in true points."""
    assert (PageFrame(10, 20, 110, 320).width, PageFrame(10, 20, 110, 320).height) == (100, 300)
    lying = PageFrame(10, 20, 110, 320, 270, 2.0)
    assert (lying.width, lying.height) == (600, 200)


@pytest.mark.parametrize(
    ("box", "inside"),
    [
        (Box(0, 0, 100, 200), True),
        (Box(-0.005, 0, 100, 200.005), True),
        (Box(-0.02, 0, 50, 50), False),
        (Box(0, -0.02, 50, 50), False),
        (Box(60, 0, 40.02, 50), False),
        (Box(0, 160, 40, 40.02), False),
    ],
)
def test_a_box_lies_on_the_page_up_to_rounding(box: Box, inside: bool) -> None:
    """A hundredth of a point is rounding, more is off the page, on each of the four sides."""
    assert box.within(100, 200) is inside
