"""What in a document a seal is placed by: words, form fields, comments."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts
from gateway.core.geometry import Box
from gateway.core.matching import matches_glob
from gateway.core.pages import Pages
from gateway.core.places import Anchored, AtField, AtText
from gateway.core.plan import Found

_MARKING = frozenset({"Square", "Circle", "Polygon", "FreeText", "Text", "Stamp", "Highlight"})
"""Annotations that people draw to say where something goes."""


@dataclass(frozen=True)
class Anchor:
    """One place in the document: page index from 0, and what is there."""

    page: int
    found: Found


def anchors_of(spot: Anchored, pages: Pages, facts: DocumentFacts) -> tuple[Anchor, ...]:
    """Return the occurrences that the spot chooses, on the chosen pages.

    Raises `DocumentFault`: `plan.text-not-found`, `plan.no-text`, `plan.anchor-missing`,
    `plan.page-missing`.
    """
    on = set(pages.choose(facts))
    found = [anchor for anchor in _all(spot, facts) if anchor.page in on]
    chosen = _chosen(found, spot.occurrence)
    if chosen:
        return chosen
    if isinstance(spot, AtText):
        if facts.textless:
            raise DocumentFault("plan.no-text", spot.query.words)
        raise DocumentFault("plan.text-not-found", _counted(spot.query.words, spot, len(found)))
    name = spot.name if isinstance(spot, AtField) else spot.words
    raise DocumentFault("plan.anchor-missing", _counted(name, spot, len(found)))


def _counted(words: str, spot: Anchored, count: int) -> str:
    return f"{words}: number {spot.occurrence} of {count}" if count else words


def _all(spot: Anchored, facts: DocumentFacts) -> list[Anchor]:
    if isinstance(spot, AtText):
        return [
            Anchor(hit.page, Found(f"text {hit.text or spot.query.words}", hit.box))
            for hit in facts.hits
            if hit.query == spot.query
        ]
    if isinstance(spot, AtField):
        return [
            Anchor(field.page, Found(f"field {field.name}", field.box))
            for field in facts.fields
            if matches_glob(field.name, spot.name)
        ]
    return [
        Anchor(one.page, Found(f"comment {one.text}".strip(), one.box))
        for one in facts.annotations
        if one.kind in _MARKING and spot.words in one.text
    ]


def _chosen(found: list[Anchor], occurrence: str) -> tuple[Anchor, ...]:
    if occurrence == "all":
        return tuple(found)
    number = {"first": 1, "last": -1}.get(occurrence) or int(occurrence)
    index = number - 1 if number > 0 else len(found) + number
    return (found[index],) if 0 <= index < len(found) else ()


def beside(found: Box, side: str, width: float, height: float) -> Box:
    """Return the box of a seal over, or on one side of, what was found; centred on it."""
    x = found.x + (found.width - width) / 2
    y = found.y + (found.height - height) / 2
    match side:
        case "right":
            x = found.x + found.width
        case "left":
            x = found.x - width
        case "above":
            y = found.y - height
        case "below":
            y = found.y + found.height
    return Box(x, y, width, height)
