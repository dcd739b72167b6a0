"""Copy what a page shows into another file, and nothing that it could do.

Only what drawing needs is followed: fonts, colour spaces, patterns, images, forms. Pages,
annotations, actions, attached files and structure never come along, whatever refers to them.
Streams are copied in their compressed form, not decoded; the target encrypts them if it must.
"""

from __future__ import annotations

from collections.abc import Callable

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from gateway.core.errors import DocumentFault
from gateway.pdf.document import entry_of

MOST_OBJECTS = 20_000

_STRANGERS = {
    *("/Page", "/Pages", "/Catalog", "/Annot", "/Action", "/Sig", "/StructTreeRoot"),
    *("/StructElem", "/Filespec", "/F", "/EmbeddedFile", "/OCG", "/OCMD", "/Outlines"),
}
"""Types of dictionaries that show nothing."""

_BESIDE = {
    *("/Metadata", "/PieceInfo", "/StructParent", "/StructParents", "/OC", "/OPI"),
    *("/Alternates", "/AF", "/Ref", "/Measure", "/PtData", "/LastModified", "/AA", "/JS"),
}
"""Entries of objects that are not needed to draw them."""

_NAMED = {
    *("/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/XObject", "/Font", "/Properties"),
    "/CharProcs",
}
"""Entries whose dictionaries have names of the author's choice as keys."""

Change = Callable[[generic.DictionaryObject], generic.DictionaryObject]
"""Returns the dictionary or stream that is copied in the place of the given one."""


def filter_names(stream: generic.StreamObject) -> tuple[str, ...]:
    """Return the names of a stream's filters, the outermost first."""
    found = entry_of(stream, "/Filter")
    if isinstance(found, generic.ArrayObject):
        return tuple(str(found[index]) for index in range(len(found)))
    return () if found is None else (str(found),)


class ObjectCopier:
    """Copies objects of one file into another, each once."""

    def __init__(self, writer: BasePdfFileWriter, change: Change | None = None) -> None:
        self._writer = writer
        self._change = change
        self._known: dict[generic.Reference, generic.IndirectObject] = {}
        self._waiting: list[tuple[generic.Reference, generic.IndirectObject]] = []

    def copy(self, value: generic.DictionaryObject) -> generic.DictionaryObject:
        """Copy a dictionary or stream with everything that it refers to.

        The copy itself is not yet an object of the target, what it refers to is. Raises
        `DocumentFault` (`seal.artwork-unsupported`) for content that lies in another file.
        """
        result = self._dictionary(value, named=False)
        while self._waiting:
            source, target = self._waiting.pop()
            self._writer.add_object(self._found(source), idnum=target.idnum)
        return result

    def _found(self, source: generic.Reference) -> generic.PdfObject:
        try:
            found = source.get_object()
        except KeyError:
            return generic.NullObject()
        if isinstance(found, generic.StreamObject):
            return self._dictionary(found, named=False)
        return self._copied(found)

    def _copied(self, value: object, *, named: bool = False) -> generic.PdfObject:
        match value:
            case generic.IndirectObject():
                return self._referred(value.reference)
            case generic.StreamObject():
                return self._writer.add_object(self._dictionary(value, named=False))
            case generic.DictionaryObject():
                return self._dictionary(value, named=named)
            case generic.ArrayObject():
                return generic.ArrayObject([self._copied(part) for part in value.iterate()])
            case generic.PdfObject():
                return value
        return generic.NullObject()

    def _referred(self, reference: generic.Reference) -> generic.PdfObject:
        if reference not in self._known:
            if len(self._known) >= MOST_OBJECTS:
                raise DocumentFault("seal.artwork-unsupported", "it has too many objects")
            placeholder = self._writer.allocate_placeholder()
            self._known[reference] = placeholder
            self._waiting.append((reference, placeholder))
        return self._known[reference]

    def _dictionary(
        self, value: generic.DictionaryObject, *, named: bool
    ) -> generic.DictionaryObject:
        if not named and str(entry_of(value, "/Type")) in _STRANGERS:
            return generic.DictionaryObject()
        if not named and self._change is not None:
            value = self._change(value)
        copied = {
            pdf_name(key): self._entry(value, key, named=named)
            for key in value
            if named or key not in _BESIDE
        }
        if not isinstance(value, generic.StreamObject):
            return generic.DictionaryObject(copied)
        if "/F" in copied:
            raise DocumentFault("seal.artwork-unsupported", "a picture lies in another file")
        copied.pop(pdf_name("/Length"), None)
        return generic.StreamObject(copied, encoded_data=value.encoded_data)

    def _entry(
        self, value: generic.DictionaryObject, key: str, *, named: bool
    ) -> generic.PdfObject:
        """Copy an entry; dictionaries of named resources directly, for their keys mean nothing."""
        if not named and key in _NAMED:
            found = entry_of(value, key)
            if isinstance(found, generic.DictionaryObject) and not isinstance(
                found, generic.StreamObject
            ):
                return self._dictionary(found, named=True)
        return self._copied(value.raw_get(key))
