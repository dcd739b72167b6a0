"""Planning: look at the document, decide by the rules, pin the decision."""

from __future__ import annotations

from dataclasses import replace

from gateway.core.admission import admit
from gateway.core.duplicates import Duplicates
from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts
from gateway.core.job import Artifact, Job, Slot, paper
from gateway.core.matching import Decision, decide
from gateway.core.plan import SealingPlan
from gateway.core.planning import plan
from gateway.core.rules import Delivery, Rulebook
from gateway.core.states import Event
from gateway.pipeline.duplicates import look_back
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.giving_up import give_up, store_findings
from gateway.pipeline.permission import refuse
from gateway.pipeline.repairing import examine_or_repair
from gateway.pipeline.tickets import asked, priority_of, ticket_of

_PICTURE = Delivery(name="{stem}-preview{n}.png")
"""What a preview inbox gives back."""


def make_plan(equipment: Equipment, job: Job, rulebook: Rulebook | None = None) -> Job:
    """Store the whole decision for the document; nothing after it looks at a rule again.

    Another rulebook than the site's own counts for documents of contract flows.
    """
    original = equipment.vault.path(job.id, Slot.ORIGINAL, job.artifact(Slot.ORIGINAL))
    rulebook = rulebook or equipment.rulebook()
    inbox = equipment.previews.get(job.inbox, job.inbox)
    examined = examine_or_repair(
        equipment,
        rulebook,
        inbox,
        original,
        lambda: equipment.vault.draft(job.id, Slot.REPAIRED),
    )
    facts = examined.facts
    ticket = ticket_of(equipment, job)
    try:
        decision = consider(rulebook, inbox, job.source, facts)
        examined.check(decision)
        decided = plan(rulebook, decision, facts, job.source, ticket=ticket, sha256=job.sha256)
    except DocumentFault as fault:
        found = store_findings(equipment, job, facts.findings)
        return give_up(equipment, job, fault.code, fault.detail, found)
    if inbox == job.inbox:
        wanted = decision.rule.duplicates if decision.rule else Duplicates.AGAIN
        decided = look_back(equipment, job, decided, wanted)
        equipment.seal_uses.ask(replace(job, rule=decided.rule), decided.seals)
    else:
        dropper = equipment.droppers.who(job.inbox, job.source, job.dropper, job.sha256)
        refuse(equipment, decided, inbox, dropper)
        decided = replace(decided, delivery=_PICTURE, failover=())
    mended: tuple[Artifact, ...] = ()
    if examined.repaired is not None:
        (kept,) = mended = (equipment.vault.adopt(job.id, Slot.REPAIRED),)
        repaired = replace(examined.repaired, sha256=kept.sha256, size=kept.size)
        decided = replace(decided, repaired=repaired)
    stored = paper(Slot.PLAN, decided.to_json())
    return equipment.jobs.advance(
        job,
        Event.PLANNED,
        _told(decided) | asked(ticket) | _of_earlier(decided),
        rule=decided.rule,
        seal=decided.seal.name,
        service=decided.seal.service if inbox == job.inbox else "",
        alternatives=(decided.seal.service, *decided.failover) if decided.failover else (),
        snapshot=decided.snapshot,
        priority=priority_of(job, ticket),
        same_as="",
        attempts=0,
        code="",
        detail="",
        artifacts=job.storing(stored, *mended),
    )


def _told(decided: SealingPlan) -> dict[str, str]:
    """Return what the log tells of a plan."""
    return {
        "rule": decided.rule,
        "seal": decided.seal.name,
        "shown": decided.labels,
        "service": decided.seal.service,
        "snapshot": decided.snapshot,
        "page": str(decided.mark.page + 1),
        "places": str(len(decided.marks)),
    } | ({"repaired": decided.repaired.sha256} if decided.repaired else {})


def _of_earlier(decided: SealingPlan) -> dict[str, str]:
    """Say in the log that the rule has sealed the same bytes before, and what that means."""
    earlier = decided.earlier
    if earlier is None:
        return {}
    what = "to be returned" if earlier.returned else "sealed again"
    because = {"because": earlier.because} if earlier.because else {}
    return {"duplicate of": earlier.job, "duplicate": what} | because


def consider(rulebook: Rulebook, inbox: str, source: str, facts: DocumentFacts) -> Decision:
    """Decide about an examined document; shared by the pipeline and by `sealgate explain`."""
    admit(facts)
    return decide(rulebook, inbox, source, facts)
