"""Signature fields that wait for a signature: where they show and what their authors ask."""

from __future__ import annotations

from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, enumerate_sig_fields

from gateway.core.errors import DocumentFault
from gateway.core.facts import EmptyField
from gateway.core.geometry import Box
from gateway.core.profile import FieldLock, LockAction
from gateway.pdf.document import Pages, entry_of, rectangle_of
from gateway.pdf.embedded import decrypted

_HIDDEN = 1 << 1 | 1 << 5
"""Annotation flags Hidden and NoView (ISO 32000-2, table 167): nothing is ever seen there."""

_ACTIONS = {
    LockAction.ALL: FieldMDPAction.ALL,
    LockAction.DOCUMENT: FieldMDPAction.ALL,
    LockAction.INCLUDE: FieldMDPAction.INCLUDE,
    LockAction.EXCLUDE: FieldMDPAction.EXCLUDE,
}


def empty_fields(reader: PdfFileReader, pages: Pages) -> tuple[EmptyField, ...]:
    """Describe the signature fields that have no value yet, in the form's order."""
    found = list(enumerate_sig_fields(reader, filled_status=False))
    shown = _annotations(pages) if found else {}
    return tuple(_described(name, entry, pages, shown) for name, _, entry in found)


def widgets(entry: generic.IndirectObject) -> tuple[generic.IndirectObject, ...]:
    """Return a field's widgets: its kids without a name of their own, or the field itself."""
    field = entry.get_object()
    kids = tuple(_indirect(entry_of(field, "/Kids")))
    own = tuple(kid for kid in kids if "/T" not in kid.get_object())
    if own:
        return own
    return (entry,) if "/Rect" in field else ()


def placed_widget(reader: PdfFileReader, name: str, pages: Pages, page: int) -> Box | None:
    """Return the displayed box of a field's only widget on a page, or None when it shows none."""
    annotations = pages.dictionaries[page]
    on_page = {one.reference for one in _indirect(entry_of(annotations, "/Annots"))}
    for _, _, entry in enumerate_sig_fields(reader, with_name=name):
        places = widgets(entry)
        if len(places) == 1 and places[0].reference in on_page:
            return box_of(places[0].get_object(), pages, page)
    return None


def shown_places(reader: PdfFileReader, name: str, pages: Pages) -> dict[int, Box]:
    """Return the displayed box of a field's only widget by the page that shows it."""
    widget = [
        one
        for _, _, entry in enumerate_sig_fields(reader, with_name=name)
        for one in widgets(entry)
    ]
    if len(widget) != 1:
        return {}
    page = _annotations(pages).get(widget[0].reference)
    box = box_of(widget[0].get_object(), pages, page) if page is not None else None
    return {page: box} if page is not None and box is not None else {}


def widget_named(reader: PdfFileReader, name: str) -> generic.DictionaryObject | None:
    """Return a signature field's only widget, or None when it has several or none."""
    for _, _, entry in enumerate_sig_fields(reader, with_name=name):
        places = widgets(entry)
        if len(places) == 1:
            widget: generic.DictionaryObject = places[0].get_object()
            return widget
    return None


def box_of(widget: generic.DictionaryObject, pages: Pages, page: int) -> Box | None:
    """Return a widget's box as displayed, or None when nothing can be seen there."""
    flags = widget.get("/F", 0)
    rectangle = rectangle_of(entry_of(widget, "/Rect"))
    if rectangle is None or (isinstance(flags, int) and flags & _HIDDEN):
        return None
    return pages.frames[page].displayed(rectangle)


def lock_of(field: generic.DictionaryObject) -> tuple[FieldMDPSpec | None, MDPPerm | None]:
    """Read what the signature in a field shall lock: form fields, and the document (/P).

    Raises `DocumentFault` (`pdf.field-demands`) when it cannot be understood.
    """
    if "/Lock" not in field:
        return None, None
    try:
        lock = decrypted(field["/Lock"])
        permission = MDPPerm(lock["/P"]) if "/P" in lock else None
        return FieldMDPSpec.from_pdf_object(lock), permission
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DocumentFault("pdf.field-demands", "its /Lock cannot be understood") from error


def lock_spec(lock: FieldLock | None) -> FieldMDPSpec | None:
    """Return a rule's lock as pyHanko's."""
    if lock is None:
        return None
    return FieldMDPSpec(_ACTIONS[lock.action], list(lock.fields) or None)


def lock_permission(lock: FieldLock | None) -> MDPPerm | None:
    """Return what a rule's lock lets anybody change in the document; None when it is silent."""
    whole = lock is not None and lock.action is LockAction.DOCUMENT
    return MDPPerm.NO_CHANGES if whole else None


def _described(
    name: str,
    entry: generic.IndirectObject,
    pages: Pages,
    shown: dict[generic.Reference, int],
) -> EmptyField:
    field = entry.get_object()
    places = widgets(entry)
    page = shown.get(places[0].reference) if len(places) == 1 else None
    seeds = entry_of(field, "/SV")
    keys = tuple(key.lstrip("/") for key in seeds) if isinstance(seeds, dict) else ()
    return EmptyField(
        name=str(name),
        page=page,
        box=box_of(places[0].get_object(), pages, page) if page is not None else None,
        widgets=len(places),
        seed_values=tuple(key for key in sorted(keys) if key not in ("Type", "Ff", "V")),
        lock=_words(field),
    )


def _words(field: generic.DictionaryObject) -> str:
    try:
        lock, permission = lock_of(field)
    except DocumentFault as fault:
        return fault.detail
    if lock is None:
        return ""
    names = ", ".join(str(name) for name in lock.fields or ()) or "no fields"
    said = {
        FieldMDPAction.ALL: "all fields",
        FieldMDPAction.INCLUDE: names,
        FieldMDPAction.EXCLUDE: f"all fields but {names}",
    }[lock.action]
    return f"{said}; document permission {permission.value}" if permission else said


def _annotations(pages: Pages) -> dict[generic.Reference, int]:
    """Return the page of every annotation."""
    found: dict[generic.Reference, int] = {}
    for index, page in enumerate(pages.dictionaries):
        for entry in _indirect(entry_of(page, "/Annots")):
            found.setdefault(entry.reference, index)
    return found


def _indirect(value: object) -> Iterator[generic.IndirectObject]:
    if isinstance(value, generic.ArrayObject):
        yield from (entry for entry in value if isinstance(entry, generic.IndirectObject))
