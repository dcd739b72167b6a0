"""From a box that somebody dragged on a page back to the words of a rule.

What the rule's author chose stays: a corner stays a corner with a margin, words stay the anchor and
get an offset, a straddle seal moves along its edge. The frame is the page as displayed, so
rotation, CropBox and UserUnit count already. Lengths keep the unit in which they were written,
percent too, and are rounded to a tenth of a millimetre or a hundredth of a percent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.core.anchoring import beside
from gateway.core.geometry import Box, PageFrame, turned_extent
from gateway.core.lengths import POINTS_PER_MILLIMETRE, ZERO, Length
from gateway.core.places import (
    Anchored,
    AtComment,
    AtCorner,
    AtEdge,
    AtField,
    AtPoint,
    AtText,
    Corner,
    Edge,
    IntoField,
    Place,
    Straddle,
)
from gateway.core.placing import pinned

_NEAR = 0.05 * POINTS_PER_MILLIMETRE
"""Points; a smaller difference is none."""
_CENTRED = 0.5 * POINTS_PER_MILLIMETRE
"""Points from a page's centre within which a seal is in its centre."""


@dataclass(frozen=True)
class Size:
    """How large a seal is to be, and how far turned; what is None stays as it is."""

    width: float | None = None
    """Points, of the seal before it is turned."""
    rotation: float | None = None
    """Degrees clockwise."""


AS_IT_IS = Size()


def resized(place: Place, box: Box, seal: tuple[float, float], size: Size) -> tuple[Place, Box]:
    """Return the place with a seal so large and so turned, and the box around it.

    Its centre is that of `box`. `seal` is the seal's own width and height: in that size the place
    says nothing of it. Angles are rounded to a tenth of a degree.
    """
    if size == AS_IT_IS or isinstance(place.spot, IntoField):
        return place, box
    if size.width is not None:
        near = abs(size.width - seal[0]) < _NEAR
        former = place.width or ZERO
        place = replace(place, width=None if near else _length(size.width, 0.0, former))
    if size.rotation is not None:
        place = replace(place, rotation=round(size.rotation, 1) % 360)
    width = place.width.points(0.0) if place.width is not None else seal[0]
    across, down = turned_extent(width, seal[1] * width / seal[0], place.rotation)
    x, y = box.x + box.width / 2 - across / 2, box.y + box.height / 2 - down / 2
    return place, Box(x, y, across, down)


def dragged(place: Place, box: Box, frame: PageFrame, found: Box | None = None) -> Place:
    """Return the place that puts a seal into the box.

    `box` is that of the whole seal; `found` is what anchored it, for a place that is anchored. A
    place in a signature field stays: the field decides.
    """
    match place.spot:
        case AtCorner():
            return _in_corner(place, box, frame)
        case AtEdge() as edge:
            return _along_edge(place, edge, box, frame)
        case AtPoint() as point:
            left, top = pinned(point.pin, (box.width, box.height))
            x = _length(box.x + left, frame.width, point.x)
            y = _length(box.y + top, frame.height, point.y)
            moved = AtPoint(x, y, point.pin)
            return replace(place, spot=moved, offset_x=ZERO, offset_y=ZERO)
        case Straddle() as straddle:
            along = _along(straddle.edge, straddle.along, box, frame)
            return replace(place, spot=replace(straddle, along=along))
        case AtText() | AtField() | AtComment() as anchored:
            return _beside(place, anchored, box, frame, found)
        case IntoField():
            return place


def _in_corner(place: Place, box: Box, frame: PageFrame) -> Place:
    """Choose the nearest corner; the smaller distance is the margin, the rest an offset."""
    assert isinstance(place.spot, AtCorner)  # noqa: S101  # chosen by the caller
    right, bottom = frame.width - box.x - box.width, frame.height - box.y - box.height
    if abs(right - box.x) < _CENTRED and abs(bottom - box.y) < _CENTRED:
        spot = AtCorner(Corner.CENTER, ZERO)
        return replace(place, spot=spot, offset_x=ZERO, offset_y=ZERO)
    is_left, is_top = box.x <= right, box.y <= bottom
    across, down = min(box.x, right), min(box.y, bottom)
    corner = Corner(f"{'top' if is_top else 'bottom'}-{'left' if is_left else 'right'}")
    # A margin is no less than nothing: what lies beyond the page is an offset.
    margin = _length(max(0.0, min(across, down)), frame.width, _plain(place.spot.margin))
    x, y = across - margin.points(frame.width), down - margin.points(frame.height)
    return replace(
        place,
        spot=AtCorner(corner, margin),
        offset_x=_offset(x if is_left else -x, frame.width, place.offset_x),
        offset_y=_offset(y if is_top else -y, frame.height, place.offset_y),
    )


def _along_edge(place: Place, spot: AtEdge, box: Box, frame: PageFrame) -> Place:
    """Stay at the edge; how far from it is the margin."""
    distance, extent = {
        Edge.LEFT: (box.x, frame.width),
        Edge.RIGHT: (frame.width - box.x - box.width, frame.width),
        Edge.TOP: (box.y, frame.height),
        Edge.BOTTOM: (frame.height - box.y - box.height, frame.height),
    }[spot.edge]
    margin = _length(max(0.0, distance), extent, spot.margin)
    rest = distance - margin.points(extent)
    rest = -rest if spot.edge in (Edge.RIGHT, Edge.BOTTOM) else rest
    upright = spot.edge.upright
    return replace(
        place,
        spot=AtEdge(spot.edge, _along(spot.edge, spot.along, box, frame), margin),
        offset_x=_offset(rest if upright else 0.0, frame.width, place.offset_x),
        offset_y=_offset(0.0 if upright else rest, frame.height, place.offset_y),
    )


def _along(edge: Edge, former: Length, box: Box, frame: PageFrame) -> Length:
    """Return how far the seal's centre is from the edge's left or upper end."""
    if edge.upright:
        return _length(box.y + box.height / 2, frame.height, former)
    return _length(box.x + box.width / 2, frame.width, former)


def _beside(place: Place, spot: Anchored, box: Box, frame: PageFrame, found: Box | None) -> Place:
    if found is None:
        return place
    start = beside(found, spot.side, box.width, box.height)
    return replace(
        place,
        offset_x=_offset(box.x - start.x, frame.width, place.offset_x),
        offset_y=_offset(box.y - start.y, frame.height, place.offset_y),
    )


def _plain(former: Length) -> Length:
    """Return a margin's unit as one that means the same across and down."""
    return former if former.unit != "%" else ZERO


def _offset(points: float, extent: float, former: Length) -> Length:
    return ZERO if abs(points) < _NEAR else _length(points, extent, former)


def _length(points: float, extent: float, former: Length) -> Length:
    """Return a length in the unit of the former one."""
    match former.unit:
        case "%":
            return Length(round(points / extent * 100, 2) + 0.0, "%")
        case "pt":
            return Length(round(points, 1) + 0.0, "pt")
        case "in":
            return Length(round(points / 72, 3) + 0.0, "in")
        case _:
            return Length(round(points / POINTS_PER_MILLIMETRE, 1) + 0.0, "mm")
