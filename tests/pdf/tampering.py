"""What a hostile party does to a document besides signing it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

Change = Callable[[IncrementalPdfFileWriter], None]


def updated(path: Path, change: Change) -> Path:
    """Append a revision of its own to a file."""
    with path.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        change(writer)
        writer.write_in_place()
    return path


def _page(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    reference, _ = writer.find_page_for_modification(0)
    page: generic.DictionaryObject = reference.get_object()
    return page


def other_content(writer: IncrementalPdfFileWriter) -> None:
    """Put other words in the place of a page's own, as the same object."""
    content = _page(writer).raw_get("/Contents")
    content.get_object()._data = b"BT /F1 14 Tf 60 400 Td (Other terms) Tj ET"
    content.get_object()._encoded_data = None
    writer.mark_update(content.reference)


def swapped_content(writer: IncrementalPdfFileWriter) -> None:
    """Let a page show a new object."""
    page = _page(writer)
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 0 9 9 re f"))
    writer.update_container(page)


def orphan(writer: IncrementalPdfFileWriter) -> None:
    """Leave an object about that nothing uses yet."""
    writer.add_object(generic.StreamObject(stream_data=b"BT (Hidden terms) Tj ET"))


def annotation(writer: IncrementalPdfFileWriter) -> None:
    """Cover words with a rectangle."""
    covering = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Square"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (50, 400, 300, 450))),
            pdf_name("/IC"): generic.ArrayObject(map(generic.NumberObject, (1, 1, 1))),
        }
    )
    page = _page(writer)
    shown = generic.ArrayObject(page["/Annots"]) if "/Annots" in page else generic.ArrayObject()
    shown.append(writer.add_object(covering))
    page["/Annots"] = shown
    writer.update_container(page)


def add_text_field(path: Path) -> Path:
    """Append an empty field for words."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        field = {
            pdf_name("/FT"): pdf_name("/Tx"),
            pdf_name("/T"): generic.TextStringObject("Amount"),
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Widget"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (60, 300, 200, 320))),
        }
        entry = writer.add_object(generic.DictionaryObject(field))
        form = writer.root["/AcroForm"]
        form["/Fields"].append(entry)
        writer.update_container(form["/Fields"])
        page = _page(writer)
        page["/Annots"].append(entry)
        writer.update_container(page["/Annots"])

    return updated(path, change)


def filled_in(writer: IncrementalPdfFileWriter) -> None:
    """Fill in a form field."""
    for entry in writer.root["/AcroForm"]["/Fields"]:
        field = entry.get_object()
        if field["/FT"] == "/Tx":
            field["/V"] = generic.TextStringObject("1000000")
            writer.update_container(field)


def drawn_anew(writer: IncrementalPdfFileWriter) -> None:
    """Ask viewers to draw the form's fields by themselves."""
    form = writer.root["/AcroForm"]
    form["/NeedAppearances"] = generic.BooleanObject(True)
    writer.update_container(form)


def script(writer: IncrementalPdfFileWriter) -> None:
    """Let the document do something when it is opened."""
    action = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_name("/x")}
    writer.root["/OpenAction"] = generic.DictionaryObject(action)
    writer.update_root()


def emptied(name: str) -> Change:
    """Take the signature out of a field."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        for entry in writer.root["/AcroForm"]["/Fields"]:
            field = entry.get_object()
            if field["/T"] == name:
                del field["/V"]
                writer.update_container(field)

    return change


def moved(name: str) -> Change:
    """Move a signature field's widget."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        for entry in writer.root["/AcroForm"]["/Fields"]:
            field = entry.get_object()
            if field["/T"] == name:
                place = map(generic.NumberObject, (50, 380, 400, 450))
                field["/Rect"] = generic.ArrayObject(place)
                writer.update_container(field)

    return change


def unlisted(path: Path, number: int = 5) -> Path:
    """Hide, before the end of the last revision, an object in the place of another."""
    content = path.read_bytes()
    hidden = (
        b"%d 0 obj\n<< /Length 20 >>\nstream\n0 0 99 99 re f      \nendstream\nendobj\n" % number
    )
    place = content.rindex(b"xref\n", 0, content.rindex(b"startxref"))
    shifted = content[:place] + hidden + content[place:]
    old = int(re.findall(rb"startxref\s+(\d+)", content)[-1])
    end = shifted.rindex(b"startxref")
    path.write_bytes(shifted[:end] + b"startxref\n%d\n%%%%EOF\n" % (old + len(hidden)))
    return path


Raw = Callable[[bytes], bytes]
"""What is done to the bytes of a signed file."""


def replaced(old: bytes, new: bytes) -> Raw:
    """Put other bytes of the same number in the place of the last such."""
    assert len(old) >= len(new)

    def change(content: bytes) -> bytes:
        head, found, tail = content.rpartition(old)
        assert found
        return head + new.ljust(len(old)) + tail

    return change


def _range(content: bytes) -> re.Match[bytes]:
    *_, last = re.finditer(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\] *", content)
    return last


def ranged(*numbers: int) -> Raw:
    """Claim that other bytes are signed (universal signature forgery)."""

    def change(content: bytes) -> bytes:
        found = _range(content)
        new = b"/ByteRange [%s]" % b" ".join(b"%d" % number for number in numbers)
        return content[: found.start()] + new.ljust(len(found[0])) + content[found.end() :]

    return change


def unranged(content: bytes) -> bytes:
    """Leave out which bytes are signed."""
    found = _range(content)
    return content[: found.start()] + b" " * len(found[0]) + content[found.end() :]


def wrapped(content: bytes) -> bytes:
    """Move the second signed part to the end; where its table was, put one of one's own.

    This is signature wrapping: the signed bytes are all there, and readers look elsewhere.
    """
    found = _range(content)
    _, first, second, length = (int(number) for number in found.groups())
    table = int(re.findall(rb"startxref\s+(\d+)", content)[-1])
    entries = re.findall(rb"(\d+) (\d+)\s+((?:\d{10} \d{5} [nf] ?\s)+)", content[table:])
    kept = b""
    for start, _, lines in entries:
        for number, line in enumerate(lines.split(b"\n"), int(start)):
            if line.strip().endswith(b"n") and int(line[:10]) < first:
                kept += b"%d 1\n%s\n" % (number, line.ljust(19))
    stream = b"BT /F1 14 Tf 60 400 Td (Other terms) Tj ET"
    closing = b"\n/ByteRange [0 %d %010d %d] %s >>\nendobj\n"
    kind = b"/Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached"
    size = len(closing % (first, 0, length, kind))
    other = b"5 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(stream), stream)
    kept += b"5 1\n%010d 00000 n \n" % (second + size)
    trailer = content[content.rindex(b"trailer") : content.rindex(b"startxref")]
    ours = b"xref\n" + kept + trailer
    assert size + len(other) <= table - second
    closed = closing % (first, table + len(ours), length, kind) + other
    between = closed.ljust(table - second) + ours
    return content[:second] + between + content[second : second + length]


def followed(by: bytes) -> Raw:
    """Append bytes (incremental saving)."""

    def change(content: bytes) -> bytes:
        return content + by

    return change


def without_table(content: bytes) -> bytes:
    """Append other page content with neither table nor trailer."""
    return content + b"5 0 obj\n<< /Length 11 >>\nstream\n0 0 99 9 re\nendstream\nendobj\n%%EOF\n"


def detached(content: bytes) -> bytes:
    """Let the last revision follow the first one, as if there had been nothing between."""
    first = re.findall(rb"startxref\s+(\d+)", content)[0]
    *_, last = re.finditer(rb"/Prev (\d+)", content)
    new = b"/Prev " + first
    return content[: last.start()] + new.ljust(len(last[0])) + content[last.end() :]


def encrypted(content: bytes) -> bytes:
    """Claim, in the last trailer, that the document is encrypted."""
    *_, last = re.finditer(rb"/Root 1 0 R\s+/Info \d+ 0 R", content)
    new = b"/Root 1 0 R /Encrypt 1 0 R"
    padded = new.ljust(len(last[0]))
    return content[: last.start()] + padded + content[last.end() :]
