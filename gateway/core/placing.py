"""From a rule's places to boxes on pages, all in the displayed frame in points."""

from __future__ import annotations

from dataclasses import replace

from gateway.core.anchoring import anchors_of, beside
from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts
from gateway.core.filling import chosen_field, mark_of
from gateway.core.fitting import clear_of, extent_of, fitted, scaling, share_of
from gateway.core.geometry import Box, PageFrame
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
    Spot,
    Straddle,
)
from gateway.core.plan import WHOLE, Found, Mark
from gateway.core.rules import Rule, Rulebook, Seal
from gateway.core.straddling import slices
from gateway.core.tables import row_of

MOST_MARKS = 5000
"""Places on one document; more are taken for a mistake."""


class Placing:
    """Places the seals of one rule on one document, one place after the other."""

    def __init__(self, rulebook: Rulebook, rule: Rule, facts: DocumentFacts, source: str) -> None:
        self._rulebook = rulebook
        self._rule = rule
        self._facts = facts
        self._source = source
        self.seals: list[Seal] = [rulebook.seal(rule.seal)]
        """Every seal that is used, the rule's own first."""
        self.marks: list[Mark] = []
        self.filled = ""
        """Name of the signature field that is filled, if one is."""
        self.filling = 0
        """Index of its mark."""

    def place_all(self) -> None:
        """Place everything that the rule wants; raises `DocumentFault` (`plan.…`)."""
        for entry in self._rule.places:
            for place in self._resolved(entry):
                self._add(place)
        if not any(mark.seal == 0 for mark in self.marks):
            # What is seen in the signature field must be the seal that signs.
            raise DocumentFault("plan.nowhere", self._rule.seal)

    def _resolved(self, entry: Place | PlaceTable) -> tuple[Place, ...]:
        if isinstance(entry, Place):
            return (entry,)
        return row_of(entry, self._facts, self._source)

    def _add(self, place: Place, because: str = "") -> None:
        """Place one seal, or what may be put there instead."""
        try:
            marks = self._located(place)
        except DocumentFault as fault:
            if place.fallback is None or not fault.code.startswith("plan."):
                raise
            for other in place.fallback:
                self._add(other, because or fault.sentence)
            return
        if because:
            marks = tuple(
                replace(mark, notes=(*mark.notes, f"placed here instead: {because}"))
                for mark in marks
            )
        if len(self.marks) + len(marks) > MOST_MARKS:
            raise DocumentFault("plan.too-many-places", f"more than {MOST_MARKS}")
        self.marks.extend(marks)

    def _located(self, place: Place) -> tuple[Mark, ...]:
        spot = place.spot
        if isinstance(spot, IntoField):
            return (self._in_field(place, spot),)
        seal = self._rulebook.seal(place.seal or self._rule.seal)
        if isinstance(spot, Straddle):
            marks = self._sliced(place, spot, seal)
        elif isinstance(spot, AtText | AtField | AtComment):
            anchors = anchors_of(spot, place.pages, self._facts)
            marks = tuple(self._mark(place, seal, one.page, one.found) for one in anchors)
        else:
            marks = tuple(self._mark(place, seal, page) for page in place.pages.choose(self._facts))
        return tuple(replace(mark, seal=self._index(seal)) for mark in marks)

    def _index(self, seal: Seal) -> int:
        if seal not in self.seals:
            self.seals.append(seal)
        return self.seals.index(seal)

    def _in_field(self, place: Place, spot: IntoField) -> Mark:
        if self.filled:
            raise DocumentFault("plan.field-ambiguous", f"one signature, not also {spot.name}")
        field = chosen_field(spot.name, self._facts)
        mark = mark_of(field, self._facts)
        self.filled, self.filling = field.name, len(self.marks)
        found = Found(f"field {field.name}", mark.box) if mark.visible else None
        return replace(mark, asked=place.source, found=found)

    def _mark(self, place: Place, seal: Seal, page: int, found: Found | None = None) -> Mark:
        """Put a seal where the place says, keep it on its page and clear of text."""
        frame = self._facts.pages[page]
        across, down = self._extent(place, seal)
        share = share_of(across, down, frame, page, self._fit(place, seal))
        box = _box(place.spot, (across * share, down * share), frame, found)
        box = Box(
            box.x + place.offset_x.points(frame.width),
            box.y + place.offset_y.points(frame.height),
            box.width,
            box.height,
        )
        box, moved = fitted(box, frame, page, place.fit)
        notes = scaling(share) + moved
        if place.avoid_text:
            box, shifted = clear_of(box, self._obstacles(page), frame, page)
            notes += shifted
        return Mark(
            page, box, asked=place.source, found=found, notes=notes, rotation=place.rotation
        )

    def _extent(self, place: Place, seal: Seal) -> tuple[float, float]:
        """Return the extent of the box around a seal as large and turned as the place wants it."""
        width = place.width.points(0.0) if place.width is not None else None
        if width is not None and seal.name in self._rulebook.fixed:
            raise DocumentFault("plan.size-fixed", f"{seal.name}, not {place.width}")
        return extent_of((seal.width, seal.height), width, place.rotation)

    def _fit(self, place: Place, seal: Seal) -> Fit:
        """Return what happens where the seal does not fit; one of fixed size is only moved."""
        fixed = place.fit is Fit.SCALE and seal.name in self._rulebook.fixed
        return Fit.MOVE if fixed else place.fit

    def _obstacles(self, page: int) -> tuple[Box, ...]:
        text = self._facts.text_boxes[page] if self._facts.text_boxes else ()
        return (*text, *(mark.box for mark in self.marks if mark.page == page and mark.visible))

    def _sliced(self, place: Place, straddle: Straddle, seal: Seal) -> tuple[Mark, ...]:
        pages = place.pages.choose(self._facts)
        seed = f"{self._rule.name} {self._facts.size} {len(self._facts.pages)}"
        share = 1.0
        notes: tuple[str, ...] = ()
        across, down = self._extent(place, seal)
        if self._fit(place, seal) is Fit.SCALE:
            frames = [self._facts.pages[page] for page in pages]
            share, notes = _smaller(straddle, (across, down), frames)
        extent = (across * share, down * share)
        marks = []
        for one in slices(straddle, pages, extent, self._facts, seed):
            frame = self._facts.pages[one.page]
            fit = Fit.FAIL if place.fit is Fit.FAIL else Fit.MOVE
            box, moved = fitted(one.box, frame, one.page, fit)
            mark = Mark(one.page, box, part=one.part, asked=place.source, notes=notes + moved)
            marks.append(replace(mark, rotation=place.rotation))
        return tuple(marks)


def signing_mark(marks: list[Mark]) -> int:
    """Choose the mark that is the signature field's own: of the rule's seal, a whole one if any."""
    own = [number for number, mark in enumerate(marks) if mark.seal == 0]
    whole = [number for number in own if marks[number].part == WHOLE]
    return (whole or own)[0]


def _box(spot: Spot, extent: tuple[float, float], frame: PageFrame, found: Found | None) -> Box:
    """Return the box of a seal of this width and height."""
    width, height = extent
    match spot:
        case AtText() | AtField() | AtComment() if found is not None:
            return beside(found.box, spot.side, width, height)
        case AtCorner():
            x, y = _in_corner(spot, extent, frame)
        case AtEdge():
            x, y = _along_edge(spot, extent, frame)
        case AtPoint():
            left, top = pinned(spot.pin, extent)
            x = spot.x.points(frame.width) - left
            y = spot.y.points(frame.height) - top
        case _:
            raise ValueError(f"{spot} is no place on one page")
    return Box(x, y, width, height)


def _in_corner(
    spot: AtCorner, extent: tuple[float, float], frame: PageFrame
) -> tuple[float, float]:
    width, height = extent
    margin_x, margin_y = spot.margin.points(frame.width), spot.margin.points(frame.height)
    right, bottom = frame.width - width - margin_x, frame.height - height - margin_y
    return {
        Corner.TOP_LEFT: (margin_x, margin_y),
        Corner.TOP_RIGHT: (right, margin_y),
        Corner.BOTTOM_LEFT: (margin_x, bottom),
        Corner.BOTTOM_RIGHT: (right, bottom),
        Corner.CENTER: ((frame.width - width) / 2, (frame.height - height) / 2),
    }[spot.corner]


def _along_edge(spot: AtEdge, extent: tuple[float, float], frame: PageFrame) -> tuple[float, float]:
    width, height = extent
    across = spot.along.points(frame.width) - width / 2
    down = spot.along.points(frame.height) - height / 2
    return {
        Edge.LEFT: (spot.margin.points(frame.width), down),
        Edge.RIGHT: (frame.width - width - spot.margin.points(frame.width), down),
        Edge.TOP: (across, spot.margin.points(frame.height)),
        Edge.BOTTOM: (across, frame.height - height - spot.margin.points(frame.height)),
    }[spot.edge]


def pinned(pin: Corner, extent: tuple[float, float]) -> tuple[float, float]:
    """Return how far the pinned point of a seal is from its left and its top."""
    width, height = extent
    return {
        Corner.TOP_LEFT: (0.0, 0.0),
        Corner.TOP_RIGHT: (width, 0.0),
        Corner.BOTTOM_LEFT: (0.0, height),
        Corner.BOTTOM_RIGHT: (width, height),
        Corner.CENTER: (width / 2, height / 2),
    }[pin]


def _smaller(
    straddle: Straddle, extent: tuple[float, float], frames: list[PageFrame]
) -> tuple[float, tuple[str, ...]]:
    """Return the share to which a straddle seal is scaled, the same on every page."""
    if straddle.edge.upright:
        share = min(1.0, *(frame.height / extent[1] for frame in frames))
    else:
        share = min(1.0, *(frame.width / extent[0] for frame in frames))
    return share, scaling(share)
