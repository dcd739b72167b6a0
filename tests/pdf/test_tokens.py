"""Names and references read in one piece are those that pyHanko reads letter by letter."""

from __future__ import annotations

import io
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError

from gateway.pdf import tokens

NAMES = [
    *(b"/Type ", b"/Type/Page", b"/ ", b"/", b"/A", b"/A\0B", b"/A\x0bB ", b"/A\x80 "),
    b"/\xc3\xa4 ",
    *(b"/A#20B ", b"/A#2 ", b"/A#zz ", b"/A%comment\n", b"/A(s)", b"/A<41>", b"/A]", b"/A}", b"A "),
    *(b"/" + bytes([code]) + b" " for code in range(1, 256)),
    b"/" + b"x" * 47,
    b"/" + b"x" * 46 + b" ",
    b"/" + b"x" * 200 + b" ",
]  # fmt: skip
REFERENCES = [
    *(b"1 0 R ", b"1 0 R/X", b"12\n0\r\nR]", b"1  00  R ", b" 1 0 R ", b"0 0 R ", b"-1 0 R "),
    *(b"1 0 r ", b"1 0 %\nR ", b"1\x0b0 R ", b"1 0\0R ", b"1 0 ", b"1", b"x 0 R", b"01 0 R "),
    *(b"99999999999 0 R ", b"1 99999 R ", b"1 100000 R ", b"1" + b" " * 60 + b"0 R "),
]


def told(read: Any, written: bytes, *more: Any) -> tuple[Any, ...]:
    """Return what was read, of which kind, and where the stream stands then; or the refusal."""
    stream = io.BytesIO(b"[ " + written)
    stream.seek(2)
    try:
        value = read(stream, *more)
    except (PdfError, ValueError) as refusal:
        return (type(refusal), str(refusal))
    kind = generic.NameObject if isinstance(value, generic.NameObject) else type(value)
    return kind, value, stream.tell()


def test_names() -> None:
    """Value, kind, refusal and the place behind a name are the same."""
    for written in (*NAMES, *NAMES):
        assert told(tokens.read_name, written) == told(tokens._NAME_SLOWLY, written), written


def test_names_are_shared() -> None:
    """All that are written alike are one object, which does not say where it was read."""
    one, other = (tokens.read_name(io.BytesIO(b"/Type ")) for _ in "12")
    one.container_ref = generic.Reference(7, 0)
    assert one is other
    assert one.get_container_ref().idnum == 0
    assert vars(one) == {}


def test_references() -> None:
    """Value, kind, refusal and the place behind a reference are the same."""
    container = generic.TrailerReference(None)
    for written in REFERENCES:
        quick, slow = (
            told(read, written, container)
            for read in (tokens.read_reference, tokens._REFERENCE_SLOWLY)
        )
        assert quick == slow, written
