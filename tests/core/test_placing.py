"""From a rule's place to a box on a page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.facts import EarlierSignature, EmptyField, TextHit, TextQuery
from gateway.core.geometry import Box, PageFrame
from gateway.core.lengths import Length
from gateway.core.matching import Decision, Look
from gateway.core.pages import ANYWHERE, Pages
from gateway.core.places import AtCorner, AtText, Corner, Place
from gateway.core.plan import SealingPlan
from gateway.core.planning import plan
from gateway.core.rules import Certify, Profile
from tests.core.making import SEAL, facts, locate, rule, rulebook

_PAGE = PageFrame(0, 0, 400, 300)
_LYING = PageFrame(0, 0, 400, 300, 90, 2.0)
_SIGNED = EarlierSignature("Sealgate1", True, 900, False)


@pytest.mark.parametrize(
    ("corner", "x", "y"),
    [
        (Corner.TOP_LEFT, 10, 10),
        (Corner.TOP_RIGHT, 290, 10),
        (Corner.BOTTOM_LEFT, 10, 210),
        (Corner.BOTTOM_RIGHT, 290, 210),
        (Corner.CENTER, 150, 110),
    ],
)
def test_corners(corner: Corner, x: float, y: float) -> None:
    """The seal of 100 × 80 keeps its margin from both edges of its corner."""
    mark = locate(Place(AtCorner(corner, Length.parse("10pt"))), SEAL, facts(pages=(_PAGE, _PAGE)))
    assert mark.page == 1
    assert mark.box == Box(x, y, 100, 80)


def test_corner_is_that_of_the_page_as_displayed() -> None:
    """On a turned page with a unit of its own, the corner is the one that is seen."""
    mark = locate(Place(), SEAL, facts(pages=(_LYING,)))
    assert mark.box == Box(600 - 100, 800 - 80, 100, 80)


def test_margin_in_per_cent_is_of_each_axis() -> None:
    """Ten per cent are of the width across and of the height down."""
    place = Place(AtCorner(Corner.TOP_LEFT, Length.parse("10%")))
    assert locate(place, SEAL, facts(pages=(_PAGE,))).box == Box(40, 30, 100, 80)


def test_offset_goes_right_and_down() -> None:
    """Offsets are added in the displayed frame."""
    place = Place(
        AtCorner(Corner.CENTER), offset_x=Length.parse("5pt"), offset_y=Length.parse("-10%")
    )
    assert locate(place, SEAL, facts(pages=(_PAGE,))).box == Box(155, 80, 100, 80)


@pytest.mark.parametrize(
    ("page", "index"), [("first", 0), ("last", 4), ("1", 0), ("5", 4), ("-1", 4), ("-5", 0)]
)
def test_pages(page: str, index: int) -> None:
    """Pages count from 1, from the end when negative."""
    assert locate(Place(pages=Pages(page)), SEAL, facts(pages=(_PAGE,) * 5)).page == index


@pytest.mark.parametrize("page", ["7", "6", "-6"])
def test_page_that_is_not_there(page: str) -> None:
    """A page outside the document fails it, with both numbers."""
    with pytest.raises(DocumentFault) as fault:
        locate(Place(pages=Pages(page)), SEAL, facts(pages=(_PAGE,) * 5))
    assert fault.value.code == "plan.page-missing"
    assert fault.value.detail == f"page {page} of 5"


@pytest.mark.parametrize(
    "place",
    [
        Place(AtCorner(margin=Length.parse("-1pt"))),
        Place(AtCorner(Corner.TOP_LEFT), offset_y=Length.parse("-1pt")),
        Place(AtCorner(Corner.TOP_LEFT), offset_x=Length.parse("80%")),
        Place(AtCorner(Corner.CENTER), offset_y=Length.parse("115pt")),
    ],
)
def test_seal_off_the_page(place: Place) -> None:
    """A seal that would be cut off fails the document, with the measures in millimetres."""
    with pytest.raises(DocumentFault) as fault:
        locate(place, SEAL, facts(pages=(_PAGE,)))
    assert fault.value.code == "plan.seal-off-page"
    assert "page 1 is 141 × 106 mm; the seal would be 35 × 28 mm at" in fault.value.detail


def test_seal_larger_than_the_page() -> None:
    """A seal that fits nowhere is off the page in any corner."""
    with pytest.raises(DocumentFault):
        locate(Place(), replace(SEAL, width=401.0), facts(pages=(_PAGE,)))


def test_seal_at_text_is_centred_on_it() -> None:
    """First and last occurrence are those of the document's order; other texts do not count."""
    hits = (
        TextHit(TextQuery("other"), 0, Box(0, 0, 10, 10)),
        TextHit(TextQuery("盖章处"), 0, Box(150, 100, 40, 20)),
        TextHit(TextQuery("盖章处"), 1, Box(200, 150, 40, 20)),
    )
    document = facts(pages=(_PAGE, _PAGE), hits=hits)
    first = locate(Place(AtText(TextQuery("盖章处")), ANYWHERE), SEAL, document)
    assert (first.page, first.box) == (0, Box(120, 70, 100, 80))
    place = Place(AtText(TextQuery("盖章处"), "last"), ANYWHERE, offset_x=Length.parse("10pt"))
    last = locate(place, SEAL, document)
    assert (last.page, last.box) == (1, Box(180, 120, 100, 80))


def test_text_that_is_not_there() -> None:
    """Without its anchor a seal has no place."""
    with pytest.raises(DocumentFault) as fault:
        locate(Place(AtText(TextQuery("盖章处")), ANYWHERE), SEAL, facts())
    assert fault.value.code == "plan.text-not-found"
    assert fault.value.detail == "盖章处"


def test_plan_carries_the_whole_decision() -> None:
    """The plan holds all that later stages need, and survives its JSON."""
    chosen = rule(profile=Profile(reason="批准"))
    decision = Decision(chosen, (Look("a-rule", True, "every condition holds"),))
    made = plan(rulebook(chosen), decision, facts(), "x.pdf")
    assert (made.rule, made.snapshot, made.seal) == ("a-rule", "cd" * 32, SEAL)
    assert (made.field, made.profile, made.trace) == (
        "Sealgate1",
        chosen.profile,
        decision.trace,
    )
    assert SealingPlan.from_json(made.to_json()) == made
    with pytest.raises(ValueError, match="validation error"):
        SealingPlan.from_json(b"{}")


def test_no_rule_no_plan() -> None:
    """The fault of a document that no rule fits holds the trace."""
    decision = Decision(None, (Look("long", False, "pages: 3 is not >=10"),))
    with pytest.raises(DocumentFault) as fault:
        plan(rulebook(), decision, facts(), "x.pdf")
    assert fault.value.code == "rules.no-match"
    assert fault.value.detail == "long: pages: 3 is not >=10"


def test_signed_document_cannot_be_certified() -> None:
    """Certification must be the first signature."""
    chosen = rule(profile=Profile(certify=Certify.NO_CHANGES))
    with pytest.raises(DocumentFault) as fault:
        plan(rulebook(chosen), Decision(chosen, ()), facts(signatures=(_SIGNED,)), "x.pdf")
    assert fault.value.code == "plan.cannot-certify"


def test_field_name_is_free() -> None:
    """No field of the document, nor the first part of its name, is taken again."""
    chosen = rule()
    document = facts(
        signatures=(_SIGNED,),
        form_fields=("Sealgate2.part", "Name"),
        empty_signature_fields=(EmptyField("Sealgate3"),),
    )
    assert plan(rulebook(chosen), Decision(chosen, ()), document, "x.pdf").field == "Sealgate4"
