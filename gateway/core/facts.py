"""What is known of a document before anything is decided: the answer of `pdf.facts`."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.findings import Finding
from gateway.core.geometry import Box, PageFrame


@dataclass(frozen=True)
class TextQuery:
    """Words to be looked for: literally, or as a regular expression."""

    words: str
    expression: bool = False
    pages: str = "all"
    """On these pages only, written as in a rule (`core.pages`)."""


@dataclass(frozen=True)
class Wanted:
    """What matching and planning will ask about a document, so that nothing else is looked for."""

    queries: tuple[TextQuery, ...] = ()
    text_boxes: bool = False
    """Where text stands, to be avoided."""


NOTHING = Wanted()


@dataclass(frozen=True)
class TextHit:
    """One occurrence of searched words: page index from 0, and its box as displayed (pt)."""

    query: TextQuery
    page: int
    box: Box
    text: str = ""
    """What was found; of an expression with a group, what its first group found."""


@dataclass(frozen=True)
class FormField:
    """A form field's widget as displayed."""

    name: str
    """Fully qualified."""
    page: int
    box: Box


@dataclass(frozen=True)
class Annotation:
    """A rectangle or comment that may hold a seal's place."""

    kind: str
    """Subtype without its slash, such as `Square`, `FreeText` or `Text`."""
    text: str
    page: int
    box: Box


@dataclass(frozen=True)
class Claims:
    """What a document says of itself; nothing here was proven."""

    pdfa: str = ""
    """Part and conformance of PDF/A, such as `1b` or `3u`; empty when it claims none."""
    tagged: bool = False
    """It has a structure tree and says that its content is marked (ISO 32000-2, 14.8)."""


@dataclass(frozen=True)
class EarlierSignature:
    """A signature already in the document, in the order of their byte ranges."""

    field: str
    intact: bool
    """Its digest and signature value fit the bytes that it covers."""
    coverage_end: int
    """Offset in bytes just behind the last byte that it covers."""
    changed_after: bool
    """Something was changed after it beyond what it, as read by difference analysis, allows."""
    docmdp: int | None = None
    """Its certification level (DocMDP /P: 1, 2 or 3), when it certifies."""
    timestamp: bool = False
    """It is a document time-stamp, not a person's or organisation's signature."""
    problem: str = ""
    """Name of the finding for which it cannot be relied on; empty when all is well."""
    locks: bool = False
    """It locks form fields (FieldMDP)."""


@dataclass(frozen=True)
class EmptyField:
    """A signature field that waits for a signature."""

    name: str
    """Fully qualified."""
    page: int | None = None
    """Index from 0; None when it shows on no page."""
    box: Box | None = None
    """Its widget as displayed; None when a signature in it is invisible."""
    widgets: int = 1
    seed_values: tuple[str, ...] = ()
    """Keys of its seed value dictionary, without the slash: what its author asks of signatures."""
    lock: str = ""
    """What its signature will lock, in words; empty without a lock."""


@dataclass(frozen=True)
class UsageRights:
    """Rights that a form's author gave to users of a reader (UR3, ISO 32000-2, 12.8.2.3)."""

    sign: bool
    """Existing signature fields may be filled."""
    add_fields: bool
    """New form fields may be added."""


@dataclass(frozen=True)
class DocumentFacts:
    """Everything matching and planning may look at; lists are in file order."""

    size: int
    """Bytes."""
    pages: tuple[PageFrame, ...]
    metadata: tuple[tuple[str, str], ...] = ()
    """Entries of the information dictionary, such as ("Title", "Invoice 42")."""
    signatures: tuple[EarlierSignature, ...] = ()
    empty_signature_fields: tuple[EmptyField, ...] = ()
    form_fields: tuple[str, ...] = ()
    """Fully qualified names."""
    hits: tuple[TextHit, ...] = ()
    """Where the wanted words occur, in the order of the pages and of the text."""
    text_boxes: tuple[tuple[Box, ...], ...] = ()
    """Where text stands, by page; empty when nobody wanted to know."""
    fields: tuple[FormField, ...] = ()
    """Widgets that can be seen of fields that are no signature fields."""
    annotations: tuple[Annotation, ...] = ()
    claims: Claims = Claims()
    textless: bool = False
    """Words were wanted, but no page that was looked at has any character, be it visible or not."""
    usage_rights: UsageRights | None = None
    """None when the document says nothing about them: then they limit nothing."""
    findings: tuple[Finding, ...] = ()

    def pages_with(self, query: TextQuery) -> tuple[int, ...]:
        """Return the pages, indexes from 0, on which the words occur."""
        return tuple(sorted({hit.page for hit in self.hits if hit.query == query}))
