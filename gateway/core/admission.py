"""Which documents may be sealed at all, whatever the rules say."""

from __future__ import annotations

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts


def admit(facts: DocumentFacts) -> None:
    """Refuse a document whose earlier signatures a seal would break, or that is broken already.

    Raises `DocumentFault`: `pdf.earlier-signature-broken`, `pdf.certified-no-changes`. Finer
    cases (DocMDP 2 and 3, field locks) are judged on the prepared revision.
    """
    for signature in facts.signatures:
        if not signature.intact:
            raise DocumentFault("pdf.earlier-signature-broken", signature.field)
        if signature.changed_after:
            raise DocumentFault(
                "pdf.earlier-signature-broken", f"changed after signature {signature.field}"
            )
    for signature in facts.signatures:
        if signature.docmdp == 1:
            raise DocumentFault("pdf.certified-no-changes", signature.field)
