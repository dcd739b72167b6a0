"""Tagged documents stay tagged: the signature field gets a structure element of its own.

ISO 32000-2, 14.7.5.4 and ISO 14289-1, 7.18: a widget belongs to a `Form` element that refers to it,
and the parent tree leads from the widget's /StructParent back to that element.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from gateway.core.errors import DocumentFault
from gateway.pdf.document import entry_of
from gateway.pdf.faults import reading
from gateway.pdf.writing import SealingWriter

_MOST_NODES = 20_000
"""Nodes of a parent tree that are looked at for its highest key."""
_HIGHEST = (1 << 31) - 2
"""Key of a parent tree beyond which readers may count wrong."""


@dataclass(frozen=True)
class _Room:
    """Where in a structure tree a new element goes."""

    tree: generic.DictionaryObject
    numbers: generic.DictionaryObject
    """The parent tree's root."""
    key: int
    """A key of the parent tree that nothing has yet, the highest of all."""
    parent: generic.IndirectObject
    holder: generic.DictionaryObject
    """The same, resolved."""


def tag_widget(
    writer: SealingWriter,
    widget: generic.DictionaryObject,
    reference: generic.IndirectObject,
    page: generic.Reference,
) -> bool:
    """Put a new widget into the structure tree; return False where the tree does not allow it."""
    room = _room(writer)
    if room is None:
        return False
    on = generic.IndirectObject(page.idnum, page.generation, writer)
    element = writer.add_object(_form_element(room.parent, reference, on))
    _append(writer, room.holder, element)
    _register(writer, room.numbers, room.key, element)
    room.tree[pdf_name("/ParentTreeNextKey")] = generic.NumberObject(room.key + 1)
    writer.update_container(room.tree)
    widget[pdf_name("/StructParent")] = generic.NumberObject(room.key)
    if "/TU" in widget:
        # ISO 14289-2, 8.10.2.3: a widget without a label says what it is.
        widget[pdf_name("/Contents")] = widget["/TU"]
    writer.update_container(widget)
    _follow_structure(writer, on)
    return True


def _room(writer: SealingWriter) -> _Room | None:
    """Look whether the tree makes sense where it has to change; nothing is changed yet."""
    try:
        with reading():
            tree = entry_of(writer.root, "/StructTreeRoot")
            if not isinstance(tree, generic.DictionaryObject):
                return None
            numbers = entry_of(tree, "/ParentTree")
            if not isinstance(numbers, generic.DictionaryObject):
                return None
            key, parent = _next_key(tree, numbers), _parent(writer, tree)
            if key is None or parent is None:
                return None
            return _Room(tree, numbers, key, *parent)
    except DocumentFault:
        return None


def _form_element(
    parent: generic.IndirectObject,
    widget: generic.IndirectObject,
    page: generic.IndirectObject,
) -> generic.DictionaryObject:
    """Return the element: its one content item is a reference to the widget."""
    item = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/OBJR"),
            pdf_name("/Obj"): widget,
            pdf_name("/Pg"): page,
        }
    )
    return generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/StructElem"),
            pdf_name("/S"): pdf_name("/Form"),
            pdf_name("/P"): parent,
            pdf_name("/Pg"): page,
            pdf_name("/K"): item,
        }
    )


def _parent(
    writer: SealingWriter, tree: generic.DictionaryObject
) -> tuple[generic.IndirectObject, generic.DictionaryObject] | None:
    """Return where the element goes: the document's own element if there is one, else the root."""
    root = writer.root.raw_get("/StructTreeRoot")
    kids = entry_of(tree, "/K")
    only = tree.raw_get("/K") if kids is not None else None
    if isinstance(kids, generic.ArrayObject):
        only = kids.raw_get(0) if len(kids) == 1 else None
    if isinstance(only, generic.IndirectObject):
        element = only.get_object()
        if isinstance(element, generic.DictionaryObject) and "/S" in element:
            return only, element
    return (root, tree) if isinstance(root, generic.IndirectObject) else None


def _append(
    writer: SealingWriter, holder: generic.DictionaryObject, element: generic.IndirectObject
) -> None:
    """Add an element behind the others of its parent."""
    kids = entry_of(holder, "/K")
    if isinstance(kids, generic.ArrayObject):
        kids.append(element)
        writer.update_container(kids)
        return
    former = [] if kids is None else [holder.raw_get("/K")]
    holder[pdf_name("/K")] = generic.ArrayObject([*former, element])
    writer.update_container(holder)


def _next_key(tree: generic.DictionaryObject, numbers: generic.DictionaryObject) -> int | None:
    """Return a key of the parent tree that nothing has, or None for a tree that makes no sense."""
    said = entry_of(tree, "/ParentTreeNextKey")
    highest = int(said) - 1 if isinstance(said, int) else -1
    stack, seen = [numbers], 0
    while stack:
        node = stack.pop()
        seen += 1
        pairs, kids = (_members(entry_of(node, key)) for key in ("/Nums", "/Kids"))
        if seen > _MOST_NODES or pairs is None or kids is None or len(pairs) % 2:
            return None
        highest = max([highest, *(int(one) for one in pairs[::2] if isinstance(one, int))])
        found = (kid.get_object() for kid in kids if isinstance(kid, generic.IndirectObject))
        stack.extend(kid for kid in found if isinstance(kid, generic.DictionaryObject))
    return highest + 1 if highest < _HIGHEST else None


def _members(value: object) -> list[object] | None:
    """Return the members of an array, none of what is missing, None for what is no array."""
    if value is None:
        return []
    return list(value.iterate()) if isinstance(value, generic.ArrayObject) else None


def _register(
    writer: SealingWriter,
    numbers: generic.DictionaryObject,
    key: int,
    element: generic.IndirectObject,
) -> None:
    """Let the parent tree lead from the key to the element; the key is the highest of all."""
    pair = [generic.NumberObject(key), element]
    pairs, kids = entry_of(numbers, "/Nums"), entry_of(numbers, "/Kids")
    if isinstance(kids, generic.ArrayObject):
        limits = generic.ArrayObject([generic.NumberObject(key), generic.NumberObject(key)])
        leaf = generic.DictionaryObject(
            {pdf_name("/Limits"): limits, pdf_name("/Nums"): generic.ArrayObject(pair)}
        )
        kids.append(writer.add_object(leaf))
        writer.update_container(kids)
    elif isinstance(pairs, generic.ArrayObject):
        pairs.extend(pair)
        writer.update_container(pairs)
    else:
        numbers[pdf_name("/Nums")] = generic.ArrayObject(pair)
        writer.update_container(numbers)


def _follow_structure(writer: SealingWriter, page: generic.IndirectObject) -> None:
    """Let the tabulator key follow the structure on the widget's page (ISO 14289-1, 7.18.3)."""
    dictionary = page.get_object()
    if "/Tabs" not in dictionary:
        dictionary[pdf_name("/Tabs")] = pdf_name("/S")
        writer.update_container(dictionary)
