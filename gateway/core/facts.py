"""What is known of a document before anything is decided: the answer of `pdf.facts`."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.geometry import Box, PageFrame


@dataclass(frozen=True)
class TextHit:
    """One occurrence of a searched pattern: page index from 0, and its box as displayed (pt)."""

    pattern: str
    page: int
    box: Box


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


@dataclass(frozen=True)
class DocumentFacts:
    """Everything matching and planning may look at; lists are in file order."""

    size: int
    """Bytes."""
    pages: tuple[PageFrame, ...]
    metadata: tuple[tuple[str, str], ...] = ()
    """Entries of the information dictionary, such as ("Title", "Invoice 42")."""
    signatures: tuple[EarlierSignature, ...] = ()
    empty_signature_fields: tuple[str, ...] = ()
    form_fields: tuple[str, ...] = ()
    """Fully qualified names."""
    patterns_found: tuple[str, ...] = ()
    """The searched patterns that occur on some page."""
    hits: tuple[TextHit, ...] = ()
    """Where the patterns that anchor a place occur."""
