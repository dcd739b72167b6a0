"""SVG as artwork: its shapes become a drawing's, vector stays vector."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable
from dataclasses import replace
from xml.etree.ElementTree import Element, tostring

import svgelements
from PIL import ImageColor

from gateway.core.drawing import Colour, Matrix
from gateway.core.errors import DocumentFault
from gateway.pdf.artwork.drawn_page import InkedGroup, InkedMark, InkedShape, page_of_marks
from gateway.pdf.artwork.page_making import Finish
from gateway.pdf.artwork.svg_tree import read_svg, refuse
from gateway.pdf.objects import number

_PIXELS_PER_INCH = 96.0
_NUMBERS = re.compile(r"[\s,]+")
_COLOURS = (
    re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})"),
    re.compile(r"rgba?\([-+.\d\s,]*\)|rgba?\((?:\s*[-+.\d]+%\s*,?){3}(?:[-+.\d\s]+)?\)"),
    re.compile(r"hsla?\(\s*[-+.\d]+\s*(?:,\s*[-+.\d]+%\s*){2}(?:,\s*[-+.\d]+\s*)?\)"),
)
_NAMES = {*ImageColor.colormap, "transparent", "currentcolor"}
_CAPS = {"butt": 0, "round": 1, "square": 2}
_JOINS = {"miter": 0, "round": 1, "bevel": 2}


def looks_like_svg(content: bytes) -> bool:
    """Tell whether bytes may be an SVG: text that starts with a tag."""
    head = content[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def page_of_svg(
    content: bytes, wanted: tuple[float, float | None], finish: Finish, _: str
) -> tuple[bytes, tuple[float, float], None]:
    """Return the page of an SVG and its extent in points.

    Raises `DocumentFault`, and whatever svgelements raises for damaged values.
    """
    root = read_svg(content)
    across, down = _natural(root)
    width = wanted[0]
    height = wanted[1] if wanted[1] is not None else width * down / across
    try:
        parsed = svgelements.SVG.parse(
            io.BytesIO(tostring(root)), reify=False, ppi=_PIXELS_PER_INCH, on_error="raise"
        )
    except ValueError as error:
        words = str(error) or "a path or a number is not written as SVG wants it"
        raise DocumentFault("seal.artwork-unreadable", words) from error
    flip: Matrix = (width / across, 0.0, 0.0, -height / down, 0.0, height)
    marks = tuple(_marks(parsed, flip)) if parsed is not None else ()
    data, extent = page_of_marks(marks, (), (width, height), finish)
    return data, extent, None


def _natural(root: Element) -> tuple[float, float]:
    """Return the SVG's own extent in its pixels, and write it where svgelements reads it."""
    for key in ("x", "y"):
        root.attrib.pop(key, None)
    box = [float(part) for part in _NUMBERS.split(root.get("viewBox", "").strip()) if part]
    width, height = _absolute(root.get("width")), _absolute(root.get("height"))
    if len(box) == 4 and box[2] > 0 and box[3] > 0:
        if width is None and height is None:
            width = box[2]
        if width is None:
            width = (height or 0) * box[2] / box[3]
        if height is None:
            height = width * box[3] / box[2]
    if not width or not height or width <= 0 or height <= 0:
        refuse("no viewBox", "give the drawing a viewBox, or a width and a height")
    root.set("width", number(width))
    root.set("height", number(height))
    if len(box) != 4:
        root.set("viewBox", f"0 0 {number(width)} {number(height)}")
    return width, height


def _absolute(written: str | None) -> float | None:
    """Read a length in pixels; None when it is not given, or a part of something unknown."""
    if written is None or written.strip().endswith("%") or written.strip() == "auto":
        return None
    value = svgelements.Length(written).value(ppi=_PIXELS_PER_INCH)
    return float(value) if isinstance(value, int | float) else None


def _marks(group: Iterable[object], flip: Matrix) -> list[InkedMark]:
    """Return the marks of a group, the last one on top."""
    marks: list[InkedMark] = []
    for element in group:
        match element:
            case svgelements.Group() | svgelements.Use():
                marks += _faded(_marks(element, flip), _opacity(element))
            case svgelements.Shape():
                marks += _shape(element, flip)
    if isinstance(group, svgelements.SVG):
        return _faded(marks, _opacity(group))
    return marks


def _faded(marks: list[InkedMark], opacity: float) -> list[InkedMark]:
    if opacity >= 1.0 or not marks:
        return marks
    return [InkedGroup(tuple(marks), opacity)]


def _opacity(element: svgelements.SVGElement) -> float:
    """Return the element's own opacity, which is not inherited."""
    own = element.values.get("attributes") or {}
    return _share(own.get("opacity", "1"))


def _share(written: str) -> float:
    text = str(written).strip()
    value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    return min(1.0, max(0.0, value))


def _shape(shape: svgelements.Shape, flip: Matrix) -> list[InkedMark]:
    values = shape.values
    if str(values.get("visibility", "visible")).strip() in ("hidden", "collapse"):
        return []
    path = _path(shape)
    fill, fill_share = _paint(shape.fill, values, "fill")
    stroke, stroke_share = _paint(shape.stroke, values, "stroke")
    width = float(shape.stroke_width or 0)
    if width <= 0:
        stroke = None
    if not path or (fill is None and stroke is None):
        return []
    plain = InkedShape(
        path,
        line_width=width,
        even_odd=str(values.get("fill-rule", "nonzero")).strip() == "evenodd",
        matrix=_after(shape.transform, flip),
        cap=_CAPS[str(values.get("stroke-linecap", "butt")).strip()],
        join=_JOINS[str(values.get("stroke-linejoin", "miter")).strip()],
        mitre=max(1.0, float(values.get("stroke-miterlimit", 4))),
        dash=_dashes(str(values.get("stroke-dasharray", "none"))),
        dash_start=_length(str(values.get("stroke-dashoffset", "0"))),
    )
    parts: list[InkedMark] = []
    if fill is not None and stroke is not None and fill_share == stroke_share == 1.0:
        parts.append(replace(plain, fill=fill, stroke=stroke))
    else:
        if fill is not None:
            parts.append(replace(plain, fill=fill, opacity=fill_share))
        if stroke is not None:
            parts.append(replace(plain, stroke=stroke, opacity=stroke_share))
    return _faded(parts, _opacity(shape))


def _paint(
    colour: svgelements.Color | None, values: dict[str, object], key: str
) -> tuple[Colour | None, float]:
    """Return a colour and its opacity; None when nothing is painted."""
    written = str(values.get(key, "none")).strip().lower()
    if written == "none" or colour is None or colour.value is None:
        return None, 1.0
    if not any(one.fullmatch(written) for one in _COLOURS) and written not in _NAMES:
        refuse(f"{key} {written[:40]}", "write the colour as #rrggbb")
    parts = (colour.red, colour.green, colour.blue)
    if written in ImageColor.colormap:
        parts = ImageColor.getrgb(written)[:3]
    share = float(colour.opacity) if colour.opacity is not None else 1.0
    if f"{key}-opacity" in values:
        share = _share(str(values[f"{key}-opacity"]))
    red, green, blue = (part / 255 for part in parts)
    return (Colour(red, green, blue), share) if share > 0 else (None, 1.0)


def _after(first: svgelements.Matrix, then: Matrix) -> Matrix:
    """Return the matrix that does first what the shape asks, then what the page does."""
    a, b, c, d, e, f = (float(getattr(first, key)) for key in "abcdef")
    sx, _, _, sy, tx, ty = then
    return (a * sx, b * sy, c * sx, d * sy, e * sx + tx, f * sy + ty)


def _dashes(written: str) -> tuple[float, ...]:
    if written.strip().lower() in ("none", ""):
        return ()
    dashes = tuple(_length(part) for part in _NUMBERS.split(written.strip()) if part)
    if any(part < 0 for part in dashes) or not any(dashes):
        return ()
    return dashes * 2 if len(dashes) % 2 else dashes


def _length(written: str) -> float:
    value = svgelements.Length(written).value(ppi=_PIXELS_PER_INCH)
    if not isinstance(value, int | float):
        refuse(f"a length of {written[:20]}", "write it in plain numbers")
    return float(value)


def _path(shape: svgelements.Shape) -> str:
    """Return the outline in the shape's own frame, as operators of PDF."""
    words: list[str] = []
    for segment in shape.segments(transformed=False):
        match segment:
            case svgelements.Move():
                words.append(f"{_point(segment.end)} m")
            case svgelements.Close():
                words.append("h")
            case svgelements.Line():
                words.append(f"{_point(segment.end)} l")
            case svgelements.CubicBezier():
                words.append(_curve(segment))
            case svgelements.QuadraticBezier():
                words.append(_curve(_elevated(segment)))
            case svgelements.Arc():
                words += [_curve(curve) for curve in segment.as_cubic_curves()]
            case _:
                raise DocumentFault("seal.artwork-unsupported", "a path that cannot be followed")
    return " ".join(words)


def _curve(curve: svgelements.CubicBezier) -> str:
    points = (curve.control1, curve.control2, curve.end)
    return " ".join(_point(point) for point in points) + " c"


def _elevated(curve: svgelements.QuadraticBezier) -> svgelements.CubicBezier:
    """Return a quadratic curve as the cubic one that has the same points."""
    start, control, end = curve.start, curve.control, curve.end
    first = start + (control - start) * (2 / 3)
    second = end + (control - end) * (2 / 3)
    return svgelements.CubicBezier(start, first, second, end)


def _point(point: svgelements.Point | None) -> str:
    if point is None or not (math.isfinite(point.x) and math.isfinite(point.y)):
        raise DocumentFault("seal.artwork-unreadable", "a path leads nowhere")
    return f"{number(point.x)} {number(point.y)}"
