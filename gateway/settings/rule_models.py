"""What may stand in a rule file: the edge at which its YAML is parsed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.settings.place_models import Places
from gateway.settings.profile_models import ProfilePart
from gateway.settings.ticket_models import TicketsPart
from gateway.settings.written import (
    Bytes,
    Count,
    Expression,
    FieldGlobs,
    FindingConditions,
    FindingNames,
    FolderBelow,
    FolderName,
    FoldersBelow,
    Globs,
    Kept,
    Name,
    Names,
    Part,
    Signatures,
    Template,
    Words,
)


class MatchPart(Part):
    """Conditions that must all hold."""

    path: Globs = ()
    """Glob below the inbox, case-insensitive, ** crosses folders; or a list: any one suffices."""
    pages: Count | None = None
    """Number of pages: 3, ">=2"."""
    size: Bytes | None = None
    """Size of the file: ">1MB"."""
    text: Expression | None = None
    """Regular expression, searched on every page."""
    metadata: dict[Words, Expression] = Field(default={})
    """Key of the document's information, such as Title, and a regular expression."""
    signatures: Signatures | None = None
    """Signatures it has already: none, any, ">=1"."""
    fields: FieldGlobs = ()
    """Glob or list of globs; for each, the form must have a field so named."""
    findings: FindingConditions = ()
    """What was found in it, such as encrypted, or not: not javascript; docs/examination.md."""


class DeliverPart(Part):
    """Where the result goes and what it is called."""

    outbox: FolderBelow | None = None
    """Folder below the outbox; the inbox's name when not given."""
    name: Template = "{stem}-sealed{n}.pdf"
    """Template with {stem} or {job}; docs/delivery.md lists what else may stand in it."""
    collisions: Literal["counter", "refuse"] = "counter"
    """When the name is taken: take the next free one, or let the document fail."""
    structure: Literal["keep", "flatten"] = "keep"
    """Sub-folders of the inbox: keep them below the folder, or leave them out."""
    also: FoldersBelow = ()
    """Further folders below the outbox; each gets a copy and its receipt."""
    find: Expression | None = None
    """Regular expression for {found} in name and folders: its first group, or all that it finds."""
    otherwise: FolderName | None = None
    """What stands for {found}, {reference} or {recipient} where there is none."""


class SealingPart(Part):
    """Which seal, where and how."""

    seal: Words
    """Name of a seal: of gateway.yaml, or registered."""
    place: Places
    """Where the seal goes; a list for several seals under one signature."""
    profile: ProfilePart = ProfilePart()
    """PAdES level and options."""
    failover: Names = ()
    """Services that sign instead, in this order, while the seal's own is held."""
    keep: Kept = ()
    """Claims that must stay true, or the document fails: pdfa, tagged, or both in a list."""


class RulePart(SealingPart):
    """One rule."""

    name: Name
    """Unique within the inbox; receipts and the log name it."""
    match: MatchPart = MatchPart()
    """Which documents; all when not given."""
    deliver: DeliverPart = DeliverPart()
    """Where the result goes."""
    duplicates: Literal["again", "return", "refuse"] = "again"
    """The very same document once more: seal it again, return the earlier result, or refuse it."""
    allow: FindingNames = ()
    """Findings with which a document is sealed although that is refused by default."""
    refuse: FindingNames = ()
    """Findings with which a document is not sealed; docs/examination.md."""
    repair: Literal["never", "unsigned"] = "never"
    """A document whose structure is damaged: let it fail, or mend it where nobody has signed it."""
    tickets: TicketsPart | None = None
    """What the ticket beside a document (x.pdf.yaml) may choose; docs/tickets.md."""


class RuleFile(Part):
    """A file in `rules/`."""

    inbox: Words
    """Whose rules these are."""
    rules: Annotated[tuple[RulePart, ...], Field(min_length=1)]
    """Tried from the top: the first that matches decides."""
