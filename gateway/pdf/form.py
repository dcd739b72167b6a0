"""A form into which signature fields are put: what stays as it was."""

from __future__ import annotations

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from gateway.pdf.document import Pages, entry_of
from gateway.pdf.writing import SealingWriter


def own_annotations(writer: SealingWriter, pages: Pages, index: int) -> None:
    """Give a page a list of annotations of its own where it shares one with other pages."""
    lists = [page.raw_get("/Annots") if "/Annots" in page else None for page in pages.dictionaries]
    if isinstance(lists[index], generic.IndirectObject) and lists.count(lists[index]) > 1:
        page = writer.get_object(pages.references[index])
        shared = entry_of(page, "/Annots")
        if isinstance(shared, generic.ArrayObject):
            page[pdf_name("/Annots")] = generic.ArrayObject(shared.iterate())
            writer.mark_update(pages.references[index])


def drop_missing_fields(writer: SealingWriter) -> None:
    """Take out of a form's list what leads nowhere: it is no field, and a new object may get its
    number.
    """
    form = entry_of(writer.root, "/AcroForm")
    fields = entry_of(form, "/Fields") if isinstance(form, generic.DictionaryObject) else None
    if not isinstance(fields, generic.ArrayObject):
        return
    there = [one for one in fields.iterate() if isinstance(_found(one), generic.DictionaryObject)]
    if len(there) < len(fields):
        fields[:] = there
        writer.update_container(fields)


def _found(entry: generic.PdfObject) -> object:
    try:
        return entry.get_object()
    except KeyError:
        return None


def form_flags(writer: SealingWriter) -> dict[str, generic.PdfObject]:
    """Return the flags of the form that pyHanko changes, as they are now."""
    form = entry_of(writer.root, "/AcroForm")
    if not isinstance(form, generic.DictionaryObject):
        return {}
    found = {key: entry_of(form, key) for key in ("/NeedAppearances", "/SigFlags")}
    return {key: value for key, value in found.items() if isinstance(value, generic.PdfObject)}


def keep_form_flags(
    writer: SealingWriter, before: dict[str, generic.PdfObject], *, signed: bool
) -> None:
    """Undo what pyHanko does to a form's flags where it does harm.

    Without /NeedAppearances viewers would show form fields without their values. Once somebody
    has signed, another value of /SigFlags counts as a change of the form.
    """
    form = writer.root["/AcroForm"]
    kept = ("/NeedAppearances", "/SigFlags") if signed else ("/NeedAppearances",)
    for key in kept:
        if key in before:
            form[pdf_name(key)] = before[key]
        else:
            form.pop(key, None)
    writer.update_container(form)
