"""From parsed places to places, checking the seals they name."""

from __future__ import annotations

from gateway.core.facts import TextQuery
from gateway.core.lengths import Length
from gateway.core.pages import Pages
from gateway.core.places import (
    AtComment,
    AtCorner,
    AtEdge,
    AtField,
    AtPoint,
    AtText,
    Corner,
    Edge,
    Fit,
    IntoField,
    Place,
    PlaceTable,
    Side,
    Spot,
    Straddle,
)
from gateway.settings.parsing import Notes
from gateway.settings.place_models import PlacePart, StraddlePart, TablePart
from gateway.settings.problems import did_you_mean
from gateway.settings.yaml_file import Location


class PlaceBuilder:
    """Builds the places of one rule."""

    def __init__(self, notes: Notes, seals: tuple[str, ...], own: str) -> None:
        self._notes = notes
        self._seals = seals
        """Defined seals; empty when nobody can tell."""
        self._own = own

    def build(self, here: Location, parts: tuple[PlacePart, ...]) -> tuple[Place | PlaceTable, ...]:
        """Return the places; look at the notes before using them."""
        built = tuple(
            self._table((*here, index, "table"), part.table)
            if part.table is not None
            else self._place((*here, index), part)
            for index, part in enumerate(parts)
        )
        if parts and all(part.seal not in (None, self._own) for part in parts):
            what = f"No place shows the rule's own seal {self._own}, which signs."
            self._notes.add(here, "settings.wrong-value", what, "Leave seal out of one place.")
        if sum(part.field is not None for part in parts) > 1:
            what = "There is one signature, so only one signature field can be filled."
            self._notes.add(here, "settings.wrong-value", what, "Keep one field.")
        return built

    def _table(self, here: Location, part: TablePart) -> PlaceTable:
        rows = tuple(
            (name, self._all((*here, "rows", name), places)) for name, places in part.rows.items()
        )
        otherwise = part.otherwise
        return PlaceTable(
            by=part.by,
            query=TextQuery(part.pattern, expression=True),
            rows=rows,
            otherwise=(
                self._all((*here, "otherwise"), otherwise) if otherwise is not None else None
            ),
            source=self._source(here),
        )

    def _all(self, here: Location, parts: tuple[PlacePart, ...]) -> tuple[Place, ...]:
        return tuple(
            self._place((*here, index), part)
            for index, part in enumerate(parts)
            if self._is_plain((*here, index), part)
        )

    def _is_plain(self, here: Location, part: PlacePart) -> bool:
        if part.table is None:
            return True
        what = "A table cannot stand inside another place."
        self._notes.add(here, "settings.wrong-value", what, "Write its rows where it stands.")
        return False

    def _place(self, here: Location, part: PlacePart) -> Place:
        if part.seal is not None and self._seals and part.seal not in self._seals:
            what = f"There is no seal {part.seal}."
            remedy = f"Define it.{did_you_mean(part.seal, self._seals)}"
            self._notes.add((*here, "seal"), "settings.unknown-name", what, remedy)
        return Place(
            spot=_spot(part),
            pages=_pages(part),
            offset_x=part.offset.x,
            offset_y=part.offset.y,
            seal=part.seal or "",
            width=part.width,
            rotation=part.rotation % 360,
            fit=Fit(part.fit),
            avoid_text=part.avoid == "text",
            fallback=self._fallback((*here, "fallback"), part),
            source=self._source(here),
        )

    def _fallback(self, here: Location, part: PlacePart) -> tuple[Place, ...] | None:
        if part.fallback is None:
            return None
        return self._all(here, part.fallback)

    def _source(self, here: Location) -> str:
        line, _ = self._notes.file.position(here)
        return f"{self._notes.file.name}:{line}"


def _pages(part: PlacePart) -> Pages:
    written = part.straddle.pages if part.straddle is not None else part.pages or part.page
    if written is None:
        return Pages("all" if part.at is not None else "last")
    if written.text is None:
        return written.pages
    pages = written.pages.written
    return Pages(pages, TextQuery(written.text, expression=True, pages=pages))


def _spot(part: PlacePart) -> Spot:
    if part.straddle is not None:
        return _straddle(part.straddle)
    if part.field is not None:
        return IntoField(part.field)
    if part.at is not None:
        return _anchored(part)
    if part.edge is not None:
        return AtEdge(Edge(part.edge), part.along, part.margin)
    if part.x is not None:
        return AtPoint(part.x, part.y or Length(0.0, "mm"), Corner(part.pin))
    return AtCorner(Corner(part.corner), part.margin)


def _anchored(part: PlacePart) -> Spot:
    side, words = Side(part.side), part.find or ""
    if part.at == "form-field":
        return AtField(words, part.occurrence, side)
    if part.at == "comment":
        return AtComment(words, part.occurrence, side)
    query = TextQuery(
        part.pattern or words,
        expression=part.pattern is not None,
        pages=_pages(part).written,
    )
    return AtText(query, part.occurrence, side)


def _straddle(part: StraddlePart) -> Straddle:
    return Straddle(
        edge=Edge(part.edge),
        along=part.along,
        random=part.slices == "random",
        most=part.max,
        duplex=part.duplex,
    )
