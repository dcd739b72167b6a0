"""Which rule applies, and what is told of the others."""

from __future__ import annotations

import pytest

from gateway.core.facts import EarlierSignature, TextHit, TextQuery
from gateway.core.geometry import Box
from gateway.core.matching import Look, decide
from gateway.core.pages import ANYWHERE
from gateway.core.places import AtText
from gateway.core.rules import Comparison
from tests.core.making import facts, rule, rulebook

_SIGNED = EarlierSignature("Signature1", True, 900, False)


def test_first_fitting_rule_wins() -> None:
    """Rules are tried in order; those behind the winner are not looked at."""
    book = rulebook(
        rule("contracts", paths=("contracts/**",)), rule("all"), rule("all-too"), rule("never")
    )
    decision = decide(book, "main", "invoice.pdf", facts())
    assert decision.rule is not None
    assert decision.rule.name == "all"
    assert decision.trace == (
        Look("contracts", False, "path is not contracts/**"),
        Look("all", True, "every condition holds"),
    )


def test_no_rule_fits() -> None:
    """The trace tells of every rule why it does not apply."""
    book = rulebook(
        rule("long", pages=Comparison.parse(">=10")), rule("other", paths=("a/*", "b/*"))
    )
    decision = decide(book, "main", "x.pdf", facts())
    assert decision.rule is None
    assert [look.because for look in decision.trace] == [
        "pages: 3 is not >=10",
        "path is not a/* or b/*",
    ]


def test_rules_of_other_inboxes_are_not_looked_at() -> None:
    """Each inbox has its own rules."""
    decision = decide(rulebook(rule("theirs", inbox="other")), "main", "x.pdf", facts())
    assert decision.rule is None
    assert decision.trace == ()


@pytest.mark.parametrize(
    ("conditions", "because"),
    [
        ({"size": Comparison.parse(">1kB", sizes=True)}, "size: 1000 is not >1kB"),
        ({"signatures": Comparison.parse("0")}, "signatures: 1 is not 0"),
        ({"metadata": (("Title", "^Contract"),)}, "metadata Title is 'Invoice 42', not ^Contract"),
        ({"metadata": (("Author", "."),)}, "metadata Author is 'absent', not ."),
        ({"fields": ("approve*",)}, "no form field approve*"),
        ({"text": "Seal here"}, "no page has text Seal here"),
    ],
)
def test_reason_names_the_condition(conditions: dict[str, object], because: str) -> None:
    """What does not hold is told with what was found instead."""
    document = facts(
        signatures=(_SIGNED,),
        metadata=(("Title", "Invoice 42"),),
        form_fields=("Buyer.Name",),
        hits=(TextHit(TextQuery("other text", expression=True), 0, Box(0, 0, 1, 1)),),
    )
    decision = decide(rulebook(rule(**conditions)), "main", "x.pdf", document)
    assert [look.because for look in decision.trace] == [because]


def test_all_conditions_must_hold() -> None:
    """A rule with every condition applies to a document that satisfies them all."""
    wanted = rule(
        paths=("nothing", "*.pdf"),
        pages=Comparison.parse("3"),
        size=Comparison.parse("<=1kB", sizes=True),
        signatures=Comparison.parse(">0"),
        metadata=(("Title", r"\d+"), ("Author", "^$")),
        fields=("buyer.*",),
        text="盖章处|Seal",
    )
    document = facts(
        signatures=(_SIGNED,),
        metadata=(("Title", "Invoice 42"),),
        form_fields=("Buyer.Name",),
        hits=(TextHit(TextQuery("盖章处|Seal", expression=True), 0, Box(0, 0, 1, 1)),),
    )
    assert decide(rulebook(wanted), "main", "x.pdf", document).rule == wanted


def test_rulebook_names_what_must_be_searched() -> None:
    """Texts to match and texts to anchor are asked for once each, for the inbox alone."""
    from gateway.core.rules import Place

    book = rulebook(
        rule("a", text="two"),
        rule("b", text="one", places=(Place(AtText(TextQuery("anchor")), ANYWHERE),)),
        rule("c", text="two", places=(Place(AtText(TextQuery("anchor")), ANYWHERE),)),
        rule(
            "d",
            inbox="other",
            text="three",
            places=(Place(AtText(TextQuery("elsewhere")), ANYWHERE),),
        ),
    )
    assert book.wanted("main").queries == (
        TextQuery("anchor"),
        TextQuery("one", expression=True),
        TextQuery("two", expression=True),
    )
    with pytest.raises(KeyError):
        book.seal("unknown")
