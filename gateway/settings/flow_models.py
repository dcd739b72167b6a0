"""What may stand in a flow file: the edge at which its YAML is parsed."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from gateway.core.flow_definition import Condition
from gateway.core.rules import Comparison
from gateway.settings.place_models import Places
from gateway.settings.profile_models import ProfilePart
from gateway.settings.rule_models import SealingPart
from gateway.settings.ticket_models import FieldWord
from gateway.settings.written import (
    FoldersBelow,
    Kept,
    LengthText,
    MailAddress,
    Name,
    Names,
    Part,
    Paths,
    Term,
    Terms,
    Text,
    Words,
)

_COMPARED = re.compile(r"^\s*[<>=!]")
_FINGERPRINT = re.compile(r"^[0-9a-f]{64}$")


def _condition(value: object) -> Condition:
    """Read what a field must say: a comparison of numbers, a word, or a list of words."""
    if isinstance(value, Condition):
        return value
    listed = value if isinstance(value, list) else [value]
    words = [word for word in listed if isinstance(word, str) and word.strip()]
    if not words or len(words) < len(listed):
        raise ValueError("write a comparison such as '>1000', a word or a list of words")
    if len(words) == 1 and _COMPARED.match(words[0]):
        return Condition("", Comparison.parse(words[0]))
    return Condition("", None, tuple(word.strip() for word in words))


def _fingerprint(value: str) -> str:
    digits = value.replace(":", "").replace(" ", "").lower()
    if not _FINGERPRINT.match(digits):
        raise ValueError("write the SHA-256 of the certificate: openssl x509 -fingerprint -sha256")
    return digits


def _plain_folders(folders: tuple[str, ...]) -> tuple[str, ...]:
    if any("{" in folder for folder in folders):
        raise ValueError("a flow's results go into folders of fixed names: leave out {…}")
    return folders


def _field(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


_WORD = {"type": ["string", "number", "boolean"]}
ConditionText = Annotated[
    Condition,
    BeforeValidator(_condition),
    WithJsonSchema({"anyOf": [_WORD, {"type": "array", "items": _WORD, "minItems": 1}]}),
]
Conditions = Annotated[dict[FieldWord, ConditionText], Field(default={})]
Folders = Annotated[FoldersBelow, AfterValidator(_plain_folders)]


class PartyPart(Part):
    """One side of a flow; without user and group it is known by its folder or its mail only."""

    title: Text = ""
    """As people call it."""
    user: Text = ""
    """Login of the one user who acts for it."""
    group: Text = ""
    """Group of users any one of whom acts for it."""
    mail: MailAddress | None = None
    """Where it is told what waits for it."""


class EscalationPart(Part):
    """Who may act, too, when nobody has."""

    after: Term
    """How long after the step was opened."""
    to: Words
    """Name of the party."""


class SignerPart(Part):
    """Whose certificate a signature made outside must be by; each key that is given must hold."""

    subject: Text = ""
    """Its common name or its organisation."""
    fingerprint: Annotated[str, AfterValidator(_fingerprint)] | None = None
    """SHA-256 of the certificate, in hex."""
    authorities: Paths = ()
    """Files of the authorities that it must lead to; the site's own trust anchors if not given."""


class FieldPart(Part):
    """The signature field that an outside signature has to use."""

    name: Words
    """Of the field."""
    place: Places | None = None
    """Where it is made in advance; when not given, the document has it already."""
    width: LengthText = "60mm"  # type: ignore[assignment]
    """Of a field that is made."""
    height: LengthText = "25mm"  # type: ignore[assignment]
    """Of a field that is made."""


class StepPart(Part):
    """What every step has."""

    name: Name
    """Unique within the flow."""
    party: Words
    """Name of the party whose step it is."""
    when: Conditions
    """Fields of the ticket and what they must say, such as amount: ">10000"; all must hold."""


class ActPart(StepPart):
    """What every step has for which somebody must do something."""

    text: Text = ""
    """What the party is asked, in its note."""
    deadline: Term | None = None
    """How long after it was opened the step expires."""
    reminders: Terms = ()
    """How long before the deadline the party is reminded; one or a list."""
    delegates: Names = ()
    """Parties that the step may be handed to."""
    escalate: EscalationPart | None = None
    """Who may act, too, when nobody has for so long."""
    on_rejection: Literal["end", "skip"] = "end"
    """What a no means: the flow ends, or goes on without this step."""
    on_expiry: Literal["end", "skip"] = "end"
    """What a missed deadline means."""


class SealStepPart(StepPart, SealingPart):
    """A seal that is put on by itself when its turn has come."""

    type: Literal["seal"]
    """What kind of step it is."""


class ApproveStepPart(ActPart):
    """A person agrees; the step's seal, if it has one, is released by that."""

    type: Literal["approve"]
    """What kind of step it is."""
    seal: Words | None = None
    """Name of the seal that is released; none if it is only agreed."""
    place: Places | None = None
    """Where the seal goes, as in a rule."""
    profile: ProfilePart = ProfilePart()
    """PAdES level and options."""
    failover: Names = ()
    """Services that sign instead, in this order, while the seal's own is held."""
    keep: Kept = ()
    """Claims that must stay true: pdfa, tagged, or both in a list."""


class OutsideStepPart(ActPart):
    """A party downloads the document, signs with its own tool and brings the file back."""

    type: Literal["sign-outside"]
    """What kind of step it is."""
    signer: SignerPart = SignerPart()
    """Whose signature is accepted."""
    field: Annotated[
        FieldPart | None, BeforeValidator(_field, json_schema_input_type=str | FieldPart | None)
    ] = None
    """The signature field to use: its name, or a field that is made in advance."""


class ReviewStepPart(ActPart):
    """A person has read it; never a seal."""

    type: Literal["review"]
    """What kind of step it is."""


class TogetherPart(Part):
    """Steps that are open at the same time: all of them are wanted, or any few."""

    name: Text = ""
    """As people call them together."""
    type: Literal["together"]
    """What kind of entry it is."""
    enough: Annotated[int, Field(ge=1, le=100)] | None = None
    """How many suffice; all when not given."""
    when: Conditions
    """As of a step; holds for each of them."""
    steps: Annotated[tuple[AnyStepPart, ...], Field(min_length=1, max_length=100)]
    """Two or more."""


AnyStepPart = Annotated[
    SealStepPart | ApproveStepPart | OutsideStepPart | ReviewStepPart,
    Field(discriminator="type"),
]
EntryPart = Annotated[
    SealStepPart | ApproveStepPart | OutsideStepPart | ReviewStepPart | TogetherPart,
    Field(discriminator="type"),
]


class FlowFile(Part):
    """A file in `rules/flows/`: one contract flow."""

    name: Name
    """Unique on the site."""
    title: Text = ""
    """As people call it."""
    inbox: Words | None = None
    """Documents dropped here begin it; when not given, the inbox that is called like the flow."""
    deadline: Term | None = None
    """How long after its beginning the whole flow expires."""
    withdrawal: Literal["always", "until-signed", "never"] = "always"
    """Until when its owner may call it off."""
    owners: Text = ""
    """Party whose people may withdraw it, besides the person who began it."""
    parties: Annotated[dict[Name, PartyPart | None], Field(min_length=1, max_length=100)]
    """Name of each party, and who it is."""
    steps: Annotated[tuple[EntryPart, ...], Field(min_length=1, max_length=100)]
    """One after the other."""
    level: Literal["B-LT", "B-LTA"] | None = None
    """Of the contract at the end; when not given, the highest of the seals that were put on."""
    evidence: SealingPart | None = None
    """How the certificate of completion is sealed; it has no seal when not given."""
    outbox: Folders = ()
    """Folders below the outbox that get the result, besides those of the parties."""


TogetherPart.model_rebuild()
FlowFile.model_rebuild()
