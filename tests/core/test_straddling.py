"""Straddle seals: how one seal is shared out over the edges of pages."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.geometry import PageFrame
from gateway.core.lengths import Length
from gateway.core.pages import ANYWHERE, Pages
from gateway.core.places import Edge, Fit, Place, Straddle
from gateway.core.plan import Mark
from tests.core.making import A4, SEAL, facts, marks

_TURNED = PageFrame(10, 20, 410, 620, rotate=90)


def straddled(count: int, straddle: Straddle, pages: Pages = ANYWHERE) -> list[Mark]:
    """Slice the seal over a document of so many pages."""
    return marks(facts(pages=(A4,) * count), Place(straddle, pages))


@pytest.mark.parametrize("count", [2, 3, 7, 20])
@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize("random", [False, True])
def test_slices_cover_the_seal_once(count: int, edge: Edge, random: bool) -> None:
    """The parts follow each other without gap or overlap from one side of the seal to the other."""
    parts = [mark.part for mark in straddled(count, Straddle(edge, random=random))]
    if edge in (Edge.LEFT, Edge.TOP):
        parts.reverse()
    spans = [(p.left, p.right) if edge.upright else (p.top, p.bottom) for p in parts]
    assert (spans[0][0], spans[-1][1]) == (0.0, 1.0)
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert all(end - start > 0.2 / count for start, end in spans)


@pytest.mark.parametrize("edge", list(Edge))
def test_slices_are_flush_with_their_edge(edge: Edge) -> None:
    """Each slice touches its edge, is in the middle of it, and as large as its part of the seal."""
    for mark in straddled(4, Straddle(edge)):
        box = mark.box
        flush = {
            Edge.LEFT: box.x,
            Edge.RIGHT: A4.width - box.x - box.width,
            Edge.TOP: box.y,
            Edge.BOTTOM: A4.height - box.y - box.height,
        }[edge]
        assert flush == pytest.approx(0, abs=1e-9)
        assert mark.whole.width == pytest.approx(SEAL.width)
        assert mark.whole.height == pytest.approx(SEAL.height)
        middle = box.y + box.height / 2 if edge.upright else box.x + box.width / 2
        assert middle == pytest.approx((A4.height if edge.upright else A4.width) / 2)


def test_first_page_lies_on_top() -> None:
    """Fanned to the right, the first page shows the left part; to the left, the right part."""
    assert straddled(3, Straddle(Edge.RIGHT))[0].part.left == 0.0
    assert straddled(3, Straddle(Edge.LEFT))[0].part.right == 1.0
    assert straddled(3, Straddle(Edge.BOTTOM))[0].part.top == 0.0
    assert straddled(3, Straddle(Edge.TOP))[0].part.bottom == 1.0


def test_many_pages_are_shared_out_evenly() -> None:
    """Twenty-one pages at twenty a seal are eleven and ten, never twenty and a lonely one."""
    starts = [mark.page for mark in straddled(21, Straddle()) if mark.part.left == 0.0]
    assert starts in ([0, 10], [0, 11])
    ends = [mark.page for mark in straddled(21, Straddle()) if mark.part.right == 1.0]
    assert ends == [starts[1] - 1, 20]


def test_duplex_gives_each_side_a_seal() -> None:
    """Odd pages share a seal on the edge, even pages another one on the opposite edge."""
    made = straddled(6, Straddle(Edge.RIGHT, duplex=True))
    fronts = [mark for mark in made if mark.page % 2 == 0]
    backs = [mark for mark in made if mark.page % 2 == 1]
    assert all(mark.box.x > A4.width / 2 for mark in fronts)
    assert all(mark.box.x == 0.0 for mark in backs)
    assert (fronts[0].part.left, fronts[-1].part.right) == (0.0, 1.0)
    assert (backs[0].part.right, backs[-1].part.left) == (1.0, 0.0)


def test_random_slices_are_the_same_for_the_same_document() -> None:
    """A plan made again cuts the same; another document is cut otherwise."""
    first = straddled(5, Straddle(random=True))
    assert straddled(5, Straddle(random=True)) == first
    other = marks(facts(pages=(A4,) * 5, size=1001), Place(Straddle(random=True), ANYWHERE))
    assert [mark.part for mark in other] != [mark.part for mark in first]


def test_turned_pages_are_sliced_as_displayed() -> None:
    """On a page that is displayed turned, the right edge is the one that is seen there."""
    made = marks(facts(pages=(A4, _TURNED)), Place(Straddle(), ANYWHERE))
    assert made[1].box.x + made[1].box.width == pytest.approx(_TURNED.width)


@pytest.mark.parametrize("pages", ["first", "2"])
def test_one_page_is_too_few(pages: str) -> None:
    """A single page has nothing to straddle."""
    with pytest.raises(DocumentFault) as fault:
        straddled(3, Straddle(), Pages(pages))
    assert fault.value.code == "plan.too-few-pages"


def test_seal_higher_than_the_page() -> None:
    """It fails, is moved, or is made smaller the same on every page, as the rule says."""
    low = PageFrame(0, 0, 400, 60)
    document = facts(pages=(A4, low))
    with pytest.raises(DocumentFault) as fault:
        marks(document, Place(Straddle(), ANYWHERE))
    assert fault.value.code == "plan.seal-off-page"
    made = marks(document, Place(Straddle(), ANYWHERE, fit=Fit.SCALE))
    assert [mark.whole.height for mark in made] == [pytest.approx(60)] * 2
    assert made[0].notes == ("scaled to 75%",)
    near = Straddle(along=Length.parse("2%"))
    made = marks(facts(pages=(A4, A4)), Place(near, ANYWHERE, fit=Fit.MOVE))
    assert [mark.box.y for mark in made] == [0.0, 0.0]
