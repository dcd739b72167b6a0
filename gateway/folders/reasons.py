"""The text file beside a document that was moved: why somebody agrees, or does not."""

from __future__ import annotations

import os
from collections.abc import Iterable

REASONS = (".txt", ".reason")
_LONGEST = 4096  # bytes
_ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")


def reason_names(document: str) -> tuple[str, ...]:
    """Return the names that a document's reason may have: `x.txt`, `x.pdf.txt`, …."""
    stem = document.rpartition(".")[0] or document
    return tuple(base + ending for base in (stem, document) for ending in REASONS)


def is_reason(name: str) -> bool:
    """Tell whether a file is one, by its name."""
    return name.lower().endswith(REASONS)


def reason_of(document: str, names: Iterable[str]) -> str:
    """Return which of some names is a document's reason; empty when none is."""
    wanted = [name.casefold() for name in reason_names(document)]
    return next((name for name in names if name.casefold() in wanted), "")


def read_reason(file: int) -> str:
    """Read the start of an open text file, in whichever encoding it was written."""
    content = os.pread(file, _LONGEST, 0)
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = content.decode("utf-16", "replace")
    else:
        text = _decoded(content)
    return " ".join(text.split())


def _decoded(content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            if encoding == "utf-8-sig" and error.start >= len(content) - 4 > 0:
                return content[: error.start].decode(encoding)  # cut within a character
    return content.decode("latin-1")
