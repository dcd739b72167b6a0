"""Examining a document, and mending it first where it cannot be read and a rule wants that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts
from gateway.core.findings import Finding
from gateway.core.matching import Decision
from gateway.core.repairing import REPAIRABLE, Repair, Repaired
from gateway.core.rules import Rulebook
from gateway.pipeline.equipment import Equipment


@dataclass(frozen=True)
class Examined:
    """A document's facts, and how it was mended if it was."""

    facts: DocumentFacts
    fault: DocumentFault | None = None
    """For which it could not be sealed as it was."""
    repaired: Repaired | None = None

    def check(self, decision: Decision) -> None:
        """Raise the fault unless the rule that matches wants the document mended."""
        rule = decision.rule
        if self.fault is not None and (rule is None or rule.repair is Repair.NEVER):
            raise self.fault


def examine_or_repair(
    equipment: Equipment,
    rulebook: Rulebook,
    inbox: str,
    original: Path,
    draft: Callable[[], Path],
) -> Examined:
    """Examine a document; if need be, mend it into the file that `draft` names.

    Raises `DocumentFault`: the one for which it cannot be read, saying why it was not mended.
    """
    wanted = rulebook.wanted(inbox)
    try:
        return Examined(equipment.documents.examine(original, wanted))
    except DocumentFault as fault:
        if fault.code not in REPAIRABLE or not rulebook.repairs(inbox):
            raise
        because = fault
    target = draft()
    try:
        changes = equipment.repairing.repair(original, target)
        facts = equipment.documents.examine(target, wanted)
    except DocumentFault as fault:
        why = f"not mended: {fault.detail or fault.entry.meaning}"
        detail = f"{because.detail}; {why}" if because.detail else why
        raise DocumentFault(because.code, detail) from fault
    named = f"{because.code}: {because.detail}" if because.detail else because.code
    findings = (*facts.findings, Finding("repaired", because.code))
    known = replace(facts, findings=findings, size=original.stat().st_size)
    return Examined(known, because, Repaired(named, changes))
