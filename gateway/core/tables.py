"""Tables of places: the type of a document decides where its seals go."""

from __future__ import annotations

import re

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts
from gateway.core.places import Place, PlaceTable


def row_of(table: PlaceTable, facts: DocumentFacts, source: str) -> tuple[Place, ...]:
    """Return the places for a document; `source` is its path below the inbox.

    Raises `DocumentFault` (`plan.type-unknown`) when no row has its type, and none is for others.
    """
    kind = _type_of(table, facts, source)
    for name, places in table.rows:
        if kind is not None and name.casefold() == kind.casefold():
            return places
    if table.otherwise is None:
        raise DocumentFault("plan.type-unknown", kind or f"nothing fits {table.query.words}")
    return table.otherwise


def _type_of(table: PlaceTable, facts: DocumentFacts, source: str) -> str | None:
    if table.by == "text":
        return next((hit.text for hit in facts.hits if hit.query == table.query), None)
    searched = source if table.by == "path" else dict(facts.metadata).get(table.by, "")
    found = re.search(table.query.words, searched)
    if found is None:
        return None
    return found.group(1) if found.re.groups and found.group(1) is not None else found.group()
