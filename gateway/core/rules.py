"""The rulebook: what the files in `rules/` say, checked and frozen."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from enum import StrEnum

from gateway.core.duplicates import Duplicates
from gateway.core.facts import TextQuery, Wanted
from gateway.core.findings import FindingCondition
from gateway.core.places import Place, PlaceTable, queries_of
from gateway.core.profile import Commitment, FieldLock, SignaturePolicy
from gateway.core.repairing import Repair

_COMPARISONS = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_SIZES = {"": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3, "kib": 2**10, "mib": 2**20}
_WRITTEN = re.compile(r"^\s*(>=|<=|!=|>|<|=)?\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$")


@dataclass(frozen=True)
class Comparison:
    """A condition on a number: `3`, `>=2`, `<10MB`."""

    sign: str
    value: float
    written: str

    @classmethod
    def parse(cls, written: str, *, sizes: bool = False) -> Comparison:
        """Read a comparison; with `sizes`, units of bytes (kB, MB, GB, KiB, MiB) may follow.

        Raises `ValueError` with a sentence for the author when it is not one.
        """
        match = _WRITTEN.match(written)
        unit = match.group(3).lower() if match else "?"
        if match is None or unit not in (_SIZES if sizes else ("",)):
            example = "'>1MB'" if sizes else "'>=2'"
            raise ValueError(f"{written!r} is not a comparison: write it like {example}")
        return cls(match.group(1) or "=", float(match.group(2)) * _SIZES[unit], written.strip())

    def holds(self, number: float) -> bool:
        """Tell whether `number` satisfies the condition."""
        return bool(_COMPARISONS[self.sign](number, self.value))


@dataclass(frozen=True)
class Match:
    """Conditions that must all hold; an unset one holds always."""

    paths: tuple[str, ...] = ()
    """Globs below the inbox, case-insensitive; `**` crosses folders. Any one suffices."""
    pages: Comparison | None = None
    size: Comparison | None = None
    text: str | None = None
    """Regular expression searched on every page."""
    metadata: tuple[tuple[str, str], ...] = ()
    """Information dictionary key → regular expression searched in its value."""
    signatures: Comparison | None = None
    """Number of signatures already in the document."""
    fields: tuple[str, ...] = ()
    """Globs; for each, the form must have a field so named."""
    findings: tuple[FindingCondition, ...] = ()
    """All must hold."""


class Level(StrEnum):
    """PAdES baseline levels of ETSI EN 319 142-1 that this version makes."""

    B_B = "B-B"
    B_T = "B-T"
    """With a time-stamp."""
    B_LT = "B-LT"
    """And with certificates and revocation data."""
    B_LTA = "B-LTA"
    """And with a time-stamp over all of it, which can be renewed."""

    @property
    def time_stamped(self) -> bool:
        """Tell whether the signature gets a time-stamp."""
        return self is not Level.B_B

    @property
    def long_term(self) -> bool:
        """Tell whether the file gets revocation data."""
        return self in (Level.B_LT, Level.B_LTA)


class Certify(StrEnum):
    """Certification (DocMDP, ISO 32000-2, 12.8.2.2), as its author writes it."""

    NO = "no"
    NO_CHANGES = "no-changes"
    FORMS = "form-filling"
    ANNOTATIONS = "annotations"


@dataclass(frozen=True)
class Profile:
    """PAdES level and options of a signature."""

    level: Level = Level.B_B
    certify: Certify = Certify.NO
    reason: str = ""
    location: str = ""
    contact: str = ""
    name: str = ""
    """/Name of the signature dictionary; viewers show the certificate's subject without it."""
    commitment: Commitment | None = None
    """With it, or with a policy, there is no reason (ETSI EN 319 142-1, 6.3, d and m)."""
    policy: SignaturePolicy | None = None
    lock: FieldLock | None = None
    vri: bool = False
    """For B-LT and B-LTA: list the validation data by signature, too (VRI dictionary)."""


class Collisions(StrEnum):
    """What happens when a result's name is taken in the outbox."""

    COUNTER = "counter"
    """The next free name is taken."""
    REFUSE = "refuse"
    """The document fails, and nothing is overwritten."""


class Structure(StrEnum):
    """What becomes of the folders of the inbox in which a document lay."""

    KEEP = "keep"
    FLATTEN = "flatten"


@dataclass(frozen=True)
class Delivery:
    """Where the result goes and what it is called."""

    folder: str = ""
    """Folder below the outbox; empty for the inbox's own name."""
    name: str = "{stem}-sealed{n}.pdf"
    collisions: Collisions = Collisions.COUNTER
    structure: Structure = Structure.KEEP
    also: tuple[str, ...] = ()
    """Further folders below the outbox; each gets a copy and a receipt of its own."""
    find: str = ""
    """Regular expression for what `{found}` stands for; its first group, if it has one."""
    otherwise: str = ""
    """What stands for a word that neither ticket nor text has; without it the document fails."""

    @property
    def flat(self) -> bool:
        """Tell whether sub-folders of the inbox are left out."""
        return self.structure is Structure.FLATTEN


class Keep(StrEnum):
    """A claim of a document that sealing must not make untrue."""

    PDFA = "pdfa"
    TAGGED = "tagged"


@dataclass(frozen=True)
class TicketTerms:
    """What the ticket beside a document may choose; without anything, it may choose nothing."""

    seals: tuple[str, ...] = ()
    """Besides the rule's own."""
    places: tuple[tuple[str, tuple[Place | PlaceTable, ...]], ...] = ()
    """By the names under which tickets choose them."""
    own_place: bool = False
    """A ticket may say itself, in measures, where the seals go."""
    profiles: tuple[tuple[str, Profile], ...] = ()
    name: bool = False
    """The result's name."""
    reference: str | None = None
    """Regular expression that the whole of a reference number must fit."""
    recipients: tuple[str, ...] = ()
    priority: int | None = None
    """The highest that may be asked for."""


@dataclass(frozen=True)
class Rule:
    """One rule, as its author wrote it."""

    name: str
    inbox: str
    seal: str
    places: tuple[Place | PlaceTable, ...]
    match: Match = Match()
    profile: Profile = Profile()
    delivery: Delivery = Delivery()
    failover: tuple[str, ...] = ()
    """Services that sign instead, in this order, when the seal's own is held."""
    duplicates: Duplicates = Duplicates.AGAIN
    """What becomes of bytes that it has sealed before."""
    keep: tuple[Keep, ...] = ()
    """What the document claims to be and must still be when it is sealed."""
    tickets: TicketTerms | None = None
    """What the ticket beside a document may choose; None when the rule knows of no tickets."""
    allow: tuple[str, ...] = ()
    """Findings, or groups of them, with which a document is sealed."""
    refuse: tuple[str, ...] = ()
    """Findings, or groups of them, with which it is not."""
    repair: Repair = Repair.NEVER
    source: str = ""
    """`file:line` of the rule."""

    @property
    def seals(self) -> tuple[str, ...]:
        """Return the names of all seals that the rule may show, its own first."""
        placed = (one.seal for place in self.all_places for one in place.within() if one.seal)
        chosen = self.tickets.seals if self.tickets is not None else ()
        return tuple(dict.fromkeys((self.seal, *placed, *chosen)))

    @property
    def all_places(self) -> tuple[Place | PlaceTable, ...]:
        """Return the rule's places and those that a ticket may choose instead."""
        named = self.tickets.places if self.tickets is not None else ()
        return (*self.places, *(place for _, places in named for place in places))


@dataclass(frozen=True)
class Seal:
    """A seal as the site defines it: artwork, physical size and the service that signs with it."""

    name: str
    artwork: str
    """SHA-256 of the artwork's bytes, in hex; the bytes are kept by the seal store.
    They are a PNG, a PDF of one page, or the design (JSON) of a seal with dynamic lines."""
    width: float
    """Points, as printed."""
    height: float
    service: str
    """Name of the digest service."""
    version: int = 0
    """In the registry, from 1; 0 for a seal of `gateway.yaml`, which the artwork identifies."""

    @property
    def label(self) -> str:
        """Name the seal and which look of it."""
        look = f"version {self.version}" if self.version else f"artwork {self.artwork[:12]}"
        return f"{self.name} {look}"


@dataclass(frozen=True)
class Rulebook:
    """All rules and seals of one snapshot, in order; immutable, so a job can be pinned to it."""

    snapshot: str
    """SHA-256 over the canonical text of the whole, in hex."""
    rules: tuple[Rule, ...]
    seals: tuple[Seal, ...]
    fixed: frozenset[str] = frozenset()
    """Names of seals that are shown in their own size only."""

    def for_inbox(self, inbox: str) -> tuple[Rule, ...]:
        """Return the rules of one inbox in the order in which they are tried."""
        return tuple(rule for rule in self.rules if rule.inbox == inbox)

    def repairs(self, inbox: str) -> bool:
        """Tell whether any rule of the inbox wants documents mended."""
        return any(rule.repair is not Repair.NEVER for rule in self.for_inbox(inbox))

    def seal(self, name: str) -> Seal:
        """Return the seal called `name`; raises `KeyError` when the snapshot has none."""
        for seal in self.seals:
            if seal.name == name:
                return seal
        raise KeyError(name)

    def wanted(self, inbox: str) -> Wanted:
        """Return what the inbox's rules will ask about a document."""
        rules = self.for_inbox(inbox)
        placed = [place for rule in rules for place in rule.all_places]
        queries = {TextQuery(rule.match.text, expression=True) for rule in rules if rule.match.text}
        queries |= {query for place in placed for query in queries_of(place)}
        found = {rule.delivery.find for rule in rules if rule.delivery.find}
        queries |= {TextQuery(one, expression=True) for one in found}
        return Wanted(
            tuple(sorted(queries, key=lambda query: (query.words, query.expression, query.pages))),
            text_boxes=any(one.avoid_text for place in placed for one in place.within()),
        )
