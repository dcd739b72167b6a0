"""From a decision to a plan: everything the stages after it need to know."""

from __future__ import annotations

from gateway.core.admission import admit_under
from gateway.core.destinations import destined
from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts
from gateway.core.matching import Decision
from gateway.core.placing import Placing, signing_mark
from gateway.core.plan import SealingPlan
from gateway.core.rules import Certify, Rulebook
from gateway.core.tickets import ReceivedTicket, applied


def plan(
    rulebook: Rulebook,
    decision: Decision,
    facts: DocumentFacts,
    source: str,
    *,
    ticket: ReceivedTicket | None = None,
    sha256: str = "",
) -> SealingPlan:
    """Turn a decision into a plan; `source` is the document's path below the inbox.

    `ticket` is what came beside the document, whose SHA-256 in hex is `sha256`.
    Raises `DocumentFault`: `rules.no-match`, `pdf.finding-refused`, `pdf.usage-rights`,
    `deliver.word-missing`, `ticket.…` or `plan.…`.
    """
    rule = decision.rule
    if rule is None:
        looked = "; ".join(f"{look.rule}: {look.because}" for look in decision.trace)
        raise DocumentFault("rules.no-match", looked or "this inbox has no rules")
    admit_under(rule, facts)
    if ticket is not None:
        rule = applied(rule, ticket, sha256)
    if rule.profile.certify is not Certify.NO and facts.signatures:
        raise DocumentFault("plan.cannot-certify", rule.name)
    placing = Placing(rulebook, rule, facts, source)
    placing.place_all()
    marks = placing.marks
    own = placing.filling if placing.filled else signing_mark(marks)
    ordered = (marks[own], *marks[:own], *marks[own + 1 :])
    _check_usage_rights(facts, fills=bool(placing.filled))
    if facts.signatures and len(ordered) > 1:
        raise DocumentFault("plan.stamps-after-signature", f"{len(ordered)} places")
    return SealingPlan(
        rule=rule.name,
        snapshot=rulebook.snapshot,
        seals=tuple(placing.seals),
        marks=ordered,
        field=placing.filled or _free_field(facts),
        profile=rule.profile,
        delivery=destined(rule.delivery, ticket.asks if ticket is not None else None, facts),
        trace=decision.trace,
        failover=rule.failover,
        fills=bool(placing.filled),
        claims=facts.claims,
        keep=rule.keep,
        ticket=ticket,
        findings=facts.findings,
    )


def _check_usage_rights(facts: DocumentFacts, *, fills: bool) -> None:
    rights = facts.usage_rights
    if rights is None or (rights.sign and (fills or rights.add_fields)):
        return
    missing = "to sign" if not rights.sign else "to add a signature field"
    raise DocumentFault("pdf.usage-rights", f"no right {missing}")


def _free_field(facts: DocumentFacts) -> str:
    """Choose a field name that no field of the document has as its own or as its first part."""
    taken = {name.split(".")[0] for name in facts.form_fields}
    taken |= {field.name.split(".")[0] for field in facts.empty_signature_fields}
    taken |= {signature.field.split(".")[0] for signature in facts.signatures}
    number = 1
    while f"Sealgate{number}" in taken:
        number += 1
    return f"Sealgate{number}"
