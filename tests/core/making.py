"""Rules, seals and facts, of which a test says only what it is about."""

from __future__ import annotations

from gateway.core.facts import DocumentFacts
from gateway.core.geometry import PageFrame
from gateway.core.rules import Match, Place, Rule, Rulebook, Seal

A4 = PageFrame(0, 0, 595.28, 841.89)
SEAL = Seal("round", "ab" * 32, 100.0, 80.0, "csc")


def rule(name: str = "a-rule", **fields: object) -> Rule:
    """Return a rule of the inbox `main`; fields of its match may be given by their names."""
    of_match = {key: fields.pop(key) for key in list(fields) if key in Match.__dataclass_fields__}
    given: dict[str, object] = {"inbox": "main", "seal": SEAL.name, "place": Place()}
    return Rule(name=name, match=Match(**of_match), **(given | fields))  # type: ignore[arg-type]


def rulebook(*rules: Rule) -> Rulebook:
    """Return a rulebook with one seal."""
    return Rulebook("cd" * 32, rules, (SEAL,))


def facts(**fields: object) -> DocumentFacts:
    """Return the facts of a document of three A4 pages."""
    given: dict[str, object] = {"size": 1000, "pages": (A4, A4, A4)}
    return DocumentFacts(**(given | fields))  # type: ignore[arg-type]
