"""Refuse cross-reference sections that would keep pyHanko reading for ever, or nearly so.

Of a stream (ISO 32000-2, 7.5.8) pyHanko 0.38 makes up an entry for each that is claimed, be there
bytes for it or not: a file of 300 bytes can claim two billion of them. In a table (7.5.4) it goes
back by as many bytes as it asked for, even when the file ended before: then it reads the same
bytes again, without end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO

from pyhanko.pdf_utils import generic, misc, xref
from pyhanko.pdf_utils.decode_limits import DecodePurpose

_READ = xref.parse_xref_stream
_READ_TABLE = xref.parse_xref_table

_MOST_ENTRIES = 8_388_607
"""Objects of a document (ISO 32000-1, annex C)."""
_FEW = 1000
"""Entries that may be missing: some writers count wrongly."""
_WHOLE = (20, 7)
"""Bytes of an entry of a table, and of the word behind its entries: what is gone back over."""


def parse_xref_stream(
    xref_stream: generic.StreamObject, strict: bool = True
) -> Iterator[xref.XRefEntry]:
    """Read a cross-reference stream as pyHanko does; raises `PdfReadError`."""
    index = xref_stream.get("/Index", [0, xref_stream.get("/Size")])
    width = sum(int(one) for one in xref_stream["/W"])
    claimed = sum(int(count) for count in list(index)[1::2])
    if width <= 0 or not 0 <= claimed <= _MOST_ENTRIES:
        raise misc.PdfReadError("its table claims more objects than a file can have")
    held = xref_stream.read_data(DecodePurpose.XREF_STREAM, expected_size=claimed * (width + 1))
    if (claimed - _FEW) * width > len(held):
        raise misc.PdfReadError("its table claims more objects than it lists")
    return _READ(xref_stream, strict=strict)


class _Whole:
    """A stream of which an entry, or the word behind the last one, is had whole or not at all."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.tell = stream.tell

    def read(self, size: int) -> bytes:
        """Read as a file does; raises `PdfReadError` where a table ends with its file."""
        data = self._stream.read(size)
        if size in _WHOLE and len(data) < size:
            raise misc.PdfReadError("its table ends with the file")
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go elsewhere, as in a file."""
        return self._stream.seek(offset, whence)


def parse_xref_table(stream: IO[bytes], strict: bool) -> Iterator[xref.XRefEntry]:
    """Read a cross-reference table as pyHanko does; raises `PdfReadError`."""
    return _READ_TABLE(_Whole(stream), strict)


def install() -> None:
    """Let pyHanko read cross-reference sections by this module, in this process."""
    xref.parse_xref_stream = parse_xref_stream
    xref.parse_xref_table = parse_xref_table
