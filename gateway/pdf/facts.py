"""Examine a document: everything that matching and planning may look at."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import TrailerDictionary

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts, Wanted
from gateway.pdf.annotations import annotations_of
from gateway.pdf.claims import claims_of
from gateway.pdf.document import (
    Pages,
    field_names,
    opened,
    refuse_broken_form,
    refuse_high_numbers,
)
from gateway.pdf.faults import reading
from gateway.pdf.fields import empty_fields
from gateway.pdf.findings import findings_of
from gateway.pdf.given import open_given, size_of
from gateway.pdf.hidden_text import hidden_text
from gateway.pdf.pictures import check_frames
from gateway.pdf.signatures import earlier_signatures
from gateway.pdf.text import read_texts
from gateway.pdf.usage_rights import refuse_stray_certification, usage_rights

_HEADER_WITHIN = 1024
_TAIL_WITHIN = 65536
_LONGEST_ENTRY = 1000
_PLAIN = re.compile(rb"[\t\n\r -~]*")
"""What is the same in every encoding (ISO 32000-2, annex D.3)."""


def examine(path: Path, wanted: Wanted) -> DocumentFacts:
    """Read a document's facts; see `ports.Documents.examine`."""
    _check_ends(path)
    with opened(path) as (reader, _), reading():
        refuse_high_numbers(reader)
        pages = Pages(reader)
        refuse_broken_form(reader)
        _refuse_dynamic_xfa(reader)
        refuse_stray_certification(reader)
        beside = annotations_of(pages)
        facts = DocumentFacts(
            size=size_of(path),
            pages=tuple(pages.frames),
            metadata=_metadata(reader),
            signatures=earlier_signatures(reader),
            empty_signature_fields=empty_fields(reader, pages),
            form_fields=field_names(reader),
            fields=beside.fields,
            annotations=beside.annotations,
            claims=claims_of(reader),
            usage_rights=usage_rights(reader),
        )
        facts = replace(facts, findings=findings_of(path, reader, pages, facts))
    check_frames(path, facts.pages)
    facts = replace(facts, findings=(*facts.findings, *hidden_text(path)))
    if not (wanted.queries or wanted.text_boxes):
        return facts
    texts = read_texts(path, facts.pages, wanted)
    return replace(
        facts,
        hits=texts.hits,
        text_boxes=texts.boxes,
        textless=bool(wanted.queries) and texts.textless,
    )


def _check_ends(path: Path) -> None:
    """Name the plain cases before any library makes them obscure."""
    size = size_of(path)
    if size == 0:
        raise DocumentFault("intake.empty")
    with open_given(path) as stream:
        if b"%PDF-" not in stream.read(_HEADER_WITHIN):
            raise DocumentFault("intake.not-a-pdf")
        stream.seek(max(0, size - _TAIL_WITHIN))
        if b"startxref" not in stream.read():
            raise DocumentFault("pdf.truncated")


def _refuse_dynamic_xfa(reader: PdfFileReader) -> None:
    if bool(reader.root.get("/NeedsRendering", False)):
        raise DocumentFault("pdf.dynamic-xfa")


def _metadata(reader: PdfFileReader) -> tuple[tuple[str, str], ...]:
    """Read the information dictionary; what of it cannot be read is left out."""
    information = _readable(reader.trailer, "/Info") if "/Info" in reader.trailer else None
    if not isinstance(information, generic.DictionaryObject):
        return ()
    texts = ((key, _text(_readable(information, key))) for key in sorted(information))
    return tuple(
        (key.lstrip("/"), text[:_LONGEST_ENTRY]) for key, text in texts if text is not None
    )


def _readable(
    dictionary: generic.DictionaryObject | TrailerDictionary, key: str
) -> generic.PdfObject | None:
    try:
        with reading():
            found: generic.PdfObject = dictionary[key]
            return found
    except DocumentFault:
        return None


def _text(value: object) -> str | None:
    """Return a string's text, or a name; None for what is neither or has no known encoding.

    pypdf knows every encoding that a text string may have.
    """
    if isinstance(value, generic.TextStringObject | generic.ByteStringObject):
        written = bytes(value.original_bytes)
        if _PLAIN.fullmatch(written):
            return written.decode("ascii")
        from pypdf.generic import create_string_object  # noqa: PLC0415  # 8 MB; few need it

        decoded = create_string_object(written)
        return str(decoded) if isinstance(decoded, str) else None
    return str(value) if isinstance(value, generic.NameObject) else None
