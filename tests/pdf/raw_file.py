"""A PDF written byte by byte, so that a test decides about numbers, offsets and tables."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


@dataclass
class File:
    """A file while it is written; offsets count from `base`."""

    out: bytearray = field(default_factory=lambda: bytearray(HEAD))
    offsets: dict[int, int] = field(default_factory=dict)
    generations: dict[int, int] = field(default_factory=dict)
    base: int = 0
    last: int = -1

    def put(self, objects: Mapping[int, bytes], generation: int = 0) -> File:
        """Write objects."""
        for number, content in objects.items():
            self.offsets[number] = len(self.out) - self.base
            self.generations[number] = generation
            self.out += b"%d %d obj\n%s\nendobj\n" % (number, generation, content)
        return self

    def table(self, numbers: list[int], trailer: bytes, size: int = 0) -> File:
        """Write a table of these objects, each in a subsection of its own, and the end."""
        at = len(self.out) - self.base
        self.out += b"xref\n" + (b"0 1\n0000000000 65535 f \n" if self.last < 0 else b"")
        for number in numbers:
            entry = self.offsets[number], self.generations[number]
            self.out += b"%d 1\n%010d %05d n \n" % (number, *entry)
        before = b"/Prev %d" % self.last if self.last >= 0 else b""
        size = size or max(self.offsets) + 1
        self.out += b"trailer\n<< /Size %d /Root 1 0 R %s %s >>\n" % (size, before, trailer)
        return self.end(at)

    def end(self, at: int) -> File:
        """Write where the last table begins."""
        self.out += b"startxref\n%d\n%%%%EOF\n" % at
        self.last = at
        return self

    def packed(self, objects: Mapping[int, bytes], number: int, entries: bytes = b"") -> File:
        """Write objects into an object stream of this number, and a table as a stream."""
        members, places = b"", []
        for one, content in objects.items():
            places.append(b"%d %d" % (one, len(members)))
            members += content + b" "
        head = b" ".join(places) + b" "
        data = zlib.compress(head + members)
        kind = b"/Type /ObjStm /Filter /FlateDecode /N %d /First %d" % (len(objects), len(head))
        self.put({number: stream(data, kind)})
        rows = {0: (0, 0, 65535)}
        rows |= {one: (1, offset, 0) for one, offset in self.offsets.items()}
        rows |= {one: (2, number, index) for index, one in enumerate(objects)}
        at = len(self.out) - self.base
        rows[number + 1] = (1, at, 0)
        index = b" ".join(b"%d 1" % one for one in sorted(rows))
        table = b"".join(
            bytes([kind_]) + second.to_bytes(4) + third.to_bytes(2)
            for _, (kind_, second, third) in sorted(rows.items())
        )
        said = b"/Type /XRef /W [1 4 2] /Root 1 0 R /Size %d /Index [%s] %s"
        self.out += b"%d 0 obj\n%s\nendobj\n" % (
            number + 1,
            stream(table, said % (number + 2, index, entries)),
        )
        return self.end(at)

    def done(self) -> bytes:
        """Return the file."""
        return bytes(self.out)
