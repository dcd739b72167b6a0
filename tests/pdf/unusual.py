"""Files as few producers write them, by small code: what they must look like stays plain."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.pdf.raw_file import HEAD, File, stream

CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Contents 4 0 R >>"
TWO_PAGES = b"<< /Type /Pages /Kids [3 0 R 5 0 R] /Count 2 >>"


CONTENT = stream(b"0 0.6 0.6 rg 180 140 30 20 re f")
PLAIN = {1: CATALOG, 2: PAGES, 3: PAGE, 4: CONTENT}


def plain(
    changed: Mapping[int, bytes] | None = None, trailer: bytes = b"", head: bytes = HEAD
) -> bytes:
    """Return a file of one page, some of its objects changed or added."""
    objects = PLAIN | dict(changed or {})
    return File(bytearray(head)).put(objects).table(sorted(objects), trailer).done()


def page(entries: bytes, tree: bytes = b"") -> bytes:
    """Return a file whose page has other entries than a box, its tree some more."""
    return plain(
        {
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 %s >>" % tree,
            3: b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R %s >>" % entries,
        }
    )


def book(first: bytes, second: bytes, others: Mapping[int, bytes] | None = None) -> bytes:
    """Return a file of two pages with entries of their own."""
    body = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Contents 4 0 R %s >>"
    return plain({2: TWO_PAGES, 3: body % first, 5: body % second} | dict(others or {}))


def form(catalog: bytes, others: Mapping[int, bytes], annotations: bytes = b"") -> bytes:
    """Return a file of one page with entries of its catalog, annotations and more objects."""
    body = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Contents 4 0 R %s >>"
    return plain(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
            3: body % (b"/Annots [%s]" % annotations if annotations else b""),
            **others,
        }
    )


BOX = b"/MediaBox [0 0 400 300]"
_TEXT_FIELD = (
    b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (%s) /V (Kept) /DA (/Helv 12 Tf 0 g)"
    b" /Rect [150 200 250 220] /P 3 0 R %s >>"
)
_FONTS = b"/DR << /Font << /Helv << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
_SQUARE = b"<< /Type /Annot /Subtype /Square /Rect [20 20 60 60] /C [1 0 0] /AP << /N 8 0 R >> >>"
_LOOK = stream(b"1 0 0 rg 0 0 40 40 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 40 40]")

PAGE_SHAPES: dict[str, bytes] = {
    "turned, large unit, corner elsewhere": page(
        b"/MediaBox [-50 -20 450 380] /CropBox [100 50 400 300] /Rotate 90 /UserUnit 2.5"
    ),
    "crop box beyond the media box": page(BOX + b" /CropBox [-100 -100 300 250]"),
    "crop box outside of the media box": page(BOX + b" /CropBox [1000 1000 1300 1200]"),
    "crop box as large as a point": page(BOX + b" /CropBox [100 100 100 100]"),
    "corners the other way round": page(b"/MediaBox [400 300 0 0] /CropBox [350 10 50 290]"),
    "numbers as objects": plain(
        {
            3: PAGE.replace(b"[0 0 400 300]", b"[6 0 R 6 0 R 7 0 R 8 0 R]"),
            6: b"0",
            7: b"400",
            8: b"300",
        }
    ),
    "reals with signs and exponents": page(b"/MediaBox [+0.0 -.0 400.000001 300.]"),
    "turned backwards": page(BOX + b" /Rotate -90"),
    "turned more than once": page(BOX + b" /Rotate 630"),
    "turned by 45 degrees": page(BOX + b" /Rotate 45"),
    "turned by a real": page(BOX + b" /Rotate 90.0"),
    "all from above": page(b"", b"/MediaBox [10 10 410 310] /CropBox [20 20 400 300] /Rotate 180"),
    "turned above, not below": page(b"/Rotate 0", BOX + b" /Rotate 90"),
    "unit from above is none": page(BOX, b"/UserUnit 3"),
    "no box at all": page(b""),
    "box of five numbers": page(b"/MediaBox [0 0 400 300 500]"),
    "box of names": page(b"/MediaBox [/A /B /C /D]", BOX),
    "small reals beside it": page(
        BOX + b" /PieceInfo << /Made << /LastModified (D:2026) /Private [0.0000001 -.5 +3.] >> >>"
    ),
    "huge box": page(b"/MediaBox [0 0 14400 14400]"),
    "resources from two levels above": plain(
        {
            2: b"<< /Kids [5 0 R] /Count 1 /Resources << /XObject << /X 8 0 R >> >> >>",
            5: b"<< /Type /Pages /Parent 2 0 R /Kids [3 0 R] /Count 1 >>",
            3: b"<< /Type /Page /Parent 5 0 R /MediaBox [0 0 400 300] /Contents 4 0 R >>",
            4: stream(b"q 1 0 0 1 180 140 cm /X Do Q"),
            8: _LOOK,
        }
    ),
    "no types": plain(
        {
            1: b"<< /Pages 2 0 R >>",
            2: b"<< /Kids [3 0 R] /Count 1 >>",
            3: b"<< /Parent 2 0 R /MediaBox [0 0 400 300] /Contents 4 0 R >>",
        }
    ),
    "a page that calls itself something else": plain(
        {3: PAGE.replace(b"/Type /Page ", b"/Type /Template ")}
    ),
    "a page without its parent": plain({3: PAGE.replace(b"/Parent 2 0 R", b"")}),
    "a page with another parent": plain({3: PAGE.replace(b"2 0 R", b"1 0 R")}),
    "a node that two nodes have": plain(
        {
            2: b"<< /Type /Pages /Kids [5 0 R 6 0 R] /Count 2 >>",
            5: b"<< /Type /Pages /Parent 2 0 R /Kids [7 0 R] /Count 1 >>",
            6: b"<< /Type /Pages /Parent 2 0 R /Kids [7 0 R] /Count 1 >>",
            7: b"<< /Type /Pages /Parent 5 0 R /Kids [3 0 R] /Count 1 >>",
            3: PAGE.replace(b"2 0 R", b"7 0 R"),
        }
    ),
    "no pages counted": plain({2: PAGES.replace(b"/Count 1", b"/Count 0")}),
    "too many counted": plain({2: PAGES.replace(b"/Count 1", b"/Count 7")}),
    "fewer than none counted": plain({2: PAGES.replace(b"/Count 1", b"/Count -1")}),
    "count is a name": plain({2: PAGES.replace(b"/Count 1", b"/Count /One")}),
    "no count": plain({2: PAGES.replace(b"/Count 1", b"")}),
    "kids null among kids": plain({2: PAGES.replace(b"[3 0 R]", b"[null 3 0 R 99 0 R]")}),
    "kids as an object": plain({2: PAGES.replace(b"[3 0 R]", b"6 0 R"), 6: b"[3 0 R]"}),
    "annotations shared by two pages": book(
        b"/Annots 6 0 R", b"/Annots 6 0 R", {6: b"[7 0 R]", 7: _SQUARE, 8: _LOOK}
    ),
    "annotations shared, other number written": book(
        b"/Annots 6 0 R", b"/Annots 9 0 R", {6: b"[7 0 R]", 9: b"6 0 R", 7: _SQUARE, 8: _LOOK}
    ),
    "content shared by two pages": book(b"", b""),
    "content through another object": plain({3: PAGE.replace(b"4 0 R", b"6 0 R"), 6: b"4 0 R"}),
    "content in nested arrays": plain({3: PAGE.replace(b"4 0 R", b"[[4 0 R]]")}),
}
_BODY = bytes(File().put(PLAIN).out)


def _after(junk: bytes, base: int) -> bytes:
    """Return a file whose header stands behind other bytes; its offsets count from `base`."""
    return File(bytearray(junk + HEAD), base=base).put(PLAIN).table([1, 2, 3, 4], b"").done()


def _chain(**sizes: int) -> bytes:
    """Return a file with two updates, of which some have a /Size of their own."""
    made = File().put(PLAIN).table([1, 2, 3, 4], b"", sizes.get("first", 0))
    made.put({9: stream(b"0 0.6 0.6 rg 180 140 30 20 re f"), 3: PAGE.replace(b"4 0 R", b"9 0 R")})
    made.table([3, 9], b"", sizes.get("second", 0))
    made.put({7: b"<< /Title (Kept) >>"})
    return made.table([7], b"/Info 7 0 R", sizes.get("third", 0)).done()


def _loop() -> bytes:
    """Return a file whose table says that it came before itself."""
    made = File().put(PLAIN).table([1, 2, 3, 4], b"/Prev 0000000000")
    return made.done().replace(b"/Prev 0000000000", b"/Prev %010d" % made.last)


def _two_loops() -> bytes:
    """Return a file whose two tables each say that the other one came before."""
    made = File().put(PLAIN).table([1, 2, 3, 4], b"/Prev 0000000000")
    made.put({5: b"<< /Title (Kept) >>"}).table([5], b"")
    return made.done().replace(b"/Prev 0000000000", b"/Prev %010d" % made.last)


def _entries(change: Callable[[bytes], bytes]) -> bytes:
    body = _BODY
    rows = b"0000000000 65535 f \n" + b"".join(
        b"%010d 00000 n \n" % body.index(b"%d 0 obj" % number) for number in (1, 2, 3, 4)
    )
    table = change(b"xref\n0 5\n" + rows)
    end = b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + table + end


def _generations() -> bytes:
    made = (
        File().put({4: CONTENT}, 3).put({1: CATALOG, 2: PAGES, 3: PAGE.replace(b"4 0 R", b"4 3 R")})
    )
    return made.table([1, 2, 3, 4], b"").done()


FILE_SHAPES: dict[str, bytes] = {
    "objects and catalog in a stream": File()
    .put({4: CONTENT})
    .packed({1: CATALOG, 2: PAGES, 3: PAGE}, 5)
    .done(),
    "form and fields in a stream": File()
    .put({4: CONTENT})
    .packed(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R >>",
            2: PAGES,
            3: PAGE.replace(b">>", b"/Annots 8 0 R >>"),
            6: b"<< /Fields 7 0 R %s >>" % _FONTS,
            7: b"[9 0 R]",
            8: b"[9 0 R]",
            9: _TEXT_FIELD % (b"Name", b""),
        },
        10,
    )
    .done(),
    "table of another width": File()
    .put({4: CONTENT})
    .packed({1: CATALOG, 2: PAGES, 3: PAGE}, 5)
    .done()
    .replace(b"/W [1 4 2]", b"/W [1 3 2]"),
    "table of a negative width": File()
    .put({4: CONTENT})
    .packed({1: CATALOG, 2: PAGES, 3: PAGE}, 5)
    .done()
    .replace(b"/W [1 4 2]", b"/W [1 -4 2]"),
    "size too small in the last update": _chain(third=8),
    "size too small everywhere": _chain(first=2, second=2, third=2),
    "size far too large": _chain(third=100_000),
    "table that is its own past": _loop(),
    "tables that are each other's past": _two_loops(),
    "past that is nowhere": plain(trailer=b"/Prev 99999999"),
    "past that is negative": plain(trailer=b"/Prev -5"),
    "header behind junk, offsets from it": _after(b"junk\n" * 20, 100),
    "header behind junk, offsets from the file": _after(b"junk\n" * 20, 0),
    "no comment behind the header": plain(head=b"%PDF-1.7\n"),
    "PDF 2.0": plain(head=HEAD.replace(b"1.7", b"2.0")),
    "PDF 1.0": plain(head=HEAD.replace(b"1.7", b"1.0")),
    "another version in the catalog": plain(
        {1: CATALOG.replace(b">>", b"/Version /2.0 >>")}, head=HEAD.replace(b"1.7", b"1.4")
    ),
    "two ends": plain() + b"%%EOF\n",
    "end without a line end": plain().rstrip(b"\n"),
    "blanks behind the end": plain() + b" \n" * 400,
    "zeros behind the end": plain() + bytes(700),
    "lines end in returns": _entries(
        lambda table: table.replace(b" \n", b" \x00").replace(b"\n", b"\r").replace(b"\x00", b"\r")
    ),
    "entries of 19 bytes": _entries(lambda table: table.replace(b" \n", b"\n")),
    "table that begins at one": _entries(lambda table: table.replace(b"0 5", b"1 5")),
    "table one object short": _entries(lambda table: table.replace(b"0 5", b"0 4")),
    "table in two wrong parts": _entries(lambda table: table.replace(b"0 5\n", b"0 9\n")),
    "offset beyond the file": _entries(lambda table: table[:-20] + b"9999999999 00000 n \n"),
    "catalog's offset of zero": _entries(
        lambda table: table[:29] + b"0000000000 00000 n \n" + table[49:]
    ),
    "offsets a byte early": _entries(
        lambda table: table[:29] + b"%010d 00000 n \n" % (_BODY.index(b"1 0 obj") - 1) + table[49:]
    ),
    "free object that is used": _entries(
        lambda table: table[:-20] + table[-20:].replace(b"n", b"f")
    ),
    "highest number of all": plain({8388607: b"<< /Title (Kept) >>"}, b"/Info 8388607 0 R"),
    "number beyond the highest": plain({99_999_999: b"<< /Title (Kept) >>"}, b"/Info 99999999 0 R"),
    "number beyond 31 bits": plain({2_147_483_647: b"null"}),
    "later generations": _generations(),
    "keys there twice": plain({3: PAGE.replace(b">>", b"/Rotate 90 /Rotate 0 /Contents 4 0 R >>")}),
    "keys there twice, other boxes": plain({3: PAGE.replace(b">>", b"/MediaBox [0 0 200 200] >>")}),
    "names with escapes": plain(
        {
            1: b"<< /T#79pe /Catalog /Pag#65s 2 0 R >>",
            3: b"<< /Type /P#61ge /Parent 2 0 R /M#65diaBox [0 0 400 300] /Contents 4 0 R >>",
        }
    ),
    "names with broken escapes": plain({3: PAGE.replace(b">>", b"/A#zz 1 /# 2 /B#0 3 >>")}),
    "an identifier that is none": plain(trailer=b"/ID (none)"),
    "an identifier of one": plain(trailer=b"/ID [<00>]"),
    "information that is nowhere": plain(trailer=b"/Info 99 0 R"),
    "length elsewhere": plain({4: CONTENT.replace(b"/Length 31", b"/Length 6 0 R"), 6: b"31"}),
    "no white space anywhere": plain(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Contents 4 0 R>>",
        }
    ),
    "comments everywhere": plain(
        {3: PAGE.replace(b"/Parent", b"% endobj >> (\n/Parent").replace(b">>", b"% >>\r>>")}
    ),
    "words of the syntax in a string": plain(
        {5: b"<< /Title (endobj 1 0 obj << /Type /Catalog >> xref trailer startxref %%EOF) >>"},
        b"/Info 5 0 R",
    ),
    "no end of objects": plain().replace(b"\nendobj", b""),
}

FORM_SHAPES: dict[str, bytes] = {
    "viewers draw its fields": form(
        b"/AcroForm << /Fields [6 0 R] /NeedAppearances true %s >>" % _FONTS,
        {6: _TEXT_FIELD % (b"Name", b"")},
        b"6 0 R",
    ),
    "fields elsewhere": form(
        b"/AcroForm 7 0 R",
        {6: _TEXT_FIELD % (b"Name", b""), 7: b"<< /Fields 8 0 R %s >>" % _FONTS, 8: b"[6 0 R]"},
        b"6 0 R",
    ),
    "fields on pages, and no form": form(b"", {6: _TEXT_FIELD % (b"Name", b"")}, b"6 0 R"),
    "fields on pages, and an empty form": form(
        b"/AcroForm << >>", {6: _TEXT_FIELD % (b"Name", b"")}, b"6 0 R"
    ),
    "fields that are no list": form(
        b"/AcroForm << /Fields 6 0 R >>", {6: _TEXT_FIELD % (b"Name", b"")}, b"6 0 R"
    ),
    "a form that is a list": form(b"/AcroForm [6 0 R]", {6: _TEXT_FIELD % (b"N", b"")}, b"6 0 R"),
    "fields that contain each other": form(
        b"/AcroForm << /Fields [6 0 R] >>",
        {
            6: b"<< /T (A) /FT /Tx /Kids [7 0 R] /Parent 7 0 R >>",
            7: b"<< /T (B) /Kids [6 0 R] /Parent 6 0 R >>",
        },
    ),
    "a field of our name that is none": form(
        b"/AcroForm << /Fields [6 0 R] >>", {6: _TEXT_FIELD % (b"Seal1", b"")}, b"6 0 R"
    ),
    "a waiting field, no flags": form(
        b"/AcroForm << /Fields [6 0 R] >>",
        {6: b"<< /Subtype /Widget /FT /Sig /T (Wait) /Rect [150 200 250 260] /P 3 0 R >>"},
        b"6 0 R",
    ),
    "field as no object of its own": form(
        b"/AcroForm << /Fields [<< /T (A) /FT /Tx /V (x) >>] %s >>" % _FONTS, {}
    ),
    "fields that are nowhere": form(
        b"/AcroForm << /Fields [7 0 R 6 0 R 8 0 R] %s >>" % _FONTS,
        {6: _TEXT_FIELD % (b"Name", b"")},
        b"6 0 R",
    ),
    "the only field is nowhere": form(b"/AcroForm << /Fields [5 0 R] >>", {}),
    "XFA beside a form": form(
        b"/AcroForm << /Fields [6 0 R] /XFA 9 0 R %s >>" % _FONTS,
        {6: _TEXT_FIELD % (b"Name", b""), 9: stream(b"<xdp:xdp/>")},
        b"6 0 R",
    ),
    "usage rights that nobody signed": form(b"/Perms << /UR3 << /Type /Sig >> >>", {}),
    "permissions that are none": form(b"/Perms [1]", {}),
    "a certification that is none": form(b"/Perms << /DocMDP null >>", {}),
}
SHAPES = PAGE_SHAPES | FILE_SHAPES | FORM_SHAPES
