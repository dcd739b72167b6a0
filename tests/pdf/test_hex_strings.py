"""Hex strings read in one piece are those that pyHanko reads digit by digit."""

from __future__ import annotations

import io

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError

from gateway.pdf.hex_strings import read_hex_string

STRINGS = [
    b"<>",
    b"<41>",
    b"<414>",
    b"<4 1\n4\r2\t4\x0c3\x00>",
    b"<feff00410042>",
    b"<FFfe41004200>",
    b"<" + b"00" * 100_000 + b">",
    b"<" + b"8f" * 40_000 + b"3" + b" " * 70_000 + b">",
    b"<41% a comment with > in it\n42>",
    b"<4g>",
    b"<41",
    b"<",
    b"<41<42>>",
    b"<4\xb2>",
    b"<0x41>",
    b"<-1>",
]


@pytest.mark.parametrize("written", STRINGS, ids=lambda written: written[:20].hex())
def test_read_as_pyhanko_reads_them(written: bytes) -> None:
    """Value, kind, refusal and the place behind it are the same."""
    stories = []
    for read in (generic.read_hex_string_from_stream, read_hex_string):
        stream = io.BytesIO(b"[ " + written + b" /Next ]")
        stream.seek(2)
        try:
            value = read(stream)
        except (PdfError, ValueError) as refusal:
            stories.append((type(refusal), str(refusal)))
        else:
            stories.append((type(value), value, stream.tell()))
    assert stories[0] == stories[1]
