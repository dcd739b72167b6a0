"""Dictionaries read in one piece are those that pyHanko reads token by token."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError

from gateway.pdf import dictionaries


class Handler:
    """Stands for the document that is read."""

    strict = False


CONTAINER = generic.Reference(7, 0, Handler())  # type: ignore[arg-type]
VALUES = [
    *(
        b"/Name",
        b"/",
        b"/A#20B",
        b"1 0 R",
        b"0 0 R",
        b"1 00 R",
        b"1 0 Rx",
        b"1 0  R",
        b"1 100000 R",
    ),
    *(b"1" + b" " * 15 + b"0 R", b"1" + b" " * 16 + b"0 R", b"1" + b" " * 17 + b"0 R", b"01 0 R"),
    *(b"1 0 5 0 R", b"7", b"-7", b"+7", b"007", b"--7", b"7-", b"1.5", b".5", b"5.", b"-.5", b"."),
    *(b"1,5", b"1e5", b"1" * 19, b"1" * 20, b"1" * 5000, b"1." + b"1" * 19, b"1." + b"1" * 20),
    *(b"true", b"false", b"null", b"truex", b"True", b"(text)", b"()", b"(a(b)c)", b"(\\051)"),
    *(
        b"(a\rb)",
        b"(a\nb)",
        b"(\xfe\xff\0A)",
        b"(\xe4)",
        b"(open",
        b"<41>",
        b"<4>",
        b"<4 1>",
        b"<>",
    ),
    *(b"<4x>", b"<41", b"[]", b"[ ]", b"[1 2 0 R /A]", b"[[1][2]]", b"[1", b"[/A/B]", b"[>>]"),
    *(b"<<>>", b"<</A 1>>", b"<< /A << /B [<< /C 1 0 R >>] >> >>", b"<< /A 1 /A 2 >>", b"<</A>>"),
    *(
        b"<</A 1]",
        b"<< 1 2 >>",
        b"%c\n1",
        b"1 %c\n",
        b"\0 1",
        b"1\0",
        b"\x0b1",
        b"R",
        b"endobj",
        b"",
    ),
    b"[" * 25 + b"]" * 25,
    b"[ " + b"12 0 R " * 400 + b"]",
    b"[ " + b"12 0 R " * 4000 + b"]",
    b"[ " + b"<< /A (\\051) >> " * 40 + b"]",
]
BEHIND = [b"", b" endobj", b"\nstream\nwords\nendstream", b" stream\r\nwords\r\nendstream endobj"]


def told(value: Any) -> object:
    """Return a value with its kinds, all the way down, and whose it says that it is."""
    kind = generic.NameObject if isinstance(value, generic.NameObject) else type(value)
    if isinstance(value, generic.StreamObject):
        return (
            kind,
            value.encoded_data,
            [(str(key), told(dict.__getitem__(value, key))) for key in value],
        )
    if isinstance(value, dict):
        return kind, [(str(key), told(dict.__getitem__(value, key))) for key in value]
    if isinstance(value, list):
        return kind, list(map(told, list.__iter__(value)))
    if isinstance(value, generic.NameObject):
        return kind, str(value)
    written = io.BytesIO()
    value.write_to_stream(written)
    return kind, written.getvalue(), value.container_ref is CONTAINER


def outcome(read: Any, written: bytes) -> tuple[object, ...]:
    """Return what was read, and where the stream stands then; or the refusal."""
    stream = io.BytesIO(b"1 0 obj " + written)
    stream.seek(8)
    try:
        value = read(stream, CONTAINER)
    except (
        PdfError,
        ValueError,
        ArithmeticError,
        LookupError,
        TypeError,
        AttributeError,
    ) as refusal:
        return type(refusal), str(refusal)
    return told(value), stream.tell()


def same(written: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """See that both ways to read a dictionary come to the same."""
    slow = outcome(dictionaries._READ_SLOWLY, written)
    with monkeypatch.context() as patched:
        patched.setattr(
            generic.DictionaryObject, "read_from_stream", staticmethod(dictionaries.read_dictionary)
        )
        assert outcome(dictionaries.read_dictionary, written) == slow, written


@pytest.mark.parametrize("behind", BEHIND)
def test_values(behind: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Value, kind, refusal and the place behind a dictionary are the same for every value."""
    for value in VALUES:
        for pattern in (b"<< /Length 5 /A %s >>", b"<</A %s/B 1/Length 5>>", b"<</L[%s]>>"):
            same(pattern.replace(b"%s", value) + behind, monkeypatch)


def test_what_is_no_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends early, or does not begin, is refused alike."""
    whole = b"<< /A [ 1 0 R (x) ] /B << /C /D >> /E <41> /F 1.50 >>"
    for end in range(len(whole) + 1):
        same(whole[:end], monkeypatch)
    same(b"<A>", monkeypatch)
    same(b"<< " + b"/A " * 9000 + b">>", monkeypatch)


def test_any_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens in any order, and with bytes of any value among them, are read alike."""
    chance = random.Random(15)
    parts = [b"<<", b">>", b"[", b"]", b"/A", b"/B ", b" ", b"\n", *VALUES[:60]]
    for _ in range(4000):
        chosen = chance.choices(parts, k=chance.randrange(1, 14))
        written = bytearray(b"<<" + b" ".join(chosen) + b">> endobj")
        if chance.random() < 0.3:
            written[chance.randrange(2, len(written))] = chance.randrange(256)
        same(bytes(written), monkeypatch)


def test_what_is_read_is_plain() -> None:
    """A page is read in one piece, and what belongs to pyHanko is not."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.2 842] /Annots [<< /F 4 >>] >>"
    assert dictionaries._Reading(page, CONTAINER).read() is not None
    for other in (b"<< /A 1 /A 2 >>", b"<< /A % x\n 1 >>", b"<< /A (\\051) >>", b"<< /A#20 1 >>"):
        assert dictionaries._Reading(other, CONTAINER).read() is None
