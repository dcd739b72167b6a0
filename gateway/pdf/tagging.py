"""Tagged documents stay tagged: the signature field gets a structure element of its own.

ISO 32000-2, 14.7.5.4 and ISO 14289-1, 7.18: a widget belongs to a `Form` element that refers to it,
and the parent tree leads from the widget's /StructParent back to that element.
"""

from __future__ import annotations

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from gateway.pdf.writing import SealingWriter

_MOST_NODES = 20_000
"""Nodes of a parent tree that are looked at for its highest key."""


def tag_widget(
    writer: SealingWriter,
    widget: generic.DictionaryObject,
    reference: generic.IndirectObject,
    page: generic.Reference,
) -> bool:
    """Put a new widget into the structure tree; return False where the tree does not allow it."""
    tree = _dictionary(writer.root, "/StructTreeRoot")
    numbers = _dictionary(tree, "/ParentTree") if tree is not None else None
    if tree is None or numbers is None:
        return False
    key = _next_key(tree, numbers)
    parent = _parent(writer, tree)
    if key is None or parent is None:
        return False
    on = generic.IndirectObject(page.idnum, page.generation, writer)
    element = writer.add_object(_form_element(parent[0], reference, on))
    _append(writer, parent[1], element)
    _register(writer, numbers, key, element)
    tree[pdf_name("/ParentTreeNextKey")] = generic.NumberObject(key + 1)
    writer.update_container(tree)
    widget[pdf_name("/StructParent")] = generic.NumberObject(key)
    if "/TU" in widget:
        # ISO 14289-2, 8.10.2.3: a widget without a label says what it is.
        widget[pdf_name("/Contents")] = widget["/TU"]
    writer.update_container(widget)
    _follow_structure(writer, on)
    return True


def _dictionary(holder: generic.DictionaryObject, key: str) -> generic.DictionaryObject | None:
    value = holder[key] if key in holder else None
    return value if isinstance(value, generic.DictionaryObject) else None


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
    kids = tree["/K"] if "/K" in tree else None
    if isinstance(kids, generic.ArrayObject) and len(kids) == 1:
        only = kids.raw_get(0)
    else:
        only = tree.raw_get("/K") if "/K" in tree else None
    if isinstance(only, generic.IndirectObject):
        element = only.get_object()
        if isinstance(element, generic.DictionaryObject) and "/S" in element:
            return only, element
    return (root, tree) if isinstance(root, generic.IndirectObject) else None


def _append(
    writer: SealingWriter, holder: generic.DictionaryObject, element: generic.IndirectObject
) -> None:
    """Add an element behind the others of its parent."""
    kids = holder["/K"] if "/K" in holder else None
    if isinstance(kids, generic.ArrayObject):
        kids.append(element)
        writer.update_container(kids)
        return
    former = [] if kids is None else [holder.raw_get("/K")]
    holder[pdf_name("/K")] = generic.ArrayObject([*former, element])
    writer.update_container(holder)


def _next_key(tree: generic.DictionaryObject, numbers: generic.DictionaryObject) -> int | None:
    """Return a key of the parent tree that nothing has, or None for a tree that makes no sense."""
    said = tree["/ParentTreeNextKey"] if "/ParentTreeNextKey" in tree else 0
    highest = int(said) - 1 if isinstance(said, int) else -1
    stack, seen = [numbers], 0
    while stack:
        node = stack.pop()
        seen += 1
        if seen > _MOST_NODES:
            return None
        pairs = node["/Nums"] if "/Nums" in node else ()
        highest = max([highest, *(int(one) for one in list(pairs)[::2] if isinstance(one, int))])
        kids = node["/Kids"] if "/Kids" in node else ()
        found = (kid.get_object() for kid in kids if isinstance(kid, generic.IndirectObject))
        stack.extend(kid for kid in found if isinstance(kid, generic.DictionaryObject))
    return highest + 1


def _register(
    writer: SealingWriter,
    numbers: generic.DictionaryObject,
    key: int,
    element: generic.IndirectObject,
) -> None:
    """Let the parent tree lead from the key to the element; the key is the highest of all."""
    pair = [generic.NumberObject(key), element]
    pairs = numbers["/Nums"] if "/Nums" in numbers else None
    kids = numbers["/Kids"] if "/Kids" in numbers else None
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
