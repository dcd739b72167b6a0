"""Contract flows as their authors write them: parties, steps, and what happens when one says no.

A definition is frozen when a flow begins: the flow keeps the one it began with, whatever becomes of
the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from pydantic import TypeAdapter

from gateway.core.places import Place, PlaceTable
from gateway.core.rules import Comparison, Level, Rule, Seal

EVIDENCE = "evidence"
"""What stands for the step that seals the certificate of completion."""
_PREFIX = "flow."
"""No inbox can be called so: its name has no dot."""


def rules_of(flow: str) -> str:
    """Return what stands for the inbox in the rules by which a flow's steps seal."""
    return _PREFIX + flow


def flow_of(inbox: str) -> str:
    """Return the flow that `rules_of` was asked about; empty for an inbox."""
    return inbox.removeprefix(_PREFIX) if inbox.startswith(_PREFIX) else ""


class StepKind(StrEnum):
    """What a step wants."""

    SEAL = "seal"
    """A seal is put on by itself when the step is reached."""
    APPROVE = "approve"
    """A person agrees; the step's seal, if it has one, is put on then."""
    SIGN_OUTSIDE = "sign-outside"
    """A party signs with its own tool and brings the file back."""
    REVIEW = "review"
    """A person has read it; never a seal."""

    @property
    def wants_act(self) -> bool:
        """Tell whether somebody has to do something."""
        return self is not StepKind.SEAL


class Otherwise(StrEnum):
    """What becomes of the flow when a party says no, or says nothing in time."""

    END = "end"
    SKIP = "skip"
    """It goes on without the step."""


class Withdrawal(StrEnum):
    """Until when the flow's owner may call it off."""

    ALWAYS = "always"
    UNTIL_SIGNED = "until-signed"
    """As long as the document bears no seal and no signature of the flow."""
    NEVER = "never"


@dataclass(frozen=True)
class Party:
    """One side of a flow; without user and group it is known by its folder or its mail only."""

    name: str
    """Also of its folder."""
    title: str = ""
    """As people call it."""
    user: str = ""
    group: str = ""
    mail: str = ""

    @property
    def label(self) -> str:
        """Return what people read."""
        return self.title or self.name


@dataclass(frozen=True)
class Condition:
    """What a field of the ticket must say."""

    field: str
    comparison: Comparison | None = None
    """For numbers."""
    words: tuple[str, ...] = ()
    """Any one of these, whatever its case."""

    def holds(self, fields: Mapping[str, str]) -> bool:
        """Tell whether it holds; raises `ValueError` when the field is missing or no number."""
        if self.field not in fields:
            raise ValueError(f"{self.field} is missing")
        value = fields[self.field].strip()
        if self.comparison is None:
            return value.casefold() in {word.casefold() for word in self.words}
        try:
            number = float(value)
        except ValueError:
            raise ValueError(f"{self.field} is no number: {value[:50]}") from None
        if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124
            raise ValueError(f"{self.field} is no number: {value[:50]}")
        return self.comparison.holds(number)


@dataclass(frozen=True)
class Escalation:
    """Who may act, too, when nobody has for so long (seconds since the step was opened)."""

    after: float
    party: str


@dataclass(frozen=True)
class FieldRoom:
    """Where a signature field is made in advance, and how large; measures in points."""

    places: tuple[Place | PlaceTable, ...]
    width: float
    height: float


@dataclass(frozen=True)
class OutsideSigner:
    """Whose certificate a signature made outside must be by; each that is given must hold."""

    subject: str = ""
    """Its common name or its organisation."""
    fingerprint: str = ""
    """SHA-256 of the certificate in hex."""
    anchors: tuple[str, ...] = ()
    """PEM of the authorities that it must lead to; empty for the site's own."""


@dataclass(frozen=True)
class Step:
    """One thing that a party, or Sealgate itself, has to do. Durations in seconds."""

    name: str
    kind: StepKind
    party: str
    when: tuple[Condition, ...] = ()
    """All must hold, or the step is left out."""
    deadline: float | None = None
    """After it was opened."""
    reminders: tuple[float, ...] = ()
    """Before the deadline, the longest first."""
    delegates: tuple[str, ...] = ()
    """Parties that may act in its place, or be handed it."""
    escalation: Escalation | None = None
    on_rejection: Otherwise = Otherwise.END
    on_expiry: Otherwise = Otherwise.END
    sealing: Rule | None = None
    """Which seal, where and how, as a rule would say it."""
    signer: OutsideSigner | None = None
    field: str = ""
    """Signature field that has to be used; empty when any will do."""
    room: FieldRoom | None = None
    """Where that field is made in advance; None when the document has it already."""
    text: str = ""
    """What the party is asked, for its cover note."""

    @property
    def signs(self) -> bool:
        """Tell whether it puts a signature on the document."""
        return self.sealing is not None or self.kind is StepKind.SIGN_OUTSIDE


@dataclass(frozen=True)
class Stage:
    """Steps that are open at the same time: one alone, all of them, or any few of them."""

    steps: tuple[Step, ...]
    quorum: int | None = None
    """How many suffice; None for all."""
    name: str = ""


@dataclass(frozen=True)
class FlowDefinition:
    """A whole flow."""

    name: str
    inbox: str
    parties: tuple[Party, ...]
    stages: tuple[Stage, ...]
    title: str = ""
    deadline: float | None = None
    """Seconds from its beginning to the end of the whole flow."""
    withdrawal: Withdrawal = Withdrawal.ALWAYS
    owners: str = ""
    """Party whose people may withdraw it, besides the person who began it."""
    seals: tuple[Seal, ...] = ()
    """Every seal that its steps may show, as it looked when the definition was read."""
    evidence: Rule | None = None
    """How the certificate of completion is sealed; None leaves it without a seal."""
    outbox: tuple[str, ...] = ()
    """Folders below the outbox that get the result, besides those of the parties."""
    level: Level | None = None
    """Of the contract at the end, B-LT or B-LTA; None for that of its seals."""
    source: str = ""
    """`file:line`."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return every step, in the order in which they are written."""
        return tuple(step for stage in self.stages for step in stage.steps)

    @property
    def sealings(self) -> tuple[Rule, ...]:
        """Return how its steps seal, and its certificate of completion."""
        rules = (*(step.sealing for step in self.steps), self.evidence)
        return tuple(rule for rule in rules if rule is not None)

    @property
    def wanted(self) -> tuple[str, ...]:
        """Return the names of the ticket's fields that conditions ask for."""
        return tuple(sorted({one.field for step in self.steps for one in step.when}))

    def step(self, name: str) -> Step:
        """Return a step; raises `KeyError`."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)

    def stage_of(self, name: str) -> int:
        """Return the index of the stage that a step belongs to; raises `KeyError`."""
        for index, stage in enumerate(self.stages):
            if any(step.name == name for step in stage.steps):
                return index
        raise KeyError(name)

    def party(self, name: str) -> Party:
        """Return a party; raises `KeyError`."""
        for party in self.parties:
            if party.name == name:
                return party
        raise KeyError(name)

    def to_json(self) -> bytes:
        """Write it as UTF-8 JSON: what a flow that begins now is pinned to."""
        # Without a level it is what it was before there were levels: so is its hash.
        unsaid = {"level"} if self.level is None else None
        return _adapter().dump_json(replace(self, source=""), exclude=unsaid)

    @property
    def sha256(self) -> str:
        """Return the hash, in hex, under which a running flow finds what it began with."""
        return hashlib.sha256(self.to_json()).hexdigest()

    @classmethod
    def from_json(cls, text: bytes) -> FlowDefinition:
        """Read what `to_json` wrote; raises `ValueError`."""
        return _adapter().validate_json(text)


@cache
def _adapter() -> TypeAdapter[FlowDefinition]:
    # Built when it is first needed: most commands read none.
    return TypeAdapter(FlowDefinition)
