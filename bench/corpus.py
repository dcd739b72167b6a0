"""The documents that are sealed: real pages of text with a picture, each file of its own bytes."""

from __future__ import annotations

import os
import random
import zlib
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.pages import assembled

_MARK = b"%\xe2\xe3\xcf\xd3\n"
"""The comment in a file's second line; a number of as many bytes is written in its place."""
_WORDS = [
    "seal",
    "order",
    "valve",
    "delivery",
    "invoice",
    "page",
    "terms",
    "harbour",
    "gauge",
    "flange",
    "total",
    "net",
    "gate",
]


@dataclass(frozen=True)
class Kind:
    """One size of documents."""

    name: str
    pages: int
    page_bytes: int
    """Of the picture on each page, which does not compress."""
    more: int = 0
    """Objects that no page shows."""
    more_bytes: int = 0
    """Of each of them."""


ONE_PAGE = Kind("1 page", 1, 28_000)
TEN_PAGES = Kind("10 pages", 10, 28_000)
TWO_HUNDRED_PAGES = Kind("200 pages", 200, 23_500)
KINDS = (ONE_PAGE, TEN_PAGES, TWO_HUNDRED_PAGES)


def document(kind: Kind) -> bytes:
    """Return a document of a kind; the same each time."""
    chance = random.Random(kind.name)  # noqa: S311
    pages, width = kind.pages, 100
    rows = kind.page_bytes // (3 * width)
    kids = b" ".join(b"%d 0 R" % (4 + 3 * number) for number in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number in range(pages):
        own = 4 + 3 * number
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R"
            b" >> /XObject << /I1 %d 0 R >> >> /Contents %d 0 R >>" % (own + 2, own + 1)
        )
        objects.append(_stream(zlib.compress(_text(chance)), b"/Filter /FlateDecode"))
        picture = (
            b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB"
            b" /BitsPerComponent 8" % (width, rows)
        )
        objects.append(_stream(chance.randbytes(3 * width * rows), picture))
    if kind.more:
        first = len(objects) + 1
        shown = b" ".join(b"%d 0 R" % (first + number) for number in range(kind.more))
        objects += [_stream(chance.randbytes(kind.more_bytes), b"") for _ in range(kind.more)]
        objects.append(b"[%s]" % shown)
        objects[0] = b"<< /Type /Catalog /Pages 2 0 R /More %d 0 R >>" % len(objects)
    return assembled(objects)


def _text(chance: random.Random) -> bytes:
    lines = [" ".join(chance.choices(_WORDS, k=11)) for _ in range(40)]
    shown = "\n".join(f"({line}) Tj T*" for line in lines)
    picture = "q 100 0 0 100 445 700 cm /I1 Do Q"
    return f"{picture}\nBT /F1 10 Tf 14 TL 50 780 Td\n{shown}\nET".encode()


def _stream(content: bytes, entries: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(content), content)


class Copies:
    """Writes any number of documents of a kind, no two of the same bytes."""

    def __init__(self, folder: Path, kind: Kind, whole: bytes = b"") -> None:
        self.kind = kind
        self._folder = folder
        self._whole = whole or document(kind)
        self._made = 0

    @property
    def size(self) -> int:
        """Return the bytes of one document."""
        return len(self._whole)

    def take(self, count: int) -> list[Path]:
        """Write so many more, and return their paths."""
        self._folder.mkdir(parents=True, exist_ok=True)
        paths = []
        start = self._whole.index(_MARK)
        for _ in range(count):
            self._made += 1
            whole = bytearray(self._whole)
            # Four bytes above 127 in a comment, as the standard advises (ISO 32000-1, 7.5.2).
            digits = [0xA1 + self._made // 90**place % 90 for place in range(4)]
            whole[start + 1 : start + 5] = bytes(digits)
            path = self._folder / f"{self.kind.name.replace(' ', '-')}-{self._made:06}.pdf"
            path.write_bytes(whole)
            paths.append(path)
        return paths


def on_disk() -> None:
    """Have all that was written before written to the disk, so that nobody else pays for it."""
    os.sync()
