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
