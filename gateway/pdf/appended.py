"""What was appended to a file: only whole revisions, and in them only what their tables list.

Difference analysis sees objects that a cross-reference table names. Readers that mend files by
themselves look for others too, so bytes that no table accounts for are refused ("shadow attacks").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.core.errors import DocumentFault
from gateway.pdf.given import open_given, size_of

MOST_APPENDED = 64 << 20
"""Bytes; a signature with all its evidence needs a small part of that."""
_CHUNK = 1 << 20

_HEADER = re.compile(rb"(?<!\d)(\d{1,10})[\x00\t\n\f\r ]+(\d{1,5})[\x00\t\n\f\r ]+obj(?![A-Za-z])")
_BLANK = re.compile(rb"(?:[\x00\t\n\f\r ]|%[^\r\n]*[\r\n])*")
_END = re.compile(rb"startxref\s+\d+\s+%%EOF\s*\Z")
_TABLE = re.compile(rb"xref\b.*\btrailer\b.*>>\s*\Z", re.DOTALL)
_POINTERS = (b"startxref", b"trailer")
_WHITE = b"\x00\t\n\f\r "
_WHITES = {b"\x00", b"\t", b"\n", b"\f", b"\r", b" "}


def check_prefix(sent: Path, returned: Path) -> None:
    """Refuse a file that is not the one sent out with something behind it; compared as streams.

    Raises `DocumentFault`: `outside.altered`, `outside.unsigned`, `outside.too-large`.
    """
    added = size_of(returned) - size_of(sent)
    with open_given(sent) as first, open_given(returned) as second:
        while chunk := first.read(_CHUNK):
            if second.read(len(chunk)) != chunk:
                raise DocumentFault("outside.altered")
    if added == 0:
        raise DocumentFault("outside.unsigned", "it is the file that was sent out, unchanged")
    if added > MOST_APPENDED:
        raise DocumentFault("outside.too-large", f"{added} bytes")


def check_history(before: PdfFileReader, after: PdfFileReader, size: int) -> None:
    """Refuse a file whose chain of revisions is not that of the file before, and then its own.

    `size` is that of the file before in bytes. Raises `DocumentFault`: `outside.unsigned` when
    no revision follows, `outside.changed`.
    """
    known, now = before.xrefs.total_revisions, after.xrefs.total_revisions
    starts = [after.xrefs.get_xref_container_info(one).start_location for one in range(now)]
    own = [before.xrefs.get_xref_container_info(one).start_location for one in range(known)]
    if starts == own:
        raise DocumentFault("outside.unsigned", "what was added is no revision of the document")
    if starts[:known] != own or any(start < size for start in starts[known:]):
        raise DocumentFault("outside.changed", "it does not build on the revision sent out")
    if _raw(before, "/Encrypt") != _raw(after, "/Encrypt"):
        raise DocumentFault("outside.changed", "its encryption differs")


def check_nothing_hidden(path: Path, reader: PdfFileReader, known: int, size: int) -> None:
    """Refuse bytes behind `size` that belong to no object or table of the revisions from `known`.

    Raises `DocumentFault` (`outside.changed`).
    """
    with open_given(path) as stream:
        stream.seek(size)
        added = stream.read()
    revisions = range(known, reader.xrefs.total_revisions)
    objects = dict(_objects(reader, revisions, size, added))
    for found in _HEADER.finditer(added):
        if objects.get(found.start()) != (int(found[1]), int(found[2])):
            raise _hidden(f"object {int(found[1])} that no table lists")
    starts = sorted(objects.keys() | set(_tables(reader, revisions, size, added)))
    if not starts or not _BLANK.fullmatch(added, 0, starts[0]):
        raise _hidden("bytes that belong to no object")
    for start, end in zip(starts, [*starts[1:], len(added)], strict=True):
        _check_region(added[start:end])


def _check_region(region: bytes) -> None:
    """Hold that a stretch is one object or table, then perhaps a revision's end, and no more."""
    end = _END.search(region)
    body = (region[: end.start()] if end else region).rstrip(_WHITE)
    if end and _TABLE.match(body):
        body = body.replace(b"trailer", b"", 1)
    elif not (_HEADER.match(body) and body.endswith(b"endobj")):
        raise _hidden("bytes that belong to no object")
    if any(word in body for word in _POINTERS):
        raise _hidden("a second end of a revision")


def _tables(reader: PdfFileReader, revisions: range, size: int, added: bytes) -> Iterator[int]:
    """Yield where, behind `size`, each table begins that is no stream."""
    for revision in revisions:
        table = reader.xrefs.get_xref_container_info(revision)
        if table.stream_ref is None:
            yield added.rfind(b"xref", 0, table.start_location - size)


def _objects(
    reader: PdfFileReader, revisions: range, size: int, added: bytes
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield where, behind `size`, each listed object's header is, and the object's number."""
    for revision in revisions:
        table = reader.xrefs.get_xref_container_info(revision)
        listed = [
            (reference, reader.xrefs.get_historical_ref(reference, revision))
            for reference in reader.xrefs.explicit_refs_in_revision(revision)
        ]
        if table.stream_ref is not None:
            listed.append((table.stream_ref, table.declared_startxref))
        for reference, place in listed:
            if not isinstance(place, int):
                continue
            if not size <= place < size + len(added):
                raise _hidden(f"object {reference.idnum} that lies in an earlier revision")
            start = place - size
            while added[start : start + 1] in _WHITES:
                start += 1
            yield start, (reference.idnum, reference.generation)


def _raw(reader: PdfFileReader, key: str) -> object:
    return reader.trailer.raw_get(key) if key in reader.trailer else None


def _hidden(what: str) -> DocumentFault:
    return DocumentFault("outside.changed", f"it holds {what}")
