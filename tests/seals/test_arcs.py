"""Text along the rims of seals."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from gateway.core.drawing import Drawing
from gateway.core.errors import DocumentFault
from tests.seals.drawing import Inked, draw, inked, overlap

CHINESE = "北京市朝阳区某某科技发展股份有限公司第一分公司驻上海浦东新区办事处采购与合同管理部"
LATIN = "NORTHWIND jolly TRADING COMPANY LTD (UK) AVATAR"
LENGTHS = (1, 2, 3, 4, 5, 7, 9, 11, 13, 16, 20, 25, 30, 35, 40)


def _round(text: str, **more: object) -> Drawing:
    return draw(kind="round", upper={"text": text}, **more)


def _angle(glyph: Inked, drawing: Drawing, *, lower: bool = False) -> float:
    """Return the angle of a glyph's middle from the vertical axis, clockwise."""
    x = sum(x for x, _ in glyph.corners) / 4 - drawing.width / 2
    y = sum(y for _, y in glyph.corners) / 4 - drawing.height / 2
    return math.atan2(x, -y if lower else y)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("text", [CHINESE, LATIN], ids=["chinese", "latin"])
def test_neighbours_never_touch(text: str, length: int) -> None:
    """Whatever the length, no glyph's box meets the next one's, nor does the first the last."""
    glyphs = inked(_round(text[:length], middle={"shape": "star"}))
    assert len(glyphs) == len(text[:length].replace(" ", ""))
    for one, other in pairwise(glyphs):
        assert not overlap(one, other), one.text + other.text
    if length > 2:
        assert not overlap(glyphs[0], glyphs[-1])


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("text", ["国" * 40, "H" * 40], ids=["chinese", "latin"])
def test_even_and_symmetric(text: str, length: int) -> None:
    """The same letter again and again stands evenly spaced, and symmetric about the axis."""
    drawing = _round(text[:length])
    angles = [_angle(glyph, drawing) for glyph in inked(drawing)]
    assert angles[0] == pytest.approx(-angles[-1], abs=math.radians(0.6))
    steps = [after - before for before, after in pairwise(angles)]
    assert all(step == pytest.approx(steps[0], abs=1e-3) for step in steps)


@pytest.mark.parametrize("text", [CHINESE[:9], LATIN[:20], "ACME (北京) 有限公司"])
def test_letters_stand_inside_the_rim(text: str) -> None:
    """No ink of the text reaches the rim, and none lies beyond the middle third."""
    drawing = _round(text, width=40, rim=1.0)
    radius = drawing.width / 2
    for glyph in inked(drawing):
        far = [math.dist(corner, (radius, radius)) for corner in glyph.corners]
        assert max(far) < radius * 0.95
        assert min(far) > radius * 0.45


def test_a_number_reads_from_left_to_right_along_the_bottom() -> None:
    """A serial number runs along the lower arc, feet to the rim, small but not too small."""
    drawing = draw(kind="round", lower={"text": "1101081234567"}, middle={"shape": "star"})
    glyphs = inked(drawing)
    assert "".join(glyph.text for glyph in glyphs) == "1101081234567"
    middles = [sum(x for x, _ in glyph.corners) / 4 for glyph in glyphs]
    assert middles == sorted(middles)
    for glyph in glyphs:
        (_, foot), _, (_, head), _ = glyph.corners
        assert foot < head < drawing.height / 3
        tall = math.dist(glyph.corners[0], glyph.corners[3]) / 72 * 25.4
        assert 1.15 < tall < 2


@pytest.mark.parametrize("size", [(45, 30), (40, 30), (30, 45), (60, 26)])
def test_oval_letters_stand_on_the_normals(size: tuple[float, float]) -> None:
    """On an oval, letters stand upright to the rim and none touches the next."""
    width, height = size
    drawing = draw(
        kind="oval",
        width=width,
        height=height,
        upper={"text": CHINESE[:14]},
        lower={"text": "SPECIAL PURPOSE"},
    )
    glyphs = inked(drawing)
    for one, other in pairwise(glyphs):
        assert not overlap(one, other), one.text + other.text
    a, b = drawing.width / 2, drawing.height / 2
    for glyph in glyphs[:14]:
        x = sum(x for x, _ in glyph.corners) / 4 - a
        y = sum(y for _, y in glyph.corners) / 4 - b
        assert (x / a) ** 2 + (y / b) ** 2 < 1
        up = (glyph.corners[3][0] - glyph.corners[0][0], glyph.corners[3][1] - glyph.corners[0][1])
        # The normal of the rim's nearest point is close to that of the ellipse through the letter.
        normal = math.atan2(x / a**2, y / b**2)
        assert math.atan2(*up) == pytest.approx(normal, abs=math.radians(12))


def test_upper_and_lower_text_keep_apart() -> None:
    """Long words above and below share the rim without touching, and are equally tall."""
    drawing = draw(
        kind="round",
        ring={},
        upper={"text": "NORTHWIND TRADING COMPANY LTD."},
        lower={"text": "ESTABLISHED 1998 IN LONDON"},
    )
    glyphs = inked(drawing)
    for number, one in enumerate(glyphs):
        for other in glyphs[number + 1 :]:
            assert not overlap(one, other), one.text + other.text
    tall = {
        glyph.text: math.dist(glyph.corners[0], glyph.corners[3]) for glyph in glyphs if glyph.text
    }
    assert tall["H"] == pytest.approx(tall["E"], rel=0.1)


@pytest.mark.parametrize("text", ["字" * 120, "A" * 200])
def test_what_nobody_could_read_is_refused(text: str) -> None:
    """A text that would be smaller than 1.2 mm is refused, with its words."""
    with pytest.raises(DocumentFault) as refused:
        _round(text)
    assert refused.value.code == "seal.text-too-long"
    assert text[:20] in refused.value.detail


def test_a_turned_seal_is_not_cut_off() -> None:
    """A round seal keeps its extent when turned, a square one grows; all ink stays inside."""
    assert _round("某某", turn=30).width == pytest.approx(_round("某某").width)
    block = draw(kind="block", width=60, height=20, lines=[{"text": "Hello"}], turn=30)
    points = 72 / 25.4
    assert block.width == pytest.approx((60 * 0.8660254 + 20 * 0.5) * points)
    assert block.height == pytest.approx((60 * 0.5 + 20 * 0.8660254) * points)
    for glyph in inked(block):
        for x, y in glyph.corners:
            assert 0 < x < block.width
            assert 0 < y < block.height
