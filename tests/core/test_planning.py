"""The plan of a document with several seals."""

from __future__ import annotations

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.facts import Claims, DocumentFacts, EarlierSignature, EmptyField
from gateway.core.geometry import Box
from gateway.core.matching import Decision
from gateway.core.pages import ANYWHERE, Pages
from gateway.core.places import AtCorner, Corner, IntoField, Place, Straddle
from gateway.core.plan import WHOLE, SealingPlan
from gateway.core.planning import plan
from gateway.core.rules import Keep
from tests.core.making import OTHER, SEAL, facts, rule, rulebook

_SIGNED = EarlierSignature("Signed", True, 900, False)


def planned(document: DocumentFacts, *places: Place) -> SealingPlan:
    """Plan a rule with these places."""
    chosen = rule(places=places, keep=(Keep.PDFA,))
    return plan(rulebook(chosen), Decision(chosen, ()), document, "x.pdf")


def test_first_whole_seal_of_the_rule_is_the_signature() -> None:
    """Slices and other seals become stamps, wherever they stand in the list."""
    made = planned(
        facts(),
        Place(Straddle(), ANYWHERE),
        Place(AtCorner(Corner.TOP_LEFT), seal=OTHER.name),
        Place(AtCorner(Corner.TOP_RIGHT), Pages("first")),
        Place(AtCorner(Corner.CENTER)),
    )
    assert (made.seals, made.seal) == ((SEAL, OTHER), SEAL)
    assert (made.mark.page, made.mark.part, made.mark.seal) == (0, WHOLE, 0)
    assert made.mark.box.x == pytest.approx(595.28 - 100)
    assert len(made.stamps) == 5
    assert [mark.seal for mark in made.stamps] == [0, 0, 0, 1, 0]


def test_slices_alone_can_carry_the_signature() -> None:
    """Where there are only slices, the first one is the signature field's own."""
    made = planned(facts(), Place(Straddle(), ANYWHERE))
    assert (made.mark.page, len(made.stamps)) == (0, 2)


def test_what_signs_must_be_seen() -> None:
    """Where only another seal would find its place, the document is not signed by one unseen."""
    slices = Place(Straddle(), ANYWHERE, fallback=())
    with pytest.raises(DocumentFault) as fault:
        planned(facts(pages=facts().pages[:1]), slices, Place(seal=OTHER.name))
    assert (fault.value.code, fault.value.detail) == ("plan.nowhere", SEAL.name)


def test_a_filled_field_carries_the_signature() -> None:
    """A seal in a signature field is the signature, whatever stands before it in the list."""
    field = EmptyField("Here", 1, Box(10, 20, 100, 50))
    document = facts(empty_signature_fields=(field,))
    made = planned(document, Place(AtCorner(Corner.CENTER)), Place(IntoField("Here")))
    assert (made.fills, made.field, made.mark.box) == (True, "Here", field.box)
    assert made.mark.found is not None
    with pytest.raises(DocumentFault) as fault:
        planned(document, Place(IntoField("Here")), Place(IntoField("only")))
    assert fault.value.code == "plan.field-ambiguous"


def test_signed_documents_take_one_seal() -> None:
    """A stamp would break the signature before it: the plan fails before anything is spent."""
    document = facts(signatures=(_SIGNED,))
    assert planned(document, Place()).stamps == ()
    with pytest.raises(DocumentFault) as fault:
        planned(document, Place(), Place(AtCorner(Corner.TOP_LEFT)))
    assert fault.value.code == "plan.stamps-after-signature"


def test_too_many_places() -> None:
    """A rule that would cover a document with seals is taken for a mistake."""
    with pytest.raises(DocumentFault) as fault:
        planned(facts(pages=facts().pages * 1700), Place(pages=ANYWHERE))
    assert fault.value.code == "plan.too-many-places"


def test_plan_survives_its_journey() -> None:
    """Marks, claims and what is insisted on are the same after a round trip through JSON."""
    claims = Claims("1b", tagged=True)
    made = planned(facts(claims=claims), Place(Straddle(), ANYWHERE), Place())
    assert (made.claims, made.keep) == (claims, (Keep.PDFA,))
    assert SealingPlan.from_json(made.to_json()) == made


_OF_VERSION_0_2 = b"""{
 "rule": "all", "snapshot": "cd", "seal": {"name": "round", "artwork": "ab", "width": 100.0,
  "height": 80.0, "service": "csc"},
 "mark": {"page": 1, "box": {"x": 10.0, "y": 20.0, "width": 100.0, "height": 80.0}},
 "field": "Sealgate1", "profile": {"level": "B-T", "certify": "no", "reason": "", "location": "",
  "contact": "", "name": "", "commitment": null, "policy": null, "lock": null, "vri": false},
 "delivery": {"folder": "", "name": "{stem}-sealed{n}.pdf"},
 "trace": [{"rule": "all", "matched": true, "because": "every condition holds"}],
 "failover": [], "fills": false
}"""


def test_plans_of_the_former_version_are_read() -> None:
    """A document that was under way when Sealgate was updated keeps its plan, paid for or not."""
    plan = SealingPlan.from_json(_OF_VERSION_0_2)
    assert (plan.seal.name, plan.mark.page, plan.stamps) == ("round", 1, ())
    assert plan.mark.box == Box(10, 20, 100, 80)
    with pytest.raises(ValueError, match="seals"):
        SealingPlan.from_json(b'{"rule": "all"}')
