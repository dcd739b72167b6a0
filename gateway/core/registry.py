"""Registered seals: their versions, who may use them, until when and how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Standing(StrEnum):
    """Whether a seal is used."""

    ACTIVE = "active"
    RETIRED = "retired"
    """Taken out of use in good order; may be brought back."""
    REVOKED = "revoked"
    """Never to be used again."""


class GrantKind(StrEnum):
    """Who or what may use a seal."""

    ANY = "any"
    """Every rule of the site, and every step of a flow; its pattern is `*`."""
    INBOX = "inbox"
    RULE = "rule"
    """`INBOX/RULE`."""
    STEP = "step"
    """`FLOW/STEP` of a contract flow; `FLOW/evidence` for its certificate of completion."""
    USER = "user"
    """Who dropped the file. Narrows the others, as groups and roles do: of the grants to people
    at least one must name whoever it was."""
    GROUP = "group"
    """One of the groups of who dropped the file."""
    ROLE = "role"
    """One of the roles of who dropped the file."""


TO_PEOPLE = (GrantKind.USER, GrantKind.GROUP, GrantKind.ROLE)
"""Grants that narrow those of places."""


@dataclass(frozen=True)
class Grant:
    """One permission; the pattern is a glob."""

    kind: GrantKind
    pattern: str


class ArtworkKind(StrEnum):
    """What a version's artwork is; the value is the ending of the stored file's name."""

    PNG = "png"
    PDF = "pdf"
    """One page, as large as the seal."""
    DESIGN = "json"
    """Drawn anew for each document, because some of its lines change."""


@dataclass(frozen=True)
class SealVersion:
    """What a seal looked like from some moment on; never changed."""

    number: int
    """From 1."""
    artwork: str
    """SHA-256 of the artwork's bytes, in hex."""
    kind: ArtworkKind
    width: float
    """Points, as printed."""
    height: float
    made: str
    """UTC, ISO 8601."""
    actor: str
    source: str = ""
    """What it was made from, in words: a file's name, a design."""
    design: str = ""
    """SHA-256 of the design (JSON) that it was drawn from; empty for imported artwork."""


@dataclass(frozen=True)
class RegisteredSeal:
    """A seal as its keeper has it now."""

    name: str
    service: str
    """The digest service whose credential signs."""
    owner: str = ""
    """The organisation or person whose seal it is."""
    keeper: str = ""
    """Who answers for its use."""
    valid_from: date | None = None
    valid_until: date | None = None
    """The last day."""
    per_day: int | None = None
    """Most uses in a day of UTC."""
    per_month: int | None = None
    approval: bool = False
    """Each use waits until a person has approved it."""
    fixed_size: bool = False
    """It is shown in its own size only, whatever a place says."""
    standing: Standing = Standing.ACTIVE
    grants: tuple[Grant, ...] = ()
    versions: tuple[SealVersion, ...] = ()
    """Oldest first."""
    revision: int = 0
    """Counts the changes; a writer that knows an older one is refused. 0: not registered yet."""

    @property
    def newest(self) -> SealVersion:
        """Return the version in use."""
        return self.versions[-1]
