"""What examining a document finds, by the names of `core.findings`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts
from gateway.core.findings import Finding
from gateway.pdf.actions import actions_of
from gateway.pdf.bodies import Bodies, bodies_in
from gateway.pdf.document import Pages, entry_of, field_dictionary, highest_object_number
from gateway.pdf.faults import reading
from gateway.pdf.mapped import MappedFile, mapped

_ENOUGH_NAMED = 5
_BLANK = b" \t\r\n\f\0"
_SOMETHING = re.compile(rb"[^ \t\r\n\f\0]")
_NEAR = 1 << 16
_CIPHERS = {1: "RC4", 2: "RC4", 3: "RC4", 4: "RC4 or AES-128", 5: "AES-256", 6: "AES-256"}
"""By /R of the standard security handler (ISO 32000-2, 7.6.4)."""
_CERTIFIED = {1: "no changes", 2: "form filling", 3: "form filling and comments"}


def findings_of(
    path: Path, reader: PdfFileReader, pages: Pages, facts: DocumentFacts
) -> tuple[Finding, ...]:
    """Return everything that is found; what cannot be read is no finding."""
    bodies = bodies_in(path, reader)
    found = (
        *_about_file(path),
        *_about_tables(reader),
        *_about_bodies(bodies),
        *_about_pages(reader, pages),
        *_about_signatures(facts, bodies),
        *_about_forms(reader, facts),
        *actions_of(reader, pages),
    )
    return tuple(dict.fromkeys(found))


def _about_file(path: Path) -> Iterator[Finding]:
    with mapped(path) as data:
        header, end = data.find(b"%PDF-", 0), data.find_last(b"%%EOF")
        if header > 0:
            yield Finding("late-header", f"{header} bytes")
        if end < 0:
            return
        behind = data.search(_SOMETHING, end + 5)
        if behind is not None:
            yield Finding("trailing-bytes", f"{_last(data) - behind.start()} bytes")


def _last(data: MappedFile) -> int:
    """Return where blanks at the end of a file begin that is not all blank."""
    end = len(data)
    while not (near := data.part(max(0, end - _NEAR), end).rstrip(_BLANK)):
        end -= _NEAR
    return max(0, end - _NEAR) + len(near)


def _about_tables(reader: PdfFileReader) -> Iterator[Finding]:
    tables = reader.xrefs
    if reader.has_xref_stream:
        yield Finding("cross-reference-stream")
    if tables.hybrid_xrefs_present:
        yield Finding("hybrid-cross-reference")
    if tables.total_revisions > 1:
        yield Finding("updated", f"{tables.total_revisions} sections")
    highest = highest_object_number(reader)
    size = reader.trailer["/Size"] if "/Size" in reader.trailer else 0
    if isinstance(size, int) and size <= highest:
        yield Finding("size-too-small", f"/Size {size}, highest object {highest}")
    if reader.encrypt_dict is not None:
        yield Finding("encrypted", _cipher(reader))


def _about_bodies(bodies: Bodies) -> Iterator[Finding]:
    if bodies.shadows:
        named = ", ".join(str(number) for number in bodies.shadows[:_ENOUGH_NAMED])
        more = ", …" if len(bodies.shadows) > _ENOUGH_NAMED else ""
        yield Finding("shadow-objects", f"object {named}{more}")
    if bodies.wrong_lengths:
        yield Finding("stream-length-wrong", f"{bodies.wrong_lengths} streams")
    if not bodies.complete:
        yield Finding("not-all-examined", "more objects than are looked at")


def _cipher(reader: PdfFileReader) -> str:
    try:
        with reading():
            assert reader.encrypt_dict is not None  # noqa: S101  # asked before
            return _CIPHERS.get(int(reader.encrypt_dict["/R"]), "")
    except DocumentFault:
        return ""


def _about_pages(reader: PdfFileReader, pages: Pages) -> Iterator[Finding]:
    tree = entry_of(reader.root, "/Pages")
    count = entry_of(tree, "/Count") if isinstance(tree, generic.DictionaryObject) else None
    if count != len(pages.frames):
        yield Finding("page-count-wrong", f"{count} instead of {len(pages.frames)}")


def _about_signatures(facts: DocumentFacts, bodies: Bodies) -> Iterator[Finding]:
    if facts.signatures:
        yield Finding("signed", ", ".join(one.field for one in facts.signatures[:_ENOUGH_NAMED]))
    for one in facts.signatures:
        if one.docmdp is not None:
            yield Finding("certified", f"{one.field}: {_CERTIFIED.get(one.docmdp, one.docmdp)}")
        if one.locks:
            yield Finding("fields-locked", one.field)
        if one.problem:
            yield Finding(one.problem, one.field)
    known = {one.coverage_end for one in facts.signatures}
    removed = len(bodies.covered - known - {0}) - (facts.usage_rights is not None)
    if removed > 0 and 0 not in known:
        yield Finding("signature-removed", f"{removed}")
    if facts.empty_signature_fields:
        names = [one.name for one in facts.empty_signature_fields]
        yield Finding("empty-signature-field", ", ".join(names[:_ENOUGH_NAMED]))
    if facts.usage_rights is not None:
        yield Finding("usage-rights")


def _about_forms(reader: PdfFileReader, facts: DocumentFacts) -> Iterator[Finding]:
    if facts.form_fields:
        yield Finding("form", f"{len(facts.form_fields)} fields")
    if entry_of(field_dictionary(reader), "/NeedAppearances"):
        yield Finding("needs-appearances")
    if facts.claims.pdfa:
        yield Finding("pdfa", facts.claims.pdfa)
    if facts.claims.tagged:
        yield Finding("tagged")
