"""Rules, seals and facts, of which a test says only what it is about."""

from __future__ import annotations

from gateway.core.facts import DocumentFacts
from gateway.core.geometry import PageFrame
from gateway.core.places import Place, PlaceTable
from gateway.core.placing import Placing
from gateway.core.plan import Mark
from gateway.core.rules import Match, Rule, Rulebook, Seal

A4 = PageFrame(0, 0, 595.28, 841.89)
SEAL = Seal("round", "ab" * 32, 100.0, 80.0, "csc")
OTHER = Seal("small", "ef" * 32, 40.0, 20.0, "csc")


def rule(name: str = "a-rule", **fields: object) -> Rule:
    """Return a rule of the inbox `main`; fields of its match may be given by their names."""
    of_match = {key: fields.pop(key) for key in list(fields) if key in Match.__dataclass_fields__}
    given: dict[str, object] = {"inbox": "main", "seal": SEAL.name, "places": (Place(),)}
    return Rule(name=name, match=Match(**of_match), **(given | fields))  # type: ignore[arg-type]


def rulebook(*rules: Rule) -> Rulebook:
    """Return a rulebook with two seals."""
    return Rulebook("cd" * 32, rules, (SEAL, OTHER))


def facts(**fields: object) -> DocumentFacts:
    """Return the facts of a document of three A4 pages."""
    given: dict[str, object] = {"size": 1000, "pages": (A4, A4, A4)}
    return DocumentFacts(**(given | fields))  # type: ignore[arg-type]


def marks(document: DocumentFacts, *places: Place | PlaceTable, seal: Seal = SEAL) -> list[Mark]:
    """Place a seal on a document as the places say."""
    chosen = rule(places=places)
    placing = Placing(Rulebook("cd" * 32, (chosen,), (seal, OTHER)), chosen, document, "x.pdf")
    placing.place_all()
    return placing.marks


def locate(place: Place, seal: Seal, document: DocumentFacts) -> Mark:
    """Place a seal once."""
    (mark,) = marks(document, place, seal=seal)
    return mark
