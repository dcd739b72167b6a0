"""Receipts: the JSON beside a result in the outbox, or beside an original in failed/.

Their format is defined in `receipt_parts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal, TypedDict

from gateway.core.batches import Fate
from gateway.core.error_codes import CODES
from gateway.core.findings import Finding
from gateway.core.job import Job
from gateway.core.lengths import POINTS_PER_MILLIMETRE
from gateway.core.names import display
from gateway.core.plan import Mark, SealingPlan
from gateway.core.repairing import Repaired
from gateway.core.tickets import ReceivedTicket, Ticket
from gateway.pipeline.receipt_parts import (
    BatchFacts,
    DropperFacts,
    DuplicateFacts,
    ErrorFacts,
    FileFacts,
    FindingFacts,
    FlowFacts,
    FlowStepFacts,
    PlaceFacts,
    Receipt,
    RepairFacts,
    RuleFacts,
    SealFacts,
    SignatureFacts,
    StampFacts,
    TicketFacts,
    Times,
)
from gateway.ports import Flow, SignatureReport


def sealed_receipt(
    job: Job, plan: SealingPlan, reports: tuple[SignatureReport, ...], delivered: Path
) -> bytes:
    """Write the receipt for a result delivered at `delivered`."""
    new = next(report for report in reports if report.field == plan.field)
    result = _result(job, delivered)
    signature = SignatureFacts(
        level=plan.profile.level.value,
        field=new.field,
        service=job.service,
        signer=new.signer,
        serial=new.serial,
        fingerprint=new.fingerprint,
        signed_at=new.signed_at,
        timestamped=new.timestamped,
        evidence=new.proof.value,
        ends=new.ends,
    )
    receipt = _placed(job, "sealed", plan, result)
    sealed = plan.repaired.size if plan.repaired is not None else job.size
    added = {"signature": signature, "added": result.size - sealed}
    return receipt.model_copy(update=added).to_bytes()


def preview_receipt(job: Job, plan: SealingPlan, delivered: Path) -> bytes:
    """Write the receipt for a picture, delivered at `delivered`, of what would be sealed."""
    return _placed(job, "previewed", plan, _result(job, delivered)).to_bytes()


def batch_receipt(job: Job, counts: Mapping[Fate, int], delivered: Path) -> bytes:
    """Write the receipt of a manifest whose documents have ended."""
    facts = BatchFacts(
        listed=sum(counts.values()),
        **{outcome.value: count for outcome, count in counts.items()},
    )
    receipt = _receipt(job, "batch", result=_result(job, delivered))
    return receipt.model_copy(update={"documents": facts}).to_bytes()


def flow_receipt(job: Job, flow: Flow, delivered: Path) -> bytes:
    """Write the receipt of a contract whose flow was completed."""
    status = flow.status
    facts = FlowFacts(
        name=flow.definition.name,
        definition=status.definition,
        begun=_moment(status.begun) or "",
        ended=_moment(status.ended) or "",
        revisions=tuple(one.sha256 for one in status.revisions),
        steps=tuple(
            FlowStepFacts(
                name=step.name,
                kind=flow.definition.step(step.name).kind.value,
                state=step.state.value,
                actor=step.actor or None,
                at=_moment(step.at),
                why=step.why or None,
                job=step.job or None,
                signer=step.signer or None,
            )
            for step in status.steps
        ),
    )
    receipt = _receipt(job, "flow", result=_result(job, delivered))
    return receipt.model_copy(update={"flow": facts}).to_bytes()


def extended_receipt(job: Job, made: Path) -> bytes:
    """Write the receipt of a contract that was extended for the long term, with no new seal."""
    result = _result(job, made)
    receipt = _receipt(job, "flow", result=result)
    return receipt.model_copy(update={"added": result.size - job.size}).to_bytes()


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _result(job: Job, delivered: Path) -> FileFacts:
    stored = job.artifact(job.result)
    return FileFacts(
        name=display(delivered.name),
        sha256=stored.sha256 if stored else "",
        size=stored.size if stored else 0,
    )


def _placed(
    job: Job, status: Literal["sealed", "previewed"], plan: SealingPlan, result: FileFacts
) -> Receipt:
    """Return a receipt that says where which seals stand."""
    seal = SealFacts(
        name=plan.seal.name,
        artwork=plan.seal.artwork,
        version=plan.seal.version or None,
        place=PlaceFacts(**_measures(plan.mark)) if plan.mark.visible else None,
    )
    receipt = _receipt(job, status, result=result, rule=_rule(plan), seal=seal)
    return receipt.model_copy(
        update={
            "duplicate": _duplicate(job, plan),
            "stamps": tuple(_stamp(plan, mark) for mark in plan.stamps),
            "notes": tuple(dict.fromkeys(display(n) for mark in plan.marks for n in mark.notes)),
            "ticket": _ticket(plan.ticket),
            "findings": _findings(plan.findings),
            "repaired": _repaired(plan.repaired),
        }
    )


def failed_receipt(
    job: Job,
    plan: SealingPlan | None,
    ticket: ReceivedTicket | None = None,
    findings: tuple[Finding, ...] = (),
) -> bytes:
    """Write the receipt for an original in failed/."""
    entry = CODES[job.code]
    sentence = f"{entry.meaning} ({job.detail})" if job.detail else entry.meaning
    error = ErrorFacts(
        code=job.code, sentence=sentence, remedy=entry.remedy, retryable=entry.retryable
    )
    receipt = _receipt(job, "failed", rule=_rule(plan) if plan else None, error=error)
    more = {"ticket": _ticket(ticket), "findings": _findings(findings)}
    return receipt.model_copy(update=more).to_bytes()


def _repaired(repaired: Repaired | None) -> RepairFacts | None:
    if repaired is None:
        return None
    return RepairFacts(
        because=display(repaired.because),
        sha256=repaired.sha256,
        size=repaired.size,
        changes=tuple(display(change) for change in repaired.changes),
    )


def _findings(found: tuple[Finding, ...]) -> tuple[FindingFacts, ...]:
    return tuple(
        FindingFacts(
            name=one.name,
            severity=one.kind.severity.value,
            detail=display(one.detail) or None,
        )
        for one in found
    )


def _receipt(
    job: Job,
    status: Literal["sealed", "previewed", "failed", "batch", "flow"],
    *,
    result: FileFacts | None = None,
    rule: RuleFacts | None = None,
    seal: SealFacts | None = None,
    signature: SignatureFacts | None = None,
    error: ErrorFacts | None = None,
) -> Receipt:
    name = display(job.source.rsplit("/", 1)[-1])
    return Receipt(
        status=status,
        job=job.id,
        batch=job.batch or None,
        inbox=job.inbox,
        source=display(job.source),
        original=FileFacts(name=name, sha256=job.sha256, size=job.size),
        generation=job.generation,
        dropper=_dropper(job),
        attempts=job.attempts,
        times=Times(claimed=job.created.isoformat(), finished=job.updated.isoformat()),
        result=result,
        rule=rule,
        seal=seal,
        signature=signature,
        error=error,
    )


def _dropper(job: Job) -> DropperFacts | None:
    if not job.dropper and not job.person:
        return None
    return DropperFacts(owner=display(job.dropper), user=job.person or None)


def _ticket(received: ReceivedTicket | None) -> TicketFacts | None:
    if received is None:
        return None
    ticket = received.asks or Ticket()
    return TicketFacts(
        file=received.name,
        sha256=received.sha256,
        seal=ticket.seal or None,
        place=ticket.place or ("own" if ticket.own_place else None),
        profile=ticket.profile or None,
        name=ticket.name or None,
        reference=ticket.reference or None,
        recipient=ticket.recipient or None,
        priority=ticket.priority,
    )


def _duplicate(job: Job, plan: SealingPlan) -> DuplicateFacts | None:
    if job.same_as:
        return DuplicateFacts(of=job.same_as, what="returned")
    return DuplicateFacts(of=plan.earlier.job, what="again") if plan.earlier else None


def _rule(plan: SealingPlan) -> RuleFacts:
    return RuleFacts(name=plan.rule, snapshot=plan.snapshot, trace=plan.trace, terms=plan.terms)


def _stamp(plan: SealingPlan, mark: Mark) -> StampFacts:
    seal, part = plan.seals[mark.seal], mark.part
    return StampFacts(
        seal=seal.name,
        version=seal.version or None,
        part=(part.left, part.top, part.right, part.bottom),
        **_measures(mark),
    )


def _measures(mark: Mark) -> _Measures:
    def millimetres(points: float) -> float:
        return round(points / POINTS_PER_MILLIMETRE, 2)

    return {
        "page": mark.page + 1,
        "x": millimetres(mark.box.x),
        "y": millimetres(mark.box.y),
        "width": millimetres(mark.box.width),
        "height": millimetres(mark.box.height),
        "rotation": mark.rotation or None,
    }


class _Measures(TypedDict):
    page: int
    x: float
    y: float
    width: float
    height: float
    rotation: float | None
