"""Seals placed by what is in a document, kept on the page and clear of text."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.facts import Annotation, FormField, TextHit, TextQuery
from gateway.core.fitting import clear_of
from gateway.core.geometry import Box, PageFrame
from gateway.core.lengths import Length
from gateway.core.pages import ANYWHERE, Pages
from gateway.core.places import (
    AtComment,
    AtCorner,
    AtEdge,
    AtField,
    AtPoint,
    AtText,
    Corner,
    Edge,
    Fit,
    IntoField,
    Place,
    PlaceTable,
    Side,
)
from tests.core.making import OTHER, SEAL, facts, locate, marks

_PAGE = PageFrame(0, 0, 400, 300)
_WORDS = TextQuery("Sign")
_HITS = tuple(
    TextHit(_WORDS, page, Box(150, y, 40, 20)) for page, y in ((0, 100), (0, 150), (1, 120))
)


@pytest.mark.parametrize(
    ("occurrence", "places"),
    [
        ("first", [(0, 100)]),
        ("last", [(1, 120)]),
        ("all", [(0, 100), (0, 150), (1, 120)]),
        ("2", [(0, 150)]),
        ("-2", [(0, 150)]),
    ],
)
def test_occurrences(occurrence: str, places: list[tuple[int, float]]) -> None:
    """First, last, all and numbered occurrences are those of the document's order."""
    document = facts(pages=(_PAGE, _PAGE), hits=_HITS)
    made = marks(document, Place(AtText(_WORDS, occurrence), ANYWHERE))
    assert [(mark.page, mark.box.y + 40 - 10) for mark in made] == places


def test_occurrence_on_chosen_pages() -> None:
    """Occurrences are counted on the chosen pages only."""
    document = facts(pages=(_PAGE, _PAGE), hits=_HITS)
    assert locate(Place(AtText(_WORDS), Pages("last")), SEAL, document).page == 1
    with pytest.raises(DocumentFault) as fault:
        locate(Place(AtText(_WORDS, "4"), ANYWHERE), SEAL, document)
    assert fault.value.detail == "Sign: number 4 of 3"


@pytest.mark.parametrize(
    ("side", "box"),
    [
        (Side.OVER, Box(120, 70, 100, 80)),
        (Side.RIGHT, Box(190, 70, 100, 80)),
        (Side.LEFT, Box(50, 70, 100, 80)),
        (Side.ABOVE, Box(120, 20, 100, 80)),
        (Side.BELOW, Box(120, 120, 100, 80)),
    ],
)
def test_sides(side: Side, box: Box) -> None:
    """The seal touches what was found on the side asked for, centred along it."""
    document = facts(pages=(_PAGE, _PAGE), hits=_HITS)
    assert locate(Place(AtText(_WORDS, side=side), ANYWHERE), SEAL, document).box == box


def test_form_fields_and_comments() -> None:
    """A field is found by a glob of its name, a drawn rectangle by words in its text."""
    document = facts(
        pages=(_PAGE, _PAGE),
        fields=(FormField("Buyer.Name", 0, Box(100, 100, 80, 20)),),
        annotations=(
            Annotation("Link", "seal here", 0, Box(0, 0, 10, 10)),
            Annotation("Square", "please seal here", 1, Box(100, 100, 120, 90)),
        ),
    )
    field = locate(Place(AtField("buyer.*"), ANYWHERE), SEAL, document)
    assert (field.page, field.box) == (0, Box(90, 70, 100, 80))
    assert field.found is not None
    assert field.found.what == "field Buyer.Name"
    drawn = locate(Place(AtComment("seal here"), ANYWHERE), SEAL, document)
    assert (drawn.page, drawn.box) == (1, Box(110, 105, 100, 80))
    with pytest.raises(DocumentFault) as fault:
        locate(Place(AtField("seller"), ANYWHERE), SEAL, document)
    assert fault.value.code == "plan.anchor-missing"


@pytest.mark.parametrize(
    ("spot", "x", "y"),
    [
        (AtEdge(Edge.RIGHT, margin=Length.parse("10pt")), 290, 110),
        (AtEdge(Edge.LEFT, Length.parse("25%")), 0, 35),
        (AtEdge(Edge.TOP, Length.parse("100pt"), Length.parse("5pt")), 50, 5),
        (AtEdge(Edge.BOTTOM), 150, 220),
        (AtPoint(Length.parse("50%"), Length.parse("50%"), Corner.CENTER), 150, 110),
        (AtPoint(Length.parse("30pt"), Length.parse("40pt")), 30, 40),
        (AtPoint(Length.parse("400pt"), Length.parse("300pt"), Corner.BOTTOM_RIGHT), 300, 220),
    ],
)
def test_edges_and_points(spot: AtEdge | AtPoint, x: float, y: float) -> None:
    """Edges centre the seal along themselves; a point takes the pinned point of the seal."""
    assert locate(Place(spot), SEAL, facts(pages=(_PAGE,))).box == Box(x, y, 100, 80)


def test_scan_without_text_takes_the_fallback() -> None:
    """A document without any text has a code of its own, and a fallback says why it is used."""
    scan = facts(pages=(_PAGE,), textless=True)
    with pytest.raises(DocumentFault) as fault:
        locate(Place(AtText(_WORDS), ANYWHERE), SEAL, scan)
    assert fault.value.code == "plan.no-text"
    instead = Place(AtText(_WORDS), ANYWHERE, fallback=(Place(AtCorner(Corner.CENTER)),))
    mark = locate(instead, SEAL, scan)
    assert mark.box == Box(150, 110, 100, 80)
    assert "no text at all" in mark.notes[0]


def test_skipped_places() -> None:
    """A place may be left out, but not the last one of all."""
    skipped = Place(AtText(_WORDS), ANYWHERE, fallback=())
    assert len(marks(facts(pages=(_PAGE,)), skipped, Place())) == 1
    with pytest.raises(DocumentFault) as fault:
        marks(facts(pages=(_PAGE,)), skipped)
    assert fault.value.code == "plan.nowhere"


def test_fallback_hides_no_other_fault() -> None:
    """Two seals into signature fields are a mistake of the rule, whatever the fallback."""
    with pytest.raises(DocumentFault) as fault:
        marks(facts(pages=(_PAGE,)), Place(IntoField("only")))
    assert fault.value.code == "plan.field-missing"


@pytest.mark.parametrize(
    ("fit", "box", "note"),
    [
        (Fit.MOVE, Box(300, 0, 100, 80), "moved"),
        (Fit.SCALE, Box(300, 0, 100, 80), "moved"),
    ],
)
def test_fit_moves_onto_the_page(fit: Fit, box: Box, note: str) -> None:
    """A seal that sticks out is moved back, no farther than needed, and that is said."""
    place = Place(AtPoint(Length.parse("390pt"), Length.parse("-30pt")), fit=fit)
    mark = locate(place, SEAL, facts(pages=(_PAGE,)))
    assert mark.box == box
    assert mark.notes[0].startswith(note)


def test_fit_scales_what_is_too_large() -> None:
    """A seal larger than its page keeps its shape; one that would show nothing is refused."""
    large = replace(SEAL, width=500.0, height=400.0)
    mark = locate(Place(fit=Fit.SCALE), large, facts(pages=(_PAGE,)))
    assert mark.box.width / mark.box.height == pytest.approx(1.25)
    assert mark.box.within(400, 300)
    assert mark.notes[0] == "scaled to 75%"
    for fit, page in ((Fit.MOVE, _PAGE), (Fit.SCALE, PageFrame(0, 0, 14, 300))):
        with pytest.raises(DocumentFault) as fault:
            locate(Place(fit=fit), large, facts(pages=(page,)))
        assert fault.value.code == "plan.seal-off-page"


def test_seal_avoids_text_and_other_seals() -> None:
    """The seal goes to the nearest place where neither text nor an earlier seal is."""
    text = (Box(0, 200, 400, 100),)
    document = facts(pages=(_PAGE,), text_boxes=(text,))
    corner = Place(AtCorner(Corner.BOTTOM_RIGHT), avoid_text=True)
    first, second = marks(document, corner, corner)
    assert first.box == Box(300, pytest.approx(120 - 72 / 25.4), 100, 80)
    assert "clear of text" in first.notes[0]
    assert second.box.x + 100 < 300 or second.box.y + 80 < first.box.y
    with pytest.raises(DocumentFault) as fault:
        marks(facts(pages=(_PAGE,), text_boxes=((Box(0, 0, 400, 300),),)), corner)
    assert fault.value.code == "plan.no-free-place"


def test_nearest_free_place_is_the_nearest() -> None:
    """Among random obstacles, no place on a fine grid is free and nearer than the one found."""
    chance = random.Random(4)
    for _ in range(20):
        obstacles = [
            Box(chance.uniform(0, 350), chance.uniform(0, 280), chance.uniform(20, 90), 12)
            for _ in range(12)
        ]
        box = Box(chance.uniform(0, 340), chance.uniform(0, 260), 60, 40)
        found, _ = clear_of(box, obstacles, _PAGE, 0)
        reach = ((found.x - box.x) ** 2 + (found.y - box.y) ** 2) ** 0.5
        gap = 72 / 25.4

        def free(x: float, y: float, obstacles: list[Box] = obstacles, gap: float = gap) -> bool:
            return not any(
                x < one.x + one.width + gap
                and one.x - gap < x + 60
                and y < one.y + one.height + gap
                and one.y - gap < y + 40
                for one in obstacles
            )

        grid = (
            ((x - box.x) ** 2 + (y - box.y) ** 2) ** 0.5
            for x in range(0, 341, 4)
            for y in range(0, 261, 4)
            if free(x, y)
        )
        assert reach <= min(grid, default=reach) + 0.01


def test_table_of_types() -> None:
    """The type found in the path, the text or the information decides; others need a row."""
    rows = (("INV", (Place(AtCorner(Corner.TOP_LEFT)),)), ("PO", (Place(), Place(seal="small"))))
    table = PlaceTable("path", TextQuery("(inv|PO)-", expression=True), rows)
    document = facts(pages=(_PAGE,))
    with pytest.raises(DocumentFault) as fault:
        marks(document, table)
    assert fault.value.code == "plan.type-unknown"
    by_title = replace(table, by="Title")
    made = marks(facts(pages=(_PAGE,), metadata=(("Title", "inv-7"),)), by_title)
    assert made[0].box == Box(0, 0, 100, 80)
    query = TextQuery("(INV|PO)", expression=True)
    hit = TextHit(query, 0, Box(0, 0, 9, 9), "PO")
    made = marks(facts(pages=(_PAGE,), hits=(hit,)), replace(table, by="text", query=query))
    assert [mark.seal for mark in made] == [0, 1]
    assert made[1].box.width == OTHER.width
    assert len(marks(document, replace(table, otherwise=(Place(),)))) == 1
