"""Tickets: what the file beside a document asks for, and whether its rule permits that.

A ticket only picks among what a rule's author has written down. It never widens anything:
whether a seal may be used is decided afterwards, as for every seal (`core/seal_use.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import TypeVar

from pydantic import TypeAdapter

from gateway.core.errors import DocumentFault
from gateway.core.places import Place, PlaceTable
from gateway.core.rules import Rule, Rulebook, TicketTerms
from gateway.core.site import Tickets

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Ticket:
    """What a ticket asks for; what is empty was not asked for."""

    seal: str = ""
    place: str = ""
    """Name under which the rule permits it."""
    own_place: tuple[Place | PlaceTable, ...] = ()
    """Places of its own, where the rule permits that."""
    profile: str = ""
    """Name under which the rule permits it."""
    name: str = ""
    """Of the result, with its extension."""
    reference: str = ""
    """A number of the sender's own, which goes into the receipt."""
    recipient: str = ""
    priority: int | None = None
    sha256: str = ""
    """Of the document for which it was written, in hex."""
    fields: tuple[tuple[str, str], ...] = ()
    """What a contract flow asks about the document, such as an amount."""

    def to_json(self) -> str:
        """Write it as JSON."""
        return _ticket_adapter().dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> Ticket:
        """Read what `to_json` wrote; raises `ValueError`."""
        return _ticket_adapter().validate_json(text)


@dataclass(frozen=True)
class ReceivedTicket:
    """A ticket file as it was claimed: what it asks for, or why that cannot be told."""

    name: str
    sha256: str
    """Of the ticket's own bytes, in hex."""
    asks: Ticket | None = None
    problem: str = ""
    """What is wrong with it, with lines and columns; then it asks for nothing."""

    def to_json(self) -> bytes:
        """Write it as UTF-8 JSON."""
        return _adapter().dump_json(self, indent=1)

    @classmethod
    def from_json(cls, text: bytes) -> ReceivedTicket:
        """Read what `to_json` wrote; raises `ValueError`."""
        return _adapter().validate_json(text)


@cache
def _ticket_adapter() -> TypeAdapter[Ticket]:
    return TypeAdapter(Ticket)


@cache
def _adapter() -> TypeAdapter[ReceivedTicket]:
    # Building it takes a tenth of a second, and few commands read a ticket.
    return TypeAdapter(ReceivedTicket)


def mode(chosen: Tickets | None, rulebook: Rulebook, inbox: str) -> Tickets:
    """Tell what a file that looks like a ticket is in an inbox, where nobody has chosen."""
    if chosen is not None:
        return chosen
    # Commands that only look have no rules: they show such a file for what it may be.
    permits = any(rule.tickets is not None for rule in rulebook.for_inbox(inbox))
    return Tickets.OPTIONAL if permits or not rulebook.rules else Tickets.NONE


def applied(rule: Rule, received: ReceivedTicket, sha256: str) -> Rule:
    """Return the rule as the ticket wants it; `sha256` is the document's, in hex.

    Raises `DocumentFault`: `ticket.unreadable`, `ticket.wrong-hash`, `ticket.not-permitted`.
    """
    ticket = _readable(received, sha256)
    terms = rule.tickets or TicketTerms()
    _check_words(rule, terms, ticket)
    if ticket.seal and ticket.seal != rule.seal and ticket.seal not in terms.seals:
        raise _refusal(rule, "seal", ticket.seal, (rule.seal, *terms.seals))
    delivery = replace(rule.delivery, name=ticket.name) if ticket.name else rule.delivery
    return replace(
        rule,
        seal=ticket.seal or rule.seal,
        places=_places(rule, terms, ticket),
        profile=_chosen(rule, "profile", ticket.profile, terms.profiles, rule.profile),
        delivery=delivery,
    )


def fields_for(
    flow: str, received: ReceivedTicket | None, sha256: str
) -> tuple[tuple[str, str], ...]:
    """Return what a ticket says of a document that begins a contract flow; `sha256` as above.

    Everything else is the definition's to say. Raises the same faults.
    """
    if received is None:
        return ()
    ticket = _readable(received, sha256)
    for key, asked in asdict(replace(ticket, fields=(), sha256="")).items():
        if asked or asked == 0:
            what = asked if isinstance(asked, str | int) else "measures"
            told = f"{key}: {what}; flow {flow} permits fields and sha256"
            raise DocumentFault("ticket.not-permitted", told)
    return ticket.fields


def _readable(received: ReceivedTicket, sha256: str) -> Ticket:
    """Return what a ticket asks for, if it is this document's."""
    ticket = received.asks
    if ticket is None:
        raise DocumentFault("ticket.unreadable", received.problem)
    if ticket.sha256 and ticket.sha256 != sha256:
        raise DocumentFault("ticket.wrong-hash", f"{ticket.sha256}, not {sha256}")
    return ticket


def _check_words(rule: Rule, terms: TicketTerms, ticket: Ticket) -> None:
    """Refuse a name, reference, recipient or priority that the rule does not permit."""
    if ticket.fields:
        raise _refusal(rule, "fields", ", ".join(name for name, _ in ticket.fields), ())
    if ticket.name and not terms.name:
        raise _refusal(rule, "name", ticket.name, ())
    if ticket.reference:
        pattern = terms.reference
        if pattern is None or not re.fullmatch(pattern, ticket.reference):
            raise _refusal(rule, "reference", ticket.reference, (pattern,) if pattern else ())
    if ticket.recipient and ticket.recipient not in terms.recipients:
        raise _refusal(rule, "recipient", ticket.recipient, terms.recipients)
    if ticket.priority is not None:
        most = terms.priority
        if most is None or ticket.priority > most:
            allowed = () if most is None else (f"0 to {most}",)
            raise _refusal(rule, "priority", str(ticket.priority), allowed)


def _places(rule: Rule, terms: TicketTerms, ticket: Ticket) -> tuple[Place | PlaceTable, ...]:
    """Return the ticket's own places, or those that it chooses, or the rule's."""
    if not ticket.own_place:
        return _chosen(rule, "place", ticket.place, terms.places, rule.places)
    if not terms.own_place or ticket.place:
        permitted = [name for name, _ in terms.places]
        raise _refusal(rule, "own_place", "measures", permitted)
    for place in (one for own in ticket.own_place for one in own.within()):
        if place.seal and place.seal not in rule.seals:
            raise _refusal(rule, "own_place", f"seal {place.seal}", rule.seals)
    return ticket.own_place


def _chosen(
    rule: Rule, key: str, name: str, permitted: Sequence[tuple[str, Choice]], own: Choice
) -> Choice:
    """Return what a ticket chooses by its name, or the rule's own where it chooses nothing."""
    if not name:
        return own
    choices = dict(permitted)
    if name not in choices:
        raise _refusal(rule, key, name, tuple(choices))
    return choices[name]


def _refusal(rule: Rule, key: str, asked: str, permitted: Sequence[str]) -> DocumentFault:
    allowed = ", ".join(permitted) if permitted else "nothing"
    return DocumentFault(
        "ticket.not-permitted", f"{key}: {asked}; rule {rule.name} permits {allowed}"
    )
