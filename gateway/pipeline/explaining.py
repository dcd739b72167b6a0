"""Explaining: the plan for a file that nobody has dropped yet; nothing is spent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from gateway.core.droppers import Dropper
from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts
from gateway.core.matching import Decision
from gateway.core.plan import SealingPlan
from gateway.core.planning import plan
from gateway.core.rules import Rulebook
from gateway.core.tickets import ReceivedTicket
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.permission import refuse
from gateway.pipeline.planning import consider


@dataclass(frozen=True)
class Explained:
    """A plan, or why there is none."""

    decision: Decision | None
    plan: SealingPlan | None
    fault: DocumentFault | None
    facts: DocumentFacts | None = None
    """What the document tells, where it could be read."""
    result: str = ""
    """Where the result would go; empty when nobody asked."""
    waits: str = ""
    """What the document would wait for before it is taken."""


def explain(
    equipment: Equipment,
    rulebook: Rulebook,
    file: Path,
    inbox: str,
    source: str,
    *,
    dropper: Dropper,
    ticket: ReceivedTicket | None = None,
    sha256: str = "",
) -> Explained:
    """Decide for a file as if it lay at `source` below an inbox, dropped by somebody.

    `sha256` is of the file, in hex; a ticket may ask for it.
    """
    rules_of = equipment.previews.get(inbox, inbox)
    decision = None
    facts: DocumentFacts | None = None
    try:
        facts = equipment.documents.examine(file.absolute(), rulebook.wanted(rules_of))
        decision = consider(rulebook, rules_of, source, facts)
        decided = plan(rulebook, decision, facts, source, ticket=ticket, sha256=sha256)
        refuse(equipment, decided, rules_of, dropper)
        return Explained(decision, decided, None, facts)
    except DocumentFault as fault:
        return Explained(decision, None, fault, facts)


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
