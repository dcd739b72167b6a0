"""A document of very many objects, in object streams, found by a cross-reference stream."""

from __future__ import annotations

import zlib

_NAMES = 64
"""Names in a leaf of the tree of destinations."""
_TOGETHER = 100
"""Objects in an object stream."""
_COLUMNS = 6
"""Bytes of an entry: one for its type, four for a place, one for an index or generation."""


def crowded(objects: int) -> bytes:
    """Return a one-page document with so many objects: destinations, as long manuals have them.

    The cross-reference stream is compressed behind a PNG predictor (ISO 32000-1, 7.5.8 and
    7.4.4.4), as most programs write it.
    """
    packed = _objects(objects)
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    entries: dict[int, tuple[int, int, int]] = {0: (0, 0, 255)}
    number = len(packed) + 1
    content = b"BT /F1 12 Tf 60 700 Td (Many destinations) Tj ET"
    entries[number] = (1, len(out), 0)
    out += b"%d 0 obj\n<< /Length %d >>\nstream\n" % (number, len(content))
    out += content + b"\nendstream\nendobj\n"
    for first in range(0, len(packed), _TOGETHER):
        number += 1
        entries[number] = (1, len(out), 0)
        group = packed[first : first + _TOGETHER]
        out += _object_stream(number, first + 1, group)
        entries.update({first + 1 + place: (2, number, place) for place in range(len(group))})
    number += 1
    start = len(out)
    entries[number] = (1, start, 0)
    rows = (entries[one] for one in range(number + 1))
    table = b"".join(bytes([a]) + b.to_bytes(4) + bytes([c]) for a, b, c in rows)
    body = zlib.compress(_predicted(table))
    out += (
        b"%d 0 obj\n<< /Type /XRef /Size %d /Root 1 0 R /W [1 4 1] /Filter /FlateDecode"
        b" /DecodeParms << /Predictor 12 /Columns %d >> /Length %d >>\nstream\n"
        % (number, number + 1, _COLUMNS, len(body))
    )
    return bytes(out + body + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start)


def _objects(count: int) -> list[bytes]:
    """Return the objects from number 1 on; the page's content is the one behind them."""
    leaves = -(-count // _NAMES)
    first = 5 + leaves
    kids = b" ".join(b"%d 0 R" % (5 + leaf) for leaf in range(leaves))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Names << /Dests 4 0 R >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources"
        b" << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        % (first + count),
        b"<< /Kids [%s] >>" % kids,
    ]
    for start in range(0, count, _NAMES):
        numbers = range(start, min(start + _NAMES, count))
        names = b" ".join(b"(d%06d) %d 0 R" % (one, first + one) for one in numbers)
        limits = b"[(d%06d) (d%06d)]" % (numbers[0], numbers[-1])
        objects.append(b"<< /Limits %s /Names [%s] >>" % (limits, names))
    objects += [b"[3 0 R /XYZ %d %d 0]" % (one % 595, one % 842) for one in range(count)]
    return objects


def _object_stream(number: int, first: int, group: list[bytes]) -> bytes:
    places, at = [], 0
    for place, content in enumerate(group):
        places.append(b"%d %d" % (first + place, at))
        at += len(content) + 1
    head = b" ".join(places) + b"\n"
    body = zlib.compress(head + b"\n".join(group))
    entries = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (len(group), len(head))
    start = b"%d 0 obj\n<< %s /Length %d >>\nstream\n" % (number, entries, len(body))
    return start + body + b"\nendstream\nendobj\n"


def _predicted(table: bytes) -> bytes:
    """Return rows as differences from the row above (PNG filter 2)."""
    above, out = bytes(_COLUMNS), bytearray()
    for start in range(0, len(table), _COLUMNS):
        row = table[start : start + _COLUMNS]
        out.append(2)
        out += bytes((one - other) & 255 for one, other in zip(row, above, strict=True))
        above = row
    return bytes(out)
