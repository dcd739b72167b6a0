"""What stands on pages beside their content: form fields, comments and drawn rectangles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyhanko.pdf_utils import generic

from gateway.core.errors import DocumentFault
from gateway.core.facts import Annotation, FormField
from gateway.core.geometry import Box
from gateway.pdf.document import Pages, entry_of
from gateway.pdf.faults import reading
from gateway.pdf.fields import box_of

MOST_KEPT = 5000
"""Fields of a document that are told, and as many annotations."""
LONGEST_TEXT = 1000
"""Characters of an annotation's text that are kept."""

_MOST_SEEN = 50_000
"""Annotations of a document that are looked at."""
_DEEPEST = 50
"""Generations of a field."""
_OTHERS = frozenset({"Popup", "Link", "Widget", "TrapNet", "PrinterMark"})
"""Annotations that are no comments and nothing drawn."""


@dataclass(frozen=True)
class Beside:
    """A document's annotations, in the order of its pages."""

    fields: tuple[FormField, ...]
    annotations: tuple[Annotation, ...]


def annotations_of(pages: Pages) -> Beside:
    """Return the widgets and annotations that can be seen, their boxes as displayed.

    Widgets of signature fields are not among them, and of annotations neither links nor pop-ups.
    What cannot be read holds no place and is left out: viewers show nothing of it, either.
    """
    fields: list[FormField] = []
    annotations: list[Annotation] = []
    for page, entry in _entries(pages):
        try:
            with reading():
                found = _read(entry, pages, page)
        except DocumentFault as fault:
            if fault.code != "pdf.unreadable":
                raise
            continue
        if isinstance(found, FormField) and len(fields) < MOST_KEPT:
            fields.append(found)
        elif isinstance(found, Annotation) and len(annotations) < MOST_KEPT:
            annotations.append(found)
    return Beside(tuple(fields), tuple(annotations))


def _entries(pages: Pages) -> Iterator[tuple[int, object]]:
    seen = 0
    for index, page in enumerate(pages.dictionaries):
        entries = entry_of(page, "/Annots")
        for entry in entries if isinstance(entries, generic.ArrayObject) else ():
            seen += 1
            if seen > _MOST_SEEN:
                return
            yield index, entry


def _read(entry: object, pages: Pages, page: int) -> FormField | Annotation | None:
    annotation = _resolved(entry)
    if not isinstance(annotation, generic.DictionaryObject):
        return None
    kind = str(entry_of(annotation, "/Subtype") or "").lstrip("/")
    if kind == "Widget":
        return _field(annotation, pages, page)
    if not kind or kind in _OTHERS:
        return None
    box = _seen_box(annotation, pages, page)
    return Annotation(kind, _text(annotation), page, box) if box is not None else None


def _field(widget: generic.DictionaryObject, pages: Pages, page: int) -> FormField | None:
    box = _seen_box(widget, pages, page)
    if box is None:
        return None
    names: list[str] = []
    kind = ""
    node: object = widget
    for _ in range(_DEEPEST):
        if not isinstance(node, generic.DictionaryObject):
            break
        name = entry_of(node, "/T")
        names += [str(name)] if name is not None else []
        kind = kind or str(entry_of(node, "/FT") or "")
        node = entry_of(node, "/Parent")
    if not names or not kind or kind == "/Sig":
        return None
    return FormField(".".join(reversed(names)), page, box)


def _seen_box(annotation: generic.DictionaryObject, pages: Pages, page: int) -> Box | None:
    """Return where an annotation is displayed; None when nothing of it is seen on the page."""
    box = box_of(annotation, pages, page)
    frame = pages.frames[page]
    if box is None or box.x >= frame.width or box.y >= frame.height:
        return None
    return box if box.x + box.width > 0 and box.y + box.height > 0 else None


def _text(annotation: generic.DictionaryObject) -> str:
    value = entry_of(annotation, "/Contents")
    if isinstance(value, generic.ByteStringObject):
        value = bytes(value).decode("latin-1")  # what no encoding of text strings explains
    elif not isinstance(value, generic.TextStringObject):
        return ""
    return value.replace("\r\n", "\n").replace("\r", "\n")[:LONGEST_TEXT]


def _resolved(entry: object) -> object:
    if isinstance(entry, generic.IndirectObject):
        entry = entry.get_object()
    return entry.decrypted if isinstance(entry, generic.DecryptedObjectProxy) else entry
