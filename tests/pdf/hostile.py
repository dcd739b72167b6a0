"""Files made to cost more than a document may, each by one trick; small code, nothing stored."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable

from tests.e2e.pages import assembled

_CATALOG = b"<< /Type /Catalog /Pages 2 0 R %s >>"
_PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %s >>"


def _document(*more: bytes, catalog: bytes = b"", page: bytes = b"") -> bytes:
    """Return a document of one page, with further objects from number 4 on."""
    return assembled([_CATALOG % catalog, _PAGES, _PAGE % page, *more])


def _stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def _packed(size: int, layers: int = 1) -> tuple[bytes, bytes]:
    """Return so many zeros, deflated, and the filters that unpack them.

    One piece that stands by itself is repeated (RFC 1951; the checksum is that of zeros).
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = (size % 65521 << 16 | 1).to_bytes(4, "big")
    data = b"\x78\xda" + piece * (size >> 20) + b"\x03\x00" + checksum
    for _ in range(layers - 1):
        data = zlib.compress(data, 9)
    return data, b"/Filter [%s]" % (b"/FlateDecode " * layers)


def page_tree_loop() -> bytes:
    """Let the list of pages contain itself."""
    return assembled(
        [
            _CATALOG % b"",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1 >>",
        ]
    )


def deep_page_tree(depth: int = 20_000) -> bytes:
    """Nest the list of pages."""
    nodes = [
        b"<< /Type /Pages /Parent %d 0 R /Kids [%d 0 R] /Count 1 >>" % (2 + index, 4 + index)
        for index in range(depth)
    ]
    last = _PAGE.replace(b"2 0 R", b"%d 0 R" % (depth + 2)) % b""
    return assembled([_CATALOG % b"", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", *nodes, last])


def many_pages(count: int = 200_000) -> bytes:
    """Have very many pages."""
    kids = b" ".join(b"%d 0 R" % (3 + index) for index in range(count))
    pages = [_PAGE % b""] * count
    return assembled([_CATALOG % b"", b"<< /Kids [%s] /Count %d >>" % (kids, count), *pages])


def many_entries() -> bytes:
    """Claim 2^31 entries of the cross-reference table."""
    return _document().replace(b"xref\n0 4\n", b"xref\n0 2147483648\n")


def many_stream_entries() -> bytes:
    """Claim 2^31 entries, each of no bytes, of a cross-reference stream."""
    body = _document()
    body = body[: body.rindex(b"xref\n0")]
    entries = b"/Type /XRef /Size 2147483648 /Index [0 2147483648] /W [0 0 0] /Root 1 0 R"
    table = b"4 0 obj\n%s\nendobj\n" % _stream(b"", entries)
    return body + table + b"startxref\n%d\n%%%%EOF\n" % len(body)


def long_stream_entries() -> bytes:
    """Unpack a cross-reference stream to 2 GiB of entries."""
    body = _document()
    body = body[: body.rindex(b"xref\n0")]
    data, filters = _packed(2 << 30)
    entries = b"/Type /XRef /Size 300000000 /W [1 4 2] /Root 1 0 R " + filters
    table = b"4 0 obj\n%s\nendobj\n" % _stream(data, entries)
    return body + table + b"startxref\n%d\n%%%%EOF\n" % len(body)


def table_loop() -> bytes:
    """Let a cross-reference table come before itself."""
    body = _document()
    start = body.rindex(b"xref\n0 4")
    return body.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % start)


def endless_table() -> bytes:
    """End a cross-reference table with the file, so that whoever goes back is never done."""
    body = _document()
    body = body[: body.rindex(b"xref\n0")]
    table = b"xref\n0 1\n0000000000 65535 f\r\n7 1\n000<<"
    pointer = b"startxref\n%d\n%%%%EOF\n"
    return body + pointer % (len(body) + len(pointer % len(body))) + table


def many_fields(count: int = 100_000) -> bytes:
    """Have a form of very many fields, each with its widget."""
    numbers = b" ".join(b"%d 0 R" % (4 + index) for index in range(count))
    fields = [
        b"<< /FT /Tx /T (f%d) /Type /Annot /Subtype /Widget /Rect [9 9 99 20] /P 3 0 R >>" % index
        for index in range(count)
    ]
    form = b"/AcroForm << /Fields [%s] >>" % numbers
    return _document(*fields, catalog=form, page=b"/Annots [%s]" % numbers)


def many_revisions(count: int = 20_000) -> bytes:
    """Append very many updates."""
    out = bytearray(_document())
    before = out.rindex(b"xref\n0")
    for index in range(count):
        place = len(out)
        out += b"4 0 obj\n%d\nendobj\n" % index
        start = len(out)
        out += b"xref\n4 1\n%010d 00000 n \ntrailer\n" % place
        out += b"<< /Size 5 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (before, start)
        before = start
    return bytes(out)


def nested_filters(count: int = 100_000) -> bytes:
    """Wrap a page's content in very many filters."""
    filters = b"/Filter [%s]" % (b"/ASCIIHexDecode " * count)
    return _document(_stream(b"3e" * 100 + b">", filters), page=b"/Contents 4 0 R")


def content_bomb(layers: int = 2) -> bytes:
    """Unpack a page's content to 8 GiB."""
    data, filters = _packed(8 << 30, layers)
    return _document(_stream(data, filters), page=b"/Contents 4 0 R")


def metadata_bomb() -> bytes:
    """Unpack the metadata to 4 GiB."""
    data, filters = _packed(4 << 30)
    entries = b"/Type /Metadata /Subtype /XML " + filters
    return _document(_stream(data, entries), catalog=b"/Metadata 4 0 R")


def entity_bomb() -> bytes:
    """Let the metadata multiply an entity a billion times."""
    names = [f"e{index}" for index in range(10)]
    entities = "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in itertools.pairwise(names)
    )
    text = f'<!DOCTYPE x [<!ENTITY e0 "lol">{entities}]><x>&e9;</x>'
    return _document(
        _stream(text.encode(), b"/Type /Metadata /Subtype /XML"), catalog=b"/Metadata 4 0 R"
    )


def zeros_behind(size: int = 5_000_000) -> bytes:
    """Follow the end with zeros."""
    return _document() + bytes(size)


def deep_array(depth: int = 100_000) -> bytes:
    """Nest an array in the page's dictionary."""
    return _document(page=b"/X " + b"[" * depth + b"]" * depth)


def deep_dictionary(depth: int = 100_000) -> bytes:
    """Nest a dictionary in the catalog."""
    return _document(catalog=b"/X " + b"<</X" * depth + b" 1 " + b">>" * depth)


def forms_doubled(depth: int = 40) -> bytes:
    """Let every form show the next one twice, and the page the first."""
    forms = [
        _stream(
            b"/F Do /F Do",
            b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources "
            b"<< /XObject << /F %d 0 R >> >>" % (6 + index),
        )
        for index in range(depth)
    ]
    last = _stream(b"0 0 9 9 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")
    page = b"/Contents 4 0 R /Resources << /XObject << /F 5 0 R >> >>"
    return _document(_stream(b"/F Do"), *forms, last, page=page)


def endless_content(count: int = 3_000_000) -> bytes:
    """Draw very many overlapping, transparent shapes."""
    data = zlib.compress(b"0 0 595 842 re f " * count, 9)
    return _document(_stream(data, b"/Filter /FlateDecode"), page=b"/Contents 4 0 R")


def huge_picture() -> bytes:
    """Show a picture of 60,000 times 60,000 pixels that is packed into little."""
    data, filters = _packed(3600 << 20)
    entries = (
        b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 8"
        b" /ColorSpace /DeviceGray " + filters
    )
    page = b"/Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >>"
    return _document(_stream(b"500 0 0 500 0 0 cm /I Do"), _stream(data, entries), page=page)


def large_picture(side: int = 6000) -> bytes:
    """Show a picture of 108 MB that is not packed at all."""
    entries = (
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8"
        b" /ColorSpace /DeviceRGB" % (side, side)
    )
    page = b"/Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >>"
    pixels = bytes(range(1, 251)) * (3 * side * side // 250)
    return _document(_stream(b"500 0 0 500 0 0 cm /I Do"), _stream(pixels, entries), page=page)


def fine_pattern() -> bytes:
    """Fill a page with a pattern of very many cells."""
    pattern = _stream(
        b"0 0 .001 .001 re f",
        b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 .002 .002] /XStep .002 /YStep .002"
        b" /Resources << >>",
    )
    page = b"/Contents 4 0 R /Resources << /Pattern << /P 5 0 R >> >>"
    return _document(_stream(b"/Pattern cs /P scn 0 0 595 842 re f"), pattern, page=page)


def object_stream_bomb() -> bytes:
    """Keep the page in an object stream that unpacks to 4 GiB."""
    data, filters = _packed(4 << 30)
    entries = b"/Type /ObjStm /N 1 /First 6 " + filters
    bodies = [_CATALOG % b"", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"]
    body = assembled([*bodies, b"null", _stream(data, entries)])
    body = body[: body.rindex(b"xref\n0")]
    offsets = [body.index(b"%d 0 obj" % number) for number in (1, 2)]
    last = body.index(b"4 0 obj")
    rows = [(0, 0, 0), (1, offsets[0], 0), (1, offsets[1], 0), (2, 4, 0), (1, last, 0)]
    table = b"".join(b"%c%s%c" % (kind, where.to_bytes(4), gen) for kind, where, gen in rows)
    xref = _stream(table, b"/Type /XRef /Size 5 /W [1 4 1] /Root 1 0 R")
    return body + b"9 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (xref, len(body))


def long_name(size: int = 50_000_000) -> bytes:
    """Give an entry a very long name."""
    return _document(page=b"/" + b"n" * size + b" 1")


def many_annotations(count: int = 200_000) -> bytes:
    """Lay very many comments on a page."""
    one = b"<< /Subtype /Square /Rect [9 9 99 20] /C [1 0 0] >> "
    return _document(page=b"/Annots [%s]" % (one * count))


ALL: tuple[Callable[[], bytes], ...] = (
    page_tree_loop,
    deep_page_tree,
    many_pages,
    many_entries,
    many_stream_entries,
    long_stream_entries,
    table_loop,
    endless_table,
    many_fields,
    many_revisions,
    nested_filters,
    content_bomb,
    metadata_bomb,
    entity_bomb,
    zeros_behind,
    deep_array,
    deep_dictionary,
    forms_doubled,
    endless_content,
    huge_picture,
    large_picture,
    fine_pattern,
    object_stream_bomb,
    long_name,
    many_annotations,
)
