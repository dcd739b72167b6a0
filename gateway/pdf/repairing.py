"""Mend a document's structure by writing it anew, without loss, where nobody has signed it.

qpdf finds the objects of a file whose tables are damaged, as viewers do, and writes them with
sound ones. Streams stay as they are, byte for byte. Whether the result is the same document is
not believed but looked at: pages are drawn and their text is read, before and after.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.core.errors import DocumentFault
from gateway.pdf.faults import reading
from gateway.pdf.given import open_given, size_of
from gateway.pdf.mapped import mapped
from gateway.pdf.pictures import compare_outside, picturing

_MOST_TOLD = 10
_LONGEST_TOLD = 200
_COMPARED_TEXTS = 200
"""Pages of a longer document whose text is compared: the first so many."""


def repair(original: Path, draft: Path) -> tuple[str, ...]:
    """Write the mended document to `draft`; return what was done, in words.

    Raises `DocumentFault`: `pdf.not-repairable` with the reason.
    """
    if not size_of(original):
        raise DocumentFault("pdf.not-repairable", "it is empty")
    if _holds_signature(original):
        raise DocumentFault("pdf.not-repairable", "it has a signature")
    try:
        with reading("pdf.not-repairable"):
            changes = _rewrite(original, draft)
        compare_outside(original, draft, {}, ())
        _compare_texts(original, draft)
    except DocumentFault as fault:
        if fault.code in ("pdf.too-costly", "pdf.not-repairable"):
            raise
        words = {"gate.page-changed": "a page would look different"}.get(fault.code, fault.code)
        raise DocumentFault("pdf.not-repairable", f"{words} ({fault.detail})") from fault
    return changes


def _holds_signature(path: Path) -> bool:
    """Tell whether a signature's byte range stands in the file, whatever its tables say."""
    with mapped(path) as data:
        return data.find(b"/ByteRange", 0) >= 0


def _rewrite(original: Path, draft: Path) -> tuple[str, ...]:
    import pikepdf  # noqa: PLC0415  # few documents need it

    with _opened(original) as document:
        if document.is_encrypted:
            raise DocumentFault("pdf.not-repairable", "it is encrypted")
        if any(_is_signature(one) for one in document.objects):
            raise DocumentFault("pdf.not-repairable", "it has a signature")
        found = [str(one) for one in document.get_warnings()]
        objects = len(document.objects)
        # qpdf corrects the entry, but adds none where it is missing.
        document.trailer["/Size"] = objects + 1
        with open_given(draft, "wb") as out:
            document.save(
                out,
                fix_metadata_version=False,
                compress_streams=False,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                deterministic_id=True,
            )
    with _opened(draft) as document:
        kept = len(document.objects)
    return (
        f"its table of objects was written anew: {kept} objects of {objects}",
        *(_plain(one, original) for one in found[:_MOST_TOLD]),
        *([f"and {len(found) - _MOST_TOLD} more"] if len(found) > _MOST_TOLD else []),
    )


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a document with qpdf, which looks for its objects where its tables are damaged."""
    import pikepdf  # noqa: PLC0415

    try:
        with (
            open_given(path) as stream,
            pikepdf.open(stream, inherit_page_attributes=False) as document,
        ):
            yield document
    except pikepdf.PasswordError as error:
        raise DocumentFault("pdf.not-repairable", "it is encrypted") from error
    except pikepdf.PdfError as error:
        raise DocumentFault("pdf.not-repairable", _plain(str(error), path)) from error


def _is_signature(found: Any) -> bool:
    import pikepdf  # noqa: PLC0415

    return isinstance(found, pikepdf.Dictionary) and "/ByteRange" in found


def _plain(warning: str, original: Path) -> str:
    """Return what qpdf says about a file without the path it has here."""
    told = warning.replace(str(original), "").strip(" :()")
    return " ".join(told.split())[:_LONGEST_TOLD]


def _compare_texts(original: Path, draft: Path) -> None:
    with picturing(original) as before, picturing(draft) as after:
        for index in range(min(len(before), _COMPARED_TEXTS)):
            if _text(before[index]) != _text(after[index]):
                raise DocumentFault("pdf.not-repairable", f"the text of page {index + 1} differs")


def _text(page: Any) -> str:
    try:
        written = page.get_textpage()
        try:
            text: str = written.get_text_range()
            return text
        finally:
            written.close()
    finally:
        page.close()
