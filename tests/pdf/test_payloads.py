"""Streams that stay in the file give the bytes that pyHanko reads, or are left to pyHanko."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.pdf import payloads
from gateway.pdf.payloads import Unread
from tests.e2e.pages import assembled

CONTENT = os.urandom(100_000)
SOUND = b"<< /Length %d >>\nstream\n%s\nendstream\nendobj"
WRITTEN = {
    "sound": SOUND % (len(CONTENT), CONTENT),
    "other line ends": (SOUND % (len(CONTENT), CONTENT)).replace(b">>\nstream\n", b">> stream\r\n"),
    "too short": SOUND % (len(CONTENT) - 7, CONTENT),
    "too long": SOUND % (len(CONTENT) + 1, CONTENT),
    "far too long": SOUND % (1 << 40, CONTENT),
    "spaces behind the keyword": (
        SOUND.replace(b"stream\n", b"stream  \n", 1) % (len(CONTENT), CONTENT)
    ),
    "no stream": b"<< /Length %d >>\nendobj" % len(CONTENT),
    "small": SOUND % (7, CONTENT[:7]),
    "tables": (SOUND % (len(CONTENT), CONTENT)).replace(b"<<", b"<< /Type /XRef"),
}  # fmt: skip


@pytest.fixture
def lazily(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pyHanko read streams by our module, as a child does."""
    monkeypatch.setattr(generic, "_maybe_read_stream_payload", payloads.read_payload)
    kept = property(payloads._get, payloads._set)
    monkeypatch.setattr(generic.StreamObject, "_encoded_data", kept, raising=False)


def told(written: bytes) -> tuple[Any, ...]:
    """Return what is read of an object, and where the file stands then."""
    stream = io.BytesIO(written)
    container = generic.TrailerReference(None)
    try:
        found = generic.DictionaryObject.read_from_stream(stream, container)
    except (PdfError, OverflowError) as refusal:
        return (type(refusal), str(refusal))
    stood = stream.tell()
    data = found.encoded_data if isinstance(found, generic.StreamObject) else None
    return type(found), dict(found), data, stood, stream.tell()


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_read_as_pyhanko_reads_them(name: str, request: pytest.FixtureRequest) -> None:
    """Bytes, refusals and places are the same, whatever /Length says."""
    slowly = told(WRITTEN[name])
    request.getfixturevalue("lazily")
    assert told(WRITTEN[name]) == slowly


@pytest.mark.usefixtures("lazily")
def test_each_file_gives_its_own(tmp_path: Path) -> None:
    """What stays in one file is never another's, not even under the same name."""
    path = tmp_path / "x.pdf"
    for content in (os.urandom(70_000), os.urandom(70_000)):
        path.write_bytes(
            assembled([b"<< /Type /Catalog /X 2 0 R >>", SOUND[:-7] % (len(content), content)])
        )
        with path.open("rb") as stream:
            found = PdfFileReader(stream).root["/X"]
            assert isinstance(found.__dict__["kept_data"], Unread)
            assert found.data == content
