"""Refuse cross-reference streams that claim more entries than they hold, before they are read.

pyHanko 0.38 makes up an entry for each that is claimed, be there bytes for it or not: a file of
300 bytes can claim two billion of them (ISO 32000-2, 7.5.8).
"""

from __future__ import annotations

from collections.abc import Iterator

from pyhanko.pdf_utils import generic, misc, xref
from pyhanko.pdf_utils.decode_limits import DecodePurpose

_READ = xref.parse_xref_stream

_MOST_ENTRIES = 8_388_607
"""Objects of a document (ISO 32000-1, annex C)."""
_FEW = 1000
"""Entries that may be missing: some writers count wrongly."""


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


def install() -> None:
    """Let pyHanko read cross-reference streams by this module, in this process."""
    xref.parse_xref_stream = parse_xref_stream
