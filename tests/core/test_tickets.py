"""What a ticket may choose, and what it may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.facts import TextQuery
from gateway.core.lengths import Length
from gateway.core.matching import Decision
from gateway.core.pages import Pages
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
    Spot,
    Straddle,
)
from gateway.core.plan import SealingPlan
from gateway.core.planning import plan
from gateway.core.rules import Delivery, Level, Profile, Rule, TicketTerms
from gateway.core.site import Tickets
from gateway.core.tickets import ReceivedTicket, Ticket, applied, fields_for, mode
from tests.core.making import OTHER, facts, rule, rulebook

HASH = "12" * 32
FIRST = (Place(source="first"),)
LONG = Profile(Level.B_LTA)
TERMS = TicketTerms(
    seals=(OTHER.name,),
    places=(("first", FIRST),),
    profiles=(("long", LONG),),
    name=True,
    reference=r"C-\d+",
    recipients=("legal",),
    priority=5,
)


def ticket(**asks: object) -> ReceivedTicket:
    """Return a ticket that asks for something."""
    return ReceivedTicket("x.pdf.yaml", "34" * 32, Ticket(**asks))  # type: ignore[arg-type]


def refused(chosen: Rule, received: ReceivedTicket) -> DocumentFault:
    """Return the fault with which a ticket is refused."""
    with pytest.raises(DocumentFault) as raised:
        applied(chosen, received, HASH)
    return raised.value


def test_a_ticket_chooses_among_what_the_rule_permits() -> None:
    """Seal, place, profile and name are the ticket's; the rest stays the rule's."""
    before = rule(tickets=TERMS, delivery=Delivery("there"))
    asked = ticket(seal=OTHER.name, place="first", profile="long", name="a.pdf", sha256=HASH)
    after = applied(before, asked, HASH)
    assert (after.seal, after.places, after.profile) == (OTHER.name, FIRST, LONG)
    assert after.delivery == Delivery("there", "a.pdf")
    assert (after.name, after.match, after.keep) == (before.name, before.match, before.keep)


def test_an_empty_ticket_changes_nothing() -> None:
    """Also where the rule knows of no tickets."""
    before = rule()
    assert applied(before, ticket(), HASH) == before


@pytest.mark.parametrize(
    ("asks", "told"),
    [
        ({"seal": "nobody"}, "seal: nobody; rule a-rule permits round, small"),
        ({"place": "last"}, "place: last; rule a-rule permits first"),
        ({"profile": "short"}, "profile: short; rule a-rule permits long"),
        ({"reference": "C-1 or more"}, r"reference: C-1 or more; rule a-rule permits C-\d+"),
        ({"recipient": "me"}, "recipient: me; rule a-rule permits legal"),
        ({"priority": 6}, "priority: 6; rule a-rule permits 0 to 5"),
    ],
)
def test_what_is_not_permitted_names_what_is(asks: dict[str, object], told: str) -> None:
    """The key, what was asked and what might be asked are in the detail."""
    fault = refused(rule(tickets=TERMS), ticket(**asks))
    assert (fault.code, fault.detail) == ("ticket.not-permitted", told)


@pytest.mark.parametrize(
    "asks",
    [
        {"seal": OTHER.name},
        {"place": "first"},
        {"profile": "long"},
        {"name": "a.pdf"},
        {"reference": "C-1"},
        {"recipient": "legal"},
        {"priority": 0},
        {"fields": (("amount", "1"),)},
    ],
)
@pytest.mark.parametrize("terms", [None, TicketTerms()])
def test_nothing_is_permitted_that_is_not_written(
    asks: dict[str, object], terms: TicketTerms | None
) -> None:
    """A rule without a block for tickets, or with an empty one, permits no choice at all."""
    fault = refused(rule(tickets=terms), ticket(**asks))
    assert fault.code == "ticket.not-permitted"


def test_a_ticket_of_another_document_fails() -> None:
    """The hash that a ticket states must be the document's."""
    assert refused(rule(), ticket(sha256="00" * 32)).code == "ticket.wrong-hash"


def test_a_ticket_that_cannot_be_read_fails_the_document() -> None:
    """Never is a document sealed as if its ticket were not there."""
    fault = refused(rule(), ReceivedTicket("x.pdf.yaml", "", problem="line 3"))
    assert (fault.code, fault.detail) == ("ticket.unreadable", "line 3")


def test_a_plan_follows_its_ticket_and_keeps_it() -> None:
    """The chosen seal is the one that signs, and the ticket survives the plan's JSON."""
    asked = ticket(seal=OTHER.name, reference="C-7")
    chosen = rule(tickets=TERMS)
    decided = plan(
        rulebook(chosen), Decision(chosen, ()), facts(), "x.pdf", ticket=asked, sha256=HASH
    )
    assert decided.seals == (OTHER,)
    assert SealingPlan.from_json(decided.to_json()).ticket == asked
    assert ReceivedTicket.from_json(asked.to_json()) == asked


def test_what_tickets_may_choose_is_looked_for_in_documents() -> None:
    """The words of a permitted place are searched, and its seals count as the rule's."""
    query = TextQuery("sign here", expression=False)
    place = Place(AtText(query), seal="third")
    chosen = rule(tickets=TicketTerms(seals=(OTHER.name,), places=(("words", (place,)),)))
    assert query in rulebook(chosen).wanted("main").queries
    assert set(chosen.seals) == {chosen.seal, OTHER.name, "third"}


@pytest.mark.parametrize(
    ("chosen", "terms", "expected"),
    [
        (None, None, Tickets.NONE),
        (None, TERMS, Tickets.OPTIONAL),
        (Tickets.NONE, TERMS, Tickets.NONE),
        (Tickets.REQUIRED, None, Tickets.REQUIRED),
    ],
)
def test_rules_decide_where_the_inbox_does_not(
    chosen: Tickets | None, terms: TicketTerms | None, expected: Tickets
) -> None:
    """A site whose rules know of no tickets has none."""
    assert mode(chosen, rulebook(rule(tickets=terms)), "main") is expected


SPOTS: tuple[Spot, ...] = (
    AtCorner(Corner.TOP_LEFT, Length(3, "mm")),
    AtCorner(),
    AtEdge(Edge.TOP),
    AtEdge(Edge.LEFT, Length(10, "%"), Length(1, "pt")),
    AtPoint(Length(1, "mm"), Length(2, "in"), Corner.CENTER),
    AtField("*.here", "last"),
    AtComment("here"),
    IntoField("only"),
    Straddle(Edge.LEFT, Length(1, "mm"), random=True, most=5, duplex=True),
    Straddle(),
)


@pytest.mark.parametrize("spot", SPOTS, ids=repr)
def test_a_ticket_of_its_own_place_is_stored_as_it_is(spot: Spot) -> None:
    """Whatever its places are made of, they are the same when a stored ticket is read again."""
    place = Place(spot, Pages("1,3-5"), seal="round", fallback=(Place(),), fit=Fit.MOVE)
    received = ticket(own_place=(place, Place(spot)))
    assert ReceivedTicket.from_json(received.to_json()) == received


def test_a_ticket_places_seals_itself_where_that_is_permitted() -> None:
    """With own_place the ticket's measures are the rule's places, and its seals are the rule's."""
    own = (Place(AtPoint(Length(1, "mm"), Length(2, "mm"))), Place(seal=OTHER.name))
    terms = replace(TERMS, own_place=True)
    assert applied(rule(tickets=terms), ticket(own_place=own), HASH).places == own
    fault = refused(rule(tickets=TERMS), ticket(own_place=own))
    assert (fault.code, "own_place" in fault.detail) == ("ticket.not-permitted", True)
    foreign = (Place(fallback=(Place(seal="foreign"),)),)
    fault = refused(rule(tickets=terms), ticket(own_place=foreign))
    assert "seal foreign" in fault.detail
    assert refused(rule(tickets=terms), ticket(own_place=own, place="first")).code == fault.code


def test_a_flow_takes_fields_and_nothing_else() -> None:
    """What a flow does is in its definition; a ticket tells of the document."""
    fields = (("amount", "1200"), ("币种", "EUR"))
    asked = ticket(fields=fields, sha256=HASH)
    assert fields_for("lease", asked, HASH) == fields
    assert fields_for("lease", None, HASH) == ()
    for more in ({"seal": "round"}, {"priority": 0}, {"reference": "C-1"}, {"own_place": FIRST}):
        with pytest.raises(DocumentFault) as caught:
            fields_for("lease", ticket(fields=fields, **more), HASH)
        assert (caught.value.code, next(iter(more)) in str(caught.value.detail)) == (
            "ticket.not-permitted",
            True,
        )
    with pytest.raises(DocumentFault, match="wrong-hash"):
        fields_for("lease", asked, "00" * 32)
