"""An SVG's elements, with everything refused that could not be drawn as its maker sees it.

Nothing is interpreted before document types and entities are refused, and nothing is ever
fetched. What is only defined and never used is taken out; programs leave much of that behind.
"""

from __future__ import annotations

from typing import Never
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from gateway.core.errors import DocumentFault
from gateway.pdf.artwork.svg_styles import resolve

_SPACE = "http://www.w3.org/2000/svg}"
_LINKS = ("href", "http://www.w3.org/1999/xlink}href")
_MOST_ELEMENTS = 50_000
_DEEPEST = 60

_GROUPS = ("svg", "g", "defs", "a")
_SHAPES = ("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "use")
_SILENT = ("title", "desc", "metadata", "style", "view")
_DEFINITIONS = (
    *("linearGradient", "radialGradient", "pattern", "filter", "mask", "clipPath", "marker"),
    *("symbol", "font", "color-profile"),
)
"""Not drawn by themselves; whoever uses one is refused."""
_ADVICE = {
    "text": "convert text to paths",
    "image": "save the whole seal as PNG",
    "svg": "dissolve the inner drawing",
    "script": "remove it",
    "style": "write styles as attributes",
}
_EXPAND = "expand it to plain shapes, or save the seal as PNG"


def refuse(what: str, advice: str = _EXPAND) -> Never:
    """Refuse the artwork; names what is wrong with it and what to do."""
    raise DocumentFault("seal.artwork-unsupported", f"{what}: {advice}")


def read_svg(content: bytes) -> Element:
    """Return the root with plain names, styles resolved to attributes, and only what is drawn.

    Raises `DocumentFault`: `seal.artwork-unreadable`, `seal.artwork-unsupported`.
    """
    root = _parsed(content)
    if _name(root) != "svg":
        raise DocumentFault("seal.artwork-unreadable", "it is XML, but no SVG")
    resolve(root)
    targets = {one.get("id", ""): one for one in root.iter()}
    _prune(root)
    root.tag = "svg"
    _check_uses(root, targets)
    return root


def _parsed(content: bytes) -> Element:
    builder = TreeBuilder()
    depth = count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > _DEEPEST or count > _MOST_ELEMENTS:
            refuse("too many elements", "simplify the drawing")
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    def doctype(*_: object) -> None:
        refuse("DOCTYPE", "remove the document type and its entities from the file")

    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise DocumentFault("seal.artwork-unreadable", str(error)) from error
    return builder.close()


def _name(element: Element) -> str:
    """Return an element's name; empty for one of another vocabulary."""
    name = str(element.tag)
    if name.startswith(_SPACE):
        return name[len(_SPACE) :]
    return name if "}" not in name else ""


def _prune(root: Element) -> None:
    """Take out what is not drawn, give the rest plain names, and refuse what cannot be."""
    stack = [root]
    while stack:
        element = stack.pop()
        for child in list(element):
            name = _name(child)
            if _silent(child, name):
                element.remove(child)
                continue
            if name not in _GROUPS + _SHAPES or name == "svg":
                refuse(f"element {name}", _ADVICE.get(name, _EXPAND))
            child.tag = "g" if name == "a" else name
            _check_attributes(child, name)
            stack.append(child)
    _check_attributes(root, "svg")


def _silent(element: Element, name: str) -> bool:
    """Tell whether an element shows nothing by itself."""
    if not name or name in _SILENT + _DEFINITIONS:
        return True
    return element.get("display", "").strip().lower() == "none"


_PLAIN = {
    "filter": ("none",),
    "mask": ("none",),
    "clip-path": ("none",),
    "clip": ("auto",),
    "mix-blend-mode": ("normal",),
    "marker": ("none",),
    "marker-start": ("none",),
    "marker-mid": ("none",),
    "marker-end": ("none",),
    "paint-order": ("normal", "fill", "fill stroke", "fill stroke markers", "markers"),
    "vector-effect": ("none",),
    "stroke-linejoin": ("miter", "round", "bevel"),
    "stroke-linecap": ("butt", "round", "square"),
    "transform-origin": (),
    "transform-box": (),
    "pathLength": (),
    "systemLanguage": (),
    "requiredExtensions": (),
    "requiredFeatures": (),
}
"""Properties that can be drawn with these values only."""


def _check_attributes(element: Element, name: str) -> None:
    for key, value in list(element.attrib.items()):
        plain = " ".join(value.split()).lower()
        foreign = ("}" in key and key not in _LINKS) or (name != "use" and key in _LINKS)
        if foreign or plain == "inherit":
            del element.attrib[key]
        elif "url(" in plain or (key in _PLAIN and plain not in _PLAIN[key]):
            refuse(f"{key} of element {name}")


def _check_uses(root: Element, targets: dict[str, Element]) -> None:
    """Refuse references to elsewhere, to what is not a plain shape, in circles or without end."""
    sizes: dict[int, int] = {}
    _expanded(root, targets, sizes, ())


def _expanded(
    element: Element, targets: dict[str, Element], sizes: dict[int, int], above: tuple[int, ...]
) -> int:
    """Return how many elements an element becomes when each reference is drawn out."""
    key = id(element)
    if key in sizes:
        return sizes[key]
    if key in above or len(above) > 2 * _DEEPEST:
        refuse("element use", "it refers to itself; " + _EXPAND)
    here = (*above, key)
    size = 1 + sum(_expanded(child, targets, sizes, here) for child in element)
    if element.tag == "use":
        target = _target(element, targets)
        size += _expanded(target, targets, sizes, here) if target is not None else 0
    if size > _MOST_ELEMENTS:
        refuse("too many elements", "simplify the drawing")
    sizes[key] = size
    return size


def _target(use: Element, targets: dict[str, Element]) -> Element | None:
    for key in _LINKS:
        link = use.attrib.pop(key, None)
        if link is None:
            continue
        if not link.startswith("#"):
            refuse("element use", "it refers to another file; put the shape into this one")
        target = targets.get(link[1:])
        if target is not None and _name(target) in ("svg", *_DEFINITIONS, "image", "text"):
            refuse(f"element use of {_name(target)}")
        use.set("href", link)
        return target
    return None
