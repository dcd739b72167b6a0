"""Pages whose text is written as a test wants it, operator by operator."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.pages import assembled

MAPPED = {
    1: "fi",  # a ligature, told as its letters
    2: "\ufb01",  # the same, told as the ligature
    3: "\U00020bb7",
    4: "章",
    5: "盖",
    6: "\u2eda",  # the radical that looks like 页
    7: "\u2f29",  # the radical that looks like 小
    8: "处",
}
"""What the codes of fonts /M, /I and /O stand for, by their ToUnicode map."""

_INKED = 1000
"""Codes from here on have ink; code 1 of Adobe-GB1 is a space, of which pdfium tells nothing."""
_FONTS = b"/H 5 0 R /G 6 0 R /V 7 0 R /M 8 0 R /J 9 0 R /I 10 0 R /O 13 0 R"
_SYSTEM = b"<< /Registry (Adobe) /Ordering (%s) /Supplement 2 >>"
_DESCRIPTOR = (
    b"<< /Type /FontDescriptor /FontName /Song /Flags 6 /FontBBox [-25 -254 1000 880] "
    b"/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
)


def lettered(path: Path, *contents: bytes, entries: bytes = b"", catalog: bytes = b"") -> Path:
    """Write a page of 595 by 842 pt for each content stream.

    Its fonts: /H Helvetica, /G and /V Chinese by Unicode, across and down, /J Japanese by
    Shift-JIS down, /M and /I by `MAPPED`, across and down, /O the
    same across without any ink, as recognised text has it.
    """
    first = 15
    kids = b" ".join(b"%d 0 R" % (first + 2 * index) for index in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(contents)),
        _stream(_to_unicode()),
        _DESCRIPTOR,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        _composite(b"UniGB-UCS2-H", 11),
        _composite(b"UniGB-UCS2-V", 11),
        _composite(b"Identity-H", 11, b"/ToUnicode 3 0 R"),
        _composite(b"90msp-RKSJ-V", 12),
        _composite(b"Identity-V", 11, b"/ToUnicode 3 0 R"),
        *(_descendant(ordering) for ordering in (b"GB1", b"Japan1")),
        _composite(b"Identity-H", 14, b"/ToUnicode 3 0 R"),
        _descendant(b"Identity"),
    ]
    for content in contents:
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %s /Contents %d 0 R "
            b"/Resources << /Font << %s >> >> >>" % (entries, len(objects) + 2, _FONTS)
        )
        objects.append(_stream(content))
    path.write_bytes(assembled(objects))
    return path


def at(x: float, y: float, text: bytes, font: str = "H", size: float = 14) -> bytes:
    """Return operators that show a string (written as PDF writes strings) at a place."""
    return b"BT /%s %g Tf %g %g Td %s Tj ET\n" % (font.encode(), size, x, y, text)


def chinese(text: str) -> bytes:
    """Return a string for fonts /G and /V."""
    return b"<%s>" % text.encode("utf-16-be").hex().encode()


def mapped(*codes: int) -> bytes:
    """Return a string for fonts /M, /I and /O."""
    return b"<%s>" % "".join(f"{_INKED + code:04x}" for code in codes).encode()


def _composite(encoding: bytes, descendant: int, more: bytes = b"") -> bytes:
    return (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /%s "
        b"/DescendantFonts [%d 0 R] %s >>" % (encoding, descendant, more)
    )


def _descendant(ordering: bytes) -> bytes:
    return (
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Song /CIDSystemInfo %s "
        b"/FontDescriptor 4 0 R /DW 1000 >>" % (_SYSTEM % ordering)
    )


def _to_unicode() -> bytes:
    lines = "\n".join(
        f"<{_INKED + code:04x}> <{text.encode('utf-16-be').hex()}>" for code, text in MAPPED.items()
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Mapped def "
        "/CMapType 2 def 1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(MAPPED)} beginbfchar\n{lines}\nendbfchar endcmap end end"
    ).encode()


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)
