"""Places: where rule authors put seals. The frame is the page as displayed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gateway.core.facts import TextQuery
from gateway.core.lengths import ZERO, Length
from gateway.core.pages import Pages


class Corner(StrEnum):
    """A corner of a page or of a seal, or its centre."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"
    CENTER = "center"


class Edge(StrEnum):
    """An edge of a page as displayed."""

    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    BOTTOM = "bottom"

    @property
    def upright(self) -> bool:
        """Tell whether the edge runs from top to bottom."""
        return self in (Edge.LEFT, Edge.RIGHT)

    @property
    def opposite(self) -> Edge:
        """Return the edge across the page."""
        return {
            Edge.LEFT: Edge.RIGHT,
            Edge.RIGHT: Edge.LEFT,
            Edge.TOP: Edge.BOTTOM,
            Edge.BOTTOM: Edge.TOP,
        }[self]


class Side(StrEnum):
    """On which side of what was found a seal goes."""

    OVER = "over"
    RIGHT = "right"
    LEFT = "left"
    ABOVE = "above"
    BELOW = "below"


class Fit(StrEnum):
    """What happens to a seal that would not lie on its page."""

    FAIL = "fail"
    MOVE = "move"
    SCALE = "scale"
    """Made smaller until it fits, then moved."""


HALF = Length(50.0, "%")


@dataclass(frozen=True)
class AtCorner:
    """In a corner of the page, or in its centre."""

    corner: Corner = Corner.BOTTOM_RIGHT
    margin: Length = ZERO
    """Distance of the seal from both edges that meet in the corner."""


@dataclass(frozen=True)
class AtEdge:
    """Along an edge of the page."""

    edge: Edge
    along: Length = HALF
    """How far from the edge's left or upper end the seal's centre is."""
    margin: Length = ZERO


@dataclass(frozen=True)
class AtPoint:
    """At measures from the page's top left."""

    x: Length
    y: Length
    pin: Corner = Corner.TOP_LEFT
    """Which point of the seal is put there."""


@dataclass(frozen=True)
class AtText:
    """At words on a page."""

    query: TextQuery
    occurrence: str = "first"
    """`first`, `last`, `all`, or a number from 1, from the end when negative."""
    side: Side = Side.OVER


@dataclass(frozen=True)
class AtField:
    """At a form field that is no signature field."""

    name: str
    """A glob."""
    occurrence: str = "first"
    side: Side = Side.OVER


@dataclass(frozen=True)
class AtComment:
    """At a rectangle or comment (an annotation) whose text holds these words."""

    words: str
    occurrence: str = "first"
    side: Side = Side.OVER


@dataclass(frozen=True)
class IntoField:
    """Into an empty signature field, which the signature then fills."""

    name: str
    """Or `only`, for the only one there is."""


@dataclass(frozen=True)
class Straddle:
    """Sliced over the same edge of several pages: fanned out, their edges show the whole seal."""

    edge: Edge = Edge.RIGHT
    along: Length = HALF
    """How far from the edge's left or upper end the seal's centre is."""
    random: bool = False
    """Slices of different width, alike for the same document, instead of equal ones."""
    most: int = 20
    """Pages that share one seal; more pages get more seals."""
    duplex: bool = False
    """Printed on both sides: even pages share a seal of their own, on the opposite edge."""


Spot = AtCorner | AtEdge | AtPoint | IntoField | AtText | AtField | AtComment | Straddle
# In this order, since stored tickets are read as the first of those that fit best.
Anchored = AtText | AtField | AtComment


@dataclass(frozen=True)
class Place:
    """Where a seal goes."""

    spot: Spot = AtCorner()
    pages: Pages = Pages()
    offset_x: Length = ZERO
    """Added to the right, in the displayed frame."""
    offset_y: Length = ZERO
    """Added downwards, in the displayed frame."""
    seal: str = ""
    """Another seal than the rule's."""
    width: Length | None = None
    """Of the seal on paper, instead of its own; its height follows. Never in percent."""
    rotation: float = 0.0
    """Degrees by which the seal is turned clockwise, as displayed."""
    fit: Fit = Fit.FAIL
    avoid_text: bool = False
    """Shifted to the nearest place where no text and no other seal is."""
    fallback: tuple[Place, ...] | None = None
    """Instead, when this place is not to be had; empty: then nothing is put there."""
    source: str = ""
    """`file:line` of the place."""

    def within(self) -> Iterator[Place]:
        """Yield this place and all that may be taken instead."""
        yield self
        for other in self.fallback or ():
            yield from other.within()


@dataclass(frozen=True)
class PlaceTable:
    """Places by the type of the document."""

    by: str
    """`path`, `text`, or a key of the document's information."""
    query: TextQuery
    """An expression; what its first group finds, or the whole, is the type."""
    rows: tuple[tuple[str, tuple[Place, ...]], ...]
    otherwise: tuple[Place, ...] | None = None
    """For other types; without it they fail."""
    source: str = ""

    def within(self) -> Iterator[Place]:
        """Yield every place that may be taken."""
        for _, places in (*self.rows, ("", self.otherwise or ())):
            for place in places:
                yield from place.within()


def queries_of(placed: Place | PlaceTable) -> Iterator[TextQuery]:
    """Yield the words that have to be looked for before a seal can be placed."""
    if isinstance(placed, PlaceTable) and placed.by == "text":
        yield placed.query
    for place in placed.within():
        if isinstance(place.spot, AtText):
            yield place.spot.query
        if place.pages.text is not None:
            yield place.pages.text
