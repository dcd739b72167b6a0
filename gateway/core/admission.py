"""Which documents may be sealed at all: whatever the rules say, and by the rule that matches."""

from __future__ import annotations

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts
from gateway.core.findings import Finding, refused
from gateway.core.rules import Rule


def admit(facts: DocumentFacts) -> None:
    """Refuse a document whose earlier signatures a seal would break, or that is broken already.

    Raises `DocumentFault`: `pdf.earlier-signature-broken`, `pdf.certified-no-changes`. Finer
    cases (DocMDP 2 and 3, field locks) are judged on the prepared revision.
    """
    for signature in facts.signatures:
        if not signature.intact or signature.changed_after:
            problem = signature.problem or "signature-broken"
            raise DocumentFault("pdf.earlier-signature-broken", f"{problem}: {signature.field}")
    for signature in facts.signatures:
        if signature.docmdp == 1:
            raise DocumentFault("pdf.certified-no-changes", signature.field)


def admit_under(rule: Rule, facts: DocumentFacts) -> None:
    """Refuse a document for what was found in it, as the rule wants.

    Raises `DocumentFault` (`pdf.finding-refused`), naming the findings.
    """
    _refuse(refused(facts.findings, allow=rule.allow, refuse=rule.refuse))


def admit_to_flow(facts: DocumentFacts) -> None:
    """Refuse at once what the seal of a flow's step would be refused for; raises as both above."""
    admit(facts)
    _refuse(refused(facts.findings))


def _refuse(found: tuple[Finding, ...]) -> None:
    if found:
        raise DocumentFault("pdf.finding-refused", ", ".join(one.words for one in found))
