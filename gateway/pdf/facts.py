"""Examine a document: everything that matching and planning may look at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pyhanko.pdf_utils.reader import PdfFileReader
from pypdf import PdfReader

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts, Wanted
from gateway.pdf.annotations import annotations_of
from gateway.pdf.claims import claims_of
from gateway.pdf.document import Pages, field_names, opened
from gateway.pdf.faults import reading
from gateway.pdf.fields import empty_fields
from gateway.pdf.findings import findings_of
from gateway.pdf.passwords import candidates
from gateway.pdf.pictures import check_frames
from gateway.pdf.signatures import earlier_signatures
from gateway.pdf.text import read_texts
from gateway.pdf.usage_rights import refuse_stray_certification, usage_rights

_HEADER_WITHIN = 1024
_TAIL_WITHIN = 65536
_LONGEST_ENTRY = 1000


def examine(path: Path, wanted: Wanted) -> DocumentFacts:
    """Read a document's facts; see `ports.Documents.examine`."""
    _check_ends(path)
    with opened(path) as (reader, _), reading():
        pages = Pages(reader)
        _refuse_dynamic_xfa(reader)
        refuse_stray_certification(reader)
        beside = annotations_of(pages)
        facts = DocumentFacts(
            size=path.stat().st_size,
            pages=tuple(pages.frames),
            metadata=_metadata(path),
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
    size = path.stat().st_size
    if size == 0:
        raise DocumentFault("intake.empty")
    with path.open("rb") as stream:
        if b"%PDF-" not in stream.read(_HEADER_WITHIN):
            raise DocumentFault("intake.not-a-pdf")
        stream.seek(max(0, size - _TAIL_WITHIN))
        if b"startxref" not in stream.read():
            raise DocumentFault("pdf.truncated")


def _refuse_dynamic_xfa(reader: PdfFileReader) -> None:
    if bool(reader.root.get("/NeedsRendering", False)):
        raise DocumentFault("pdf.dynamic-xfa")


def _metadata(path: Path) -> tuple[tuple[str, str], ...]:
    """Read the information dictionary with pypdf, which knows every text encoding it may have."""
    with reading():
        information: dict[str, object] = dict(_unlocked(path).metadata or {})
        return tuple(
            (str(key).lstrip("/"), str(value)[:_LONGEST_ENTRY])
            for key, value in sorted(information.items())
            if isinstance(value, str)
        )


def _unlocked(path: Path) -> PdfReader:
    """Open a document with pypdf, which tries the empty password by itself."""
    reader = PdfReader(path, strict=False)
    if reader.is_encrypted:
        any(reader.decrypt(password) for password in candidates())
    return reader
