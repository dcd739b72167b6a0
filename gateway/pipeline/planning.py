"""Planning: look at the document, decide by the rules, pin the decision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gateway.core.admission import admit
from gateway.core.facts import DocumentFacts
from gateway.core.job import Job, Slot
from gateway.core.matching import Decision, decide
from gateway.core.planning import plan
from gateway.core.rules import Delivery, Rulebook
from gateway.core.states import Event
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.permission import refuse
from gateway.pipeline.tickets import asked, priority_of, ticket_of
from gateway.ports import Documents

_PICTURE = Delivery(name="{stem}-preview{n}.png")
"""What a preview inbox gives back."""


def make_plan(equipment: Equipment, job: Job) -> Job:
    """Store the whole decision for the document; nothing after it looks at a rule again."""
    original = equipment.vault.path(job.id, Slot.ORIGINAL, job.artifact(Slot.ORIGINAL))
    rulebook = equipment.rulebook()
    inbox = equipment.previews.get(job.inbox, job.inbox)
    decision, facts = consider(equipment.documents, rulebook, inbox, job.source, original)
    ticket = ticket_of(equipment, job)
    decided = plan(rulebook, decision, facts, job.source, ticket=ticket, sha256=job.sha256)
    if inbox == job.inbox:
        equipment.seal_uses.ask(replace(job, rule=decided.rule), decided.seals)
    else:
        refuse(equipment, decided, inbox, job.dropper)
        decided = replace(decided, delivery=_PICTURE, failover=())
    stored = equipment.vault.put(job.id, Slot.PLAN, decided.to_json())
    return equipment.jobs.advance(
        job,
        Event.PLANNED,
        {
            "rule": decided.rule,
            "seal": decided.seal.name,
            "shown": decided.labels,
            "service": decided.seal.service,
            "snapshot": decided.snapshot,
            "page": str(decided.mark.page + 1),
            "places": str(len(decided.marks)),
        }
        | asked(ticket),
        rule=decided.rule,
        seal=decided.seal.name,
        service=decided.seal.service if inbox == job.inbox else "",
        alternatives=(decided.seal.service, *decided.failover) if decided.failover else (),
        snapshot=decided.snapshot,
        priority=priority_of(job, ticket),
        artifacts=job.storing(stored),
    )


def consider(
    documents: Documents, rulebook: Rulebook, inbox: str, source: str, original: Path
) -> tuple[Decision, DocumentFacts]:
    """Examine a document and decide; shared by the pipeline and by `sealgate explain`."""
    facts = documents.examine(original, rulebook.wanted(inbox))
    admit(facts)
    return decide(rulebook, inbox, source, facts), facts
