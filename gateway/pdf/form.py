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
