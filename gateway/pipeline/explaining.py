"""Explaining: the plan for a file that nobody has dropped yet; nothing is spent."""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
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
from gateway.pipeline.repairing import Examined, examine_or_repair


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
    draft: Path | None = None,
) -> Explained:
    """Decide for a file as if it lay at `source` below an inbox, dropped by somebody.

    `sha256` is of the file, in hex; a ticket may ask for it. `draft` is where the file goes
    that would be sealed instead, if it has to be mended; without one, nobody wants to see it.
    """
    rules_of = equipment.previews.get(inbox, inbox)
    decision = None
    facts: DocumentFacts | None = None
    try:
        examined = _examined(equipment, rulebook, file.absolute(), rules_of, draft)
        facts = examined.facts
        decision = consider(rulebook, rules_of, source, facts)
        examined.check(decision)
        decided = plan(rulebook, decision, facts, source, ticket=ticket, sha256=sha256)
        decided = replace(decided, repaired=examined.repaired)
        refuse(equipment, decided, rules_of, dropper)
        return Explained(decision, decided, None, facts)
    except DocumentFault as fault:
        return Explained(decision, None, fault, facts)


def _examined(
    equipment: Equipment, rulebook: Rulebook, file: Path, inbox: str, draft: Path | None
) -> Examined:
    with ExitStack() as stack:

        def target() -> Path:
            if draft is not None:
                return draft
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sealgate-explain-"))
            return Path(folder) / "repaired.pdf"

        return examine_or_repair(equipment, rulebook, inbox, file, target)


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
