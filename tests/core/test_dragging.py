"""A box that was dragged becomes a rule's words, which put the seal into that box again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.dragging import Size, dragged, resized
from gateway.core.errors import DocumentFault
from gateway.core.facts import TextHit, TextQuery
from gateway.core.geometry import Box, PageFrame, turned_extent
from gateway.core.lengths import POINTS_PER_MILLIMETRE, ZERO, Length
from gateway.core.matching import decide
from gateway.core.pages import ANYWHERE, Pages
from gateway.core.places import (
    AtCorner,
    AtEdge,
    AtPoint,
    AtText,
    Corner,
    Edge,
    Fit,
    IntoField,
    Place,
    Side,
    Spot,
    Straddle,
)
from gateway.core.placing import Placing
from gateway.core.plan import SealingPlan, seal_box
from gateway.core.planning import plan
from tests.core.making import A4, SEAL, facts, marks, rule, rulebook

MM = POINTS_PER_MILLIMETRE
QUERY = TextQuery("Seal here")
HIT = Box(200.0, 300.0, 60.0, 12.0)
TURNED = PageFrame(10, 20, 410, 320, rotate=90, user_unit=2.0)
FREE: tuple[Spot, ...] = (
    AtCorner(Corner.BOTTOM_RIGHT, Length(15, "mm")),
    AtCorner(Corner.TOP_LEFT, Length(5, "%")),
    AtCorner(Corner.CENTER),
    AtPoint(Length(10, "mm"), Length(10, "mm")),
    AtPoint(Length(1, "in"), Length(40, "pt"), Corner.CENTER),
    AtPoint(Length(50, "%"), Length(50, "%"), Corner.BOTTOM_RIGHT),
    AtEdge(Edge.LEFT),
    AtEdge(Edge.BOTTOM, Length(30, "mm"), Length(10, "pt")),
    AtEdge(Edge.RIGHT, Length(20, "%"), Length(3, "%")),
    AtText(QUERY),
    AtText(QUERY, side=Side.BELOW),
)
BOXES = ((37.3, 51.9), (300.0, 80.2), (20.0, 600.0), (480.1, 700.7), (250.0, 400.0), (-8.0, 30.0))


@pytest.mark.parametrize("frame", [A4, TURNED], ids=["plain", "turned"])
@pytest.mark.parametrize("spot", FREE, ids=repr)
@pytest.mark.parametrize("at", BOXES, ids=str)
def test_the_seal_goes_where_it_was_dragged(
    spot: Spot, at: tuple[float, float], frame: PageFrame
) -> None:
    """Whatever the place is made of, its new words put the seal there within a tenth of a mm."""
    box = Box(*at, SEAL.width, SEAL.height)
    document = facts(pages=(frame,) * 3, hits=(TextHit(QUERY, 1, HIT),))
    pages = ANYWHERE if isinstance(spot, AtText) else Pages("2")
    place = dragged(Place(spot, pages), box, frame, HIT)
    assert type(place.spot) is type(spot)
    if at[0] < 0:
        assert place.spot != spot or place.offset_x != ZERO
        return
    (mark,) = marks(document, place)
    assert mark.page == 1
    assert abs(mark.box.x - box.x) < 0.13 * MM, place
    assert abs(mark.box.y - box.y) < 0.13 * MM, place


def test_words_stay_natural() -> None:
    """Equal distances are a margin alone; the nearest corner is taken; units stay."""
    place = Place(AtCorner(Corner.TOP_LEFT, Length(5, "mm")), offset_x=Length(3, "mm"))
    right, bottom = A4.width - SEAL.width - 20 * MM, A4.height - SEAL.height - 20 * MM
    moved = dragged(place, Box(right, bottom, SEAL.width, SEAL.height), A4)
    assert moved == Place(AtCorner(Corner.BOTTOM_RIGHT, Length(20.0, "mm")))
    moved = dragged(place, Box(right - 7 * MM, bottom, SEAL.width, SEAL.height), A4)
    assert moved.spot == AtCorner(Corner.BOTTOM_RIGHT, Length(20.0, "mm"))
    assert (str(moved.offset_x), str(moved.offset_y)) == ("-7mm", "0mm")
    centre = Box((A4.width - SEAL.width) / 2, (A4.height - SEAL.height) / 2, 100, 80)
    assert dragged(place, centre, A4) == Place(AtCorner(Corner.CENTER))


def test_a_straddle_seal_moves_along_its_edge() -> None:
    """Of a seal on an edge only the way along the edge counts, and it keeps its unit."""
    place = Place(Straddle(along=Length(50, "%")), ANYWHERE)
    moved = dragged(place, Box(400.0, A4.height / 4 - 40, 100.0, 80.0), A4)
    assert isinstance(moved.spot, Straddle)
    assert moved.spot.along == Length(25.0, "%")


def test_a_field_decides_itself() -> None:
    """A seal in a signature field cannot be dragged."""
    place = Place(IntoField("only"))
    assert dragged(place, Box(0, 0, 10, 10), A4) == place


@pytest.mark.parametrize("rotation", [0.0, 15.0, 90.0, 200.5])
@pytest.mark.parametrize("spot", FREE, ids=repr)
def test_the_seal_gets_the_size_and_the_turn_that_were_asked_for(
    spot: Spot, rotation: float
) -> None:
    """Resized and turned, the seal stays about the centre of its box, and is as large as asked."""
    document = facts(hits=(TextHit(QUERY, 1, HIT),))
    place = Place(spot, ANYWHERE if isinstance(spot, AtText) else Pages("2"))
    (before,) = marks(document, place)
    own = (SEAL.width, SEAL.height)
    place, box = resized(place, before.box, own, Size(70.0, rotation))
    (mark,) = marks(document, replace(dragged(place, box, A4, HIT), fit=Fit.MOVE))
    wanted = turned_extent(70.0, 56.0, rotation)
    assert (mark.box.width, mark.box.height) == pytest.approx(wanted, abs=0.15 * MM)
    assert mark.rotation == rotation
    upright = seal_box(mark, SEAL.width / SEAL.height)
    assert (upright.width, upright.height) == pytest.approx((70.0, 56.0), abs=0.15 * MM)
    if before.box.x > 5 and before.box.y > 5:
        assert mark.box.x + mark.box.width / 2 == pytest.approx(
            before.box.x + before.box.width / 2, abs=0.3 * MM
        )
    back, _ = resized(place, box, own, Size(SEAL.width, -0.0))
    assert (back.width, back.rotation) == (None, 0.0)


def test_a_seal_too_small_to_be_seen_is_refused() -> None:
    """A width at which nothing would be seen fails the document before anything is spent."""
    with pytest.raises(DocumentFault) as refused:
        marks(facts(), Place(width=Length(4, "mm")))
    assert refused.value.code == "plan.seal-too-small"


def test_an_upright_seal_of_its_own_size_has_the_terms_it_always_had() -> None:
    """What was sealed before seals could be turned is still known as the same."""
    ways = (Place(), Place(rotation=30.0))
    terms = []
    for place in ways:
        book = rulebook(rule("r", places=(place,), inbox="i"))
        document = facts()
        made = plan(book, decide(book, "i", "x.pdf", document), document, "x.pdf")
        terms.append(made.terms)
        assert SealingPlan.from_json(made.to_json()) == made
    assert terms[0] == "968968addaebd997386bbdde60ddd6588d1b7d1c492886146612da4ecbcab9d4"
    assert terms[1] != terms[0]


def test_a_seal_of_fixed_size_is_shown_in_no_other() -> None:
    """A place that wants another width is refused; without room it stays as large."""
    narrow = PageFrame(0, 0, SEAL.width - 10, 400)
    for place, page, code in (
        (Place(width=Length(20, "mm")), A4, "plan.size-fixed"),
        (Place(fit=Fit.SCALE), narrow, "plan.seal-off-page"),
    ):
        book = replace(rulebook(rule("r", places=(place,))), fixed=frozenset({SEAL.name}))
        placing = Placing(book, book.rules[0], facts(pages=(page,)), "x.pdf")
        with pytest.raises(DocumentFault) as refused:
            placing.place_all()
        assert refused.value.code == code
