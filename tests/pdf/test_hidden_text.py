"""Text that cannot be seen is found and named; text that can be seen is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.findings import Severity, refused
from gateway.pdf.reader import ReaderDocuments
from tests.e2e.pages import assembled

_SEEN = b"BT /F 12 Tf 72 700 Td (Seen) Tj ET\n"
_SCAN = b"q 595 0 0 650 0 0 cm /I Do Q\n"
_SHADE = b"q 0 0 0 rg 60 590 200 40 re f Q\n"
_SHAPES: dict[str, tuple[bytes, str]] = {
    "plain": (b"", ""),
    "invisible": (b"BT /F 12 Tf 3 Tr 72 600 Td (Hidden) Tj ET", "invisible-text"),
    "blank": (b"BT /F 12 Tf 3 Tr 72 600 Td (   ) Tj ET", ""),
    "scanned": (_SCAN + b"BT /F 12 Tf 3 Tr 72 600 Td (Words) Tj ET", "ocr-text"),
    "scanned-below": (b"BT /F 12 Tf 72 600 Td (Words) Tj ET " + _SCAN, "ocr-text"),
    "white": (b"BT /F 12 Tf 1 g 72 600 Td (Hidden) Tj ET", "invisible-text"),
    "white-on-dark": (_SHADE + b"BT /F 12 Tf 1 g 72 600 Td (Seen) Tj ET", ""),
    "dark-on-dark": (_SHADE + b"BT /F 12 Tf 0.02 g 72 600 Td (Hidden) Tj ET", "invisible-text"),
    "white-outlined": (b"BT /F 12 Tf 2 Tr 1 g 0 G 72 600 Td (Seen) Tj ET", ""),
    "clear": (b"/C gs BT /F 12 Tf 72 600 Td (Hidden) Tj ET", "invisible-text"),
    "covered": (b"BT /F 12 Tf 72 600 Td (Hidden) Tj ET " + _SHADE, "covered-text"),
    "marked": (b"BT /F 12 Tf 72 600 Td (Seen) Tj ET /H gs " + _SHADE, ""),
    "below-multiplied": (
        b"BT /F 12 Tf 72 600 Td (Seen) Tj ET /M gs 1 1 0 rg 60 590 200 40 re f",
        "",
    ),
    "outside": (b"BT /F 12 Tf 72 900 Td (Hidden) Tj ET", "text-outside-page"),
    "tiny": (b"BT /F 0.5 Tf 72 600 Td (Hidden) Tj ET", "tiny-text"),
    "scaled-up": (b"q 20 0 0 20 0 0 cm BT /F 0.6 Tf 4 30 Td (Seen) Tj ET Q", ""),
    "in-form": (b"q 1 0 0 1 0 -50 cm /X Do Q", "invisible-text"),
    "cut-out": (
        b"q 300 300 9 9 re W n BT /F 12 Tf 1 g 72 600 Td (Hidden) Tj ET Q",
        "invisible-text",
    ),
}
_RESOURCES = (
    b"/Resources << /Font << /F 5 0 R >> /XObject << /I 6 0 R /X 7 0 R >> /ExtGState <<"
    b" /C << /ca 0 >> /H << /ca 0.5 >> /M << /BM /Multiply >> >> >>"
)


def _stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def _page(content: bytes) -> bytes:
    picture = b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8"
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] "
    return assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>"
            % _RESOURCES,
            _stream(_SEEN + content),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            _stream(b"\x80", picture + b" /ColorSpace /DeviceGray"),
            _stream(b"BT /F 12 Tf 3 Tr 72 600 Td (Hidden) Tj ET", form + _RESOURCES),
        ]
    )


@pytest.mark.parametrize("shape", sorted(_SHAPES))
def test_shape(reader: ReaderDocuments, tmp_path: Path, shape: str) -> None:
    """Each way of hiding text has its name; what only looks like one has none."""
    content, expected = _SHAPES[shape]
    path = tmp_path / "x.pdf"
    path.write_bytes(_page(content))
    found = [one.words for one in reader.examine(path).findings]
    assert found == ([f"{expected} (1 pieces, first on page 1)"] if expected else [])


def test_rules_refuse_it(reader: ReaderDocuments, tmp_path: Path) -> None:
    """Sealed by default, refused where a rule refuses hidden content; scans stay sealed."""
    path = tmp_path / "x.pdf"
    path.write_bytes(_page(_SHAPES["covered"][0]))
    found = reader.examine(path).findings
    assert [one.kind.severity for one in found] == [Severity.CAUTION]
    assert not refused(found)
    assert refused(found, refuse=("hidden-content",)) == found
    path.write_bytes(_page(_SHAPES["scanned"][0]))
    assert not refused(reader.examine(path).findings, refuse=("hidden-content",))
