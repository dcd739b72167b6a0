"""What may stand in a ticket, and in a rule's block `tickets:`, which bounds its choices."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from gateway.core.names import is_partial
from gateway.settings.place_models import PlacePart, Places
from gateway.settings.profile_models import ProfilePart
from gateway.settings.written import Expression, Name, Names, Part, Text, Words

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\<>:"|?*{}]')
_SHA256 = re.compile(r"^[0-9A-Fa-f]{64}$")
_LONGEST_NAME = 200
_LONGEST_WORD = 200


def _result(value: str) -> str:
    if not value.isprintable():
        raise ValueError("invisible characters cannot stand in a name")
    found = _UNSAFE.search(value)
    if found is not None:
        raise ValueError(f"{found[0]!r} cannot stand in a name")
    if not value.lower().endswith(".pdf") or is_partial(value):
        raise ValueError("a result's name must end in .pdf and not be a hidden one")
    if len(value.encode("utf-8", "surrogatepass")) > _LONGEST_NAME:
        raise ValueError(f"a result's name has at most {_LONGEST_NAME} bytes")
    return value


def _sha256(value: str) -> str:
    if not _SHA256.match(value):
        raise ValueError("write the SHA-256 of the document in hex (64 digits)")
    return value.lower()


def _word(value: str) -> str:
    if len(value) > _LONGEST_WORD or not value.isprintable():
        raise ValueError(f"write at most {_LONGEST_WORD} characters, none of them invisible")
    return value


Word = Annotated[Words, AfterValidator(_word)]
"""A text of a ticket that goes into logs and receipts."""
FieldWord = Annotated[Words, AfterValidator(_word)]
"""Name of a field of a ticket."""
FieldText = Annotated[Text, AfterValidator(_word)]
Priority = Annotated[int, Field(ge=0, le=9)]


def _measured(places: tuple[PlacePart, ...]) -> tuple[PlacePart, ...]:
    """Refuse what a document would have to be searched for: its words are not looked at."""
    for part in places:
        chosen = part.straddle.pages if part.straddle is not None else part.pages or part.page
        by_words = part.at == "text" or part.avoid is not None or part.table is not None
        if by_words or (chosen is not None and chosen.text is not None):
            raise ValueError(
                "a ticket's own place is measured: no text is looked for, and no table; use "
                "corner, edge, x and y, straddle, field, form-field or comment"
            )
        _measured(part.fallback or ())
    return places


class TicketsPart(Part):
    """What the ticket beside a document may choose instead of what the rule says."""

    seals: Names = ()
    """Seals besides the rule's own; grants and limits of registered seals hold as ever."""
    places: dict[Name, Places] = Field(default={})
    """Places by the names under which tickets choose them."""
    own_place: bool = False
    """A ticket may say itself, in measures, where the seals go."""
    profiles: dict[Name, ProfilePart] = Field(default={})
    """Profiles by the names under which tickets choose them."""
    name: bool = False
    """A ticket may say what the result is called."""
    reference: Expression | None = None
    """A ticket may state a reference number; the whole of it must fit this regular expression."""
    recipients: Names = ()
    """Recipients that a ticket may name."""
    priority: Priority | None = None
    """A ticket may ask for a priority from 0 up to this one, at most 9."""


class TicketFile(Part):
    """The ticket beside a document: x.pdf.yaml or x.pdf.json beside x.pdf."""

    seal: Word | None = None
    """One of the seals that the rule permits."""
    place: Word | None = None
    """Name of one of the places that the rule permits."""
    own_place: Annotated[Places, AfterValidator(_measured)] | None = None
    """A place, or several, as in a rule; but nothing is looked for in the document's text."""
    profile: Word | None = None
    """Name of one of the profiles that the rule permits."""
    name: Annotated[Text, AfterValidator(_result)] | None = None
    """What the result is called, with .pdf at its end; no folder."""
    reference: Word | None = None
    """A number of your own, such as an order's; it goes into the receipt."""
    recipient: Word | None = None
    """One of the recipients that the rule permits; it goes into the receipt."""
    priority: Priority | None = None
    """From 0 to 9: documents of a higher one go first."""
    fields: Annotated[dict[FieldWord, FieldText], Field(max_length=50, default={})]
    """What a contract flow asks about the document, such as amount: 1200; docs/flows.md."""
    sha256: Annotated[str, AfterValidator(_sha256)] | None = None
    """SHA-256 of the document in hex; if the document has another, it fails."""
