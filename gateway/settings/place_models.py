"""Where a seal goes, as rule authors write it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from gateway.settings.written import (
    Distance,
    Expression,
    LengthText,
    Name,
    Occurrence,
    PageChoice,
    Part,
    Rotation,
    SealWidth,
    Words,
)

_CORNERS = Literal["top-left", "top-right", "bottom-left", "bottom-right", "center"]
_EDGES = Literal["left", "right", "top", "bottom"]

_WAYS = {
    "corner": ("corner", "margin"),
    "edge": ("edge", "along", "margin"),
    "x": ("x", "y", "pin"),
    "at": ("at", "find", "pattern", "occurrence", "side"),
    "field": ("field",),
    "straddle": ("straddle",),
    "table": ("table",),
}
"""Keys that choose a way to place a seal, each with the keys that belong to it."""
_ALONE = {
    "field": ("fallback",),
    "table": (),
    "straddle": ("seal", "width", "rotation", "fit", "fallback"),
}
"""Ways that do not take every other key, with those that they take."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


def _or_skip(value: object) -> object:
    return () if value == "skip" else _as_list(value)


def _as_pages(value: object) -> object:
    return {"pages": value} if isinstance(value, str) else value


class OffsetPart(Part):
    """A shift on the displayed page."""

    x: LengthText = "0mm"  # type: ignore[assignment]
    """To the right."""
    y: LengthText = "0mm"  # type: ignore[assignment]
    """Downwards."""


class PagesPart(Part):
    """Which pages."""

    pages: PageChoice = "all"  # type: ignore[assignment]
    """first, last, all, odd, even, or numbers from 1 and from the end, such as 1,3-5,-2."""
    text: Expression | None = None
    """Of those, every page on which this regular expression is found."""


ChosenPages = Annotated[
    PagesPart, BeforeValidator(_as_pages, json_schema_input_type=str | int | PagesPart)
]


class StraddlePart(Part):
    """A seal sliced over the edges of several pages, which show it whole when fanned out."""

    edge: _EDGES = "right"
    """Of the pages, as displayed."""
    pages: ChosenPages = PagesPart()
    """Which pages share the seal."""
    along: LengthText = "50%"  # type: ignore[assignment]
    """How far from the edge's left or upper end the seal's centre is."""
    slices: Literal["equal", "random"] = "equal"
    """How the seal is cut."""
    max: Annotated[int, Field(ge=2, le=200)] = 20
    """Pages that share one seal; more pages get more seals."""
    duplex: bool = False
    """Printed on both sides: even pages share a seal of their own on the opposite edge."""


class TablePart(Part):
    """Places by the type of the document."""

    by: Words = "path"
    """Where the type is found: path, text, or a key of the document's information."""
    pattern: Expression
    """Regular expression; what its first group finds is the type."""
    rows: Annotated[dict[Words, Places], Field(min_length=1)]
    """Type, and its place or places."""
    otherwise: Places | None = None
    """For every other type; they fail without it."""


class PlacePart(Part):
    """Where a seal goes, on the page as it is displayed."""

    page: ChosenPages | None = None
    """first, last, all, odd, even, numbers (1,3-5,-2), or {text: REGEX}; pages means the same."""
    pages: ChosenPages | None = None
    """The same as page."""
    corner: _CORNERS = "bottom-right"
    """The corner of the page, or its centre."""
    edge: _EDGES | None = None
    """Instead of a corner: along this edge."""
    along: LengthText = "50%"  # type: ignore[assignment]
    """With edge: how far from its left or upper end the seal's centre is."""
    margin: Distance = "0mm"  # type: ignore[assignment]
    """Distance from the edge, or from both edges that meet in the corner."""
    x: LengthText | None = None
    """Instead of a corner: from the page's left."""
    y: LengthText | None = None
    """With x: from the page's top."""
    pin: _CORNERS = "top-left"
    """With x and y: which point of the seal is put there."""
    offset: OffsetPart = OffsetPart()
    """A shift from there."""
    at: Literal["text", "form-field", "comment"] | None = None
    """What anchors the seal: words, a form field, or a rectangle or comment drawn on the page."""
    find: Words | None = None
    """The words, literally; the field's name, as a glob; words in the comment."""
    pattern: Expression | None = None
    """Instead of find, with at: text: a regular expression."""
    occurrence: Occurrence = "first"
    """Which of those found: first, last, all, or a number from 1, from the end when negative."""
    side: Literal["over", "right", "left", "above", "below"] = "over"
    """On which side of what was found the seal goes."""
    field: Words | None = None
    """Name of an empty signature field to be filled, or only: the only one there is."""
    straddle: StraddlePart | None = None
    """A seal sliced over the edges of several pages."""
    table: TablePart | None = None
    """Places by the type of the document."""
    seal: Name | None = None
    """Another seal than the rule's."""
    width: SealWidth | None = None
    """The seal's width on paper here, instead of its own; its height follows."""
    rotation: Rotation = 0.0
    """Degrees by which the seal is turned clockwise, on the page as displayed."""
    fit: Literal["fail", "move", "scale"] = "fail"
    """What happens to a seal that would not lie fully on its page."""
    avoid: Literal["text"] | None = None
    """text: the seal is shifted to the nearest place that is free of text and other seals."""
    fallback: Fallback = None
    """What to do when the place is not to be had: skip, or another place, or several."""

    @model_validator(mode="after")
    def _goes_one_way(self) -> PlacePart:
        given = self.model_fields_set
        ways = [way for way in _WAYS if way in given]
        if len(ways) > 1:
            raise ValueError(f"a seal has one place: write {ways[0]} or {ways[1]}, not both")
        way = ways[0] if ways else "corner"
        allowed = set(_WAYS[way]) | set(_ALONE.get(way, type(self).model_fields))
        allowed -= {key for other in _WAYS.values() for key in other} - set(_WAYS[way])
        surplus = sorted(given - allowed)
        if surplus:
            raise ValueError(f"{way} does not go together with {', '.join(surplus)}: leave it out")
        return self

    @model_validator(mode="after")
    def _is_complete(self) -> PlacePart:
        if (self.x is None) != (self.y is None):
            raise ValueError("x and y go together")
        if self.page is not None and self.pages is not None:
            raise ValueError("page and pages mean the same: write one of them")
        if self.pattern is not None and (self.at != "text" or self.find is not None):
            raise ValueError("pattern stands instead of find, with at: text")
        if self.at is not None and self.find is None and self.pattern is None:
            raise ValueError(f"at: {self.at} needs find: what to look for")
        return self


Places = Annotated[
    tuple[PlacePart, ...],
    Field(min_length=1),
    BeforeValidator(_as_list, json_schema_input_type=PlacePart | tuple[PlacePart, ...]),
]
Fallback = Annotated[
    tuple[PlacePart, ...] | None,
    BeforeValidator(
        _or_skip, json_schema_input_type=Literal["skip"] | PlacePart | tuple[PlacePart, ...]
    ),
]

for _model in (TablePart, PlacePart):
    _model.model_rebuild()
