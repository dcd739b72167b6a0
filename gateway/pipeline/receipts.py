"""Receipts: the JSON beside a result in the outbox, or beside an original in failed/.

The models are the format's definition; `docs/schema/receipt.schema.json` is written from
them. Lengths are millimetres on the page as displayed, origin at its top left.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field

from gateway.core.batches import Fate
from gateway.core.error_codes import CODES
from gateway.core.findings import Finding
from gateway.core.job import Job
from gateway.core.lengths import POINTS_PER_MILLIMETRE
from gateway.core.matching import Look
from gateway.core.names import display
from gateway.core.plan import Mark, SealingPlan
from gateway.core.repairing import Repaired
from gateway.core.tickets import ReceivedTicket, Ticket
from gateway.ports import Flow, SignatureReport


class Part(BaseModel):
    """A part of a receipt."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FileFacts(Part):
    """A file: its name or path, the SHA-256 of its bytes in hex, its size in bytes."""

    name: str
    sha256: str
    size: int


class PlaceFacts(Part):
    """Where the seal stands: page from 1, millimetres from the top left as displayed."""

    page: int
    x: float
    y: float
    width: float
    height: float
    rotation: float | None = Field(
        default=None,
        description="degrees by which the seal is turned clockwise; width and height are around it",
    )


class SealFacts(Part):
    """Which seal was used, with the SHA-256 of its artwork."""

    name: str
    artwork: str
    version: int | None = Field(
        default=None, description="in the registry, from 1; absent for a seal of gateway.yaml"
    )
    place: PlaceFacts | None = Field(default=None, description="absent when it is invisible")


class StampFacts(PlaceFacts):
    """Another place of a seal on the document, under the same signature."""

    seal: str
    version: int | None = Field(default=None, description="of a registered seal")
    part: tuple[float, float, float, float] = Field(
        default=(0, 0, 1, 1), description="left, top, right, bottom of what shows, from 0 to 1"
    )


class SignatureFacts(Part):
    """The signature as the release gate validated it."""

    level: str
    field: str
    service: str
    signer: str
    serial: str = Field(description="of the signer's certificate, in hex")
    fingerprint: str = Field(description="SHA-256 of the signer's certificate, in hex")
    signed_at: str
    timestamped: bool
    evidence: str = Field(
        default="", description="LT or LTA: what the file brings to be validated without a network"
    )
    ends: str = Field(
        default="", description="when the certificate that the signature's proof rests on ends"
    )


class RuleFacts(Part):
    """Which rule decided, of which snapshot of the rulebook, and why not the others."""

    name: str
    snapshot: str
    trace: tuple[Look, ...]
    terms: str = Field(
        default="", description="hash of all that the rule decided about the result, in hex"
    )


class DuplicateFacts(Part):
    """The rule had sealed the same bytes before, in job `of`.

    Its result is given again, or the document was sealed once more.
    """

    of: str
    what: Literal["returned", "again"]


class FindingFacts(Part):
    """Something that was found in the document; docs/examination.md says what it means."""

    name: str
    severity: Literal["note", "caution", "danger", "broken"]
    detail: str | None = None


class RepairFacts(Part):
    """The document's structure was mended: what is sealed is the mended file, by its SHA-256."""

    because: str = Field(description="code and detail for which the original cannot be sealed")
    sha256: str
    size: int
    changes: tuple[str, ...] = Field(description="what was done, in words")


class ErrorFacts(Part):
    """Why a document failed: stable code, plain sentence, remedy."""

    code: str
    sentence: str
    remedy: str
    retryable: bool


class TicketFacts(Part):
    """The ticket that came beside the document: its file, and what it asked for."""

    file: str
    sha256: str = Field(description="of the ticket's own bytes, in hex")
    seal: str | None = None
    place: str | None = None
    profile: str | None = None
    name: str | None = None
    reference: str | None = None
    recipient: str | None = None
    priority: int | None = None


class DropperFacts(Part):
    """Who dropped the file."""

    owner: str = Field(description="of the file, as the file system had it")
    user: str | None = Field(default=None, description="login, when it is a user of the site")


class BatchFacts(Part):
    """How many documents a manifest lists, and what became of them."""

    listed: int
    delivered: int
    failed: int
    missing: int


class FlowStepFacts(Part):
    """One step of a contract flow, and what became of it."""

    name: str
    kind: str
    state: str
    actor: str | None = None
    at: str | None = None
    why: str | None = None
    job: str | None = Field(default=None, description="which put its seal on")
    signer: str | None = Field(default=None, description="who signed outside")


class FlowFacts(Part):
    """A contract flow that was completed."""

    name: str
    definition: str = Field(description="SHA-256 of the definition it was pinned to")
    begun: str
    ended: str
    revisions: tuple[str, ...] = Field(description="SHA-256 of each, the first to the last")
    steps: tuple[FlowStepFacts, ...]


class Times(Part):
    """When the file was claimed and when its fate was decided; UTC, ISO 8601."""

    claimed: str
    finished: str


class Receipt(Part):
    """A receipt; `sealed` ones have result, rule, seal and signature, `failed` ones an error.

    `previewed` ones have a picture as their result, and no signature. Those of a `batch` have
    the report of a manifest, or the ZIP file of its results; those of a `flow` have a contract.
    """

    receipt: Literal[1] = 1
    status: Literal["sealed", "previewed", "failed", "batch", "flow"]
    job: str
    batch: str | None = Field(
        default=None, description="job of the manifest that lists the document"
    )
    inbox: str
    source: str = Field(description="path below the inbox")
    original: FileFacts
    generation: int
    dropper: DropperFacts | None = Field(default=None, description="absent when nobody knows")
    attempts: int = Field(description="failed attempts at the stage the job ended in")
    times: Times
    result: FileFacts | None = None
    rule: RuleFacts | None = None
    seal: SealFacts | None = None
    stamps: tuple[StampFacts, ...] = ()
    notes: tuple[str, ...] = Field(
        default=(), description="what was done so that the seals fit, in words"
    )
    findings: tuple[FindingFacts, ...] = Field(
        default=(), description="what examining the document found"
    )
    repaired: RepairFacts | None = Field(
        default=None, description="absent when the original itself is sealed"
    )
    added: int | None = Field(default=None, description="bytes by which the file has grown")
    signature: SignatureFacts | None = None
    ticket: TicketFacts | None = Field(default=None, description="absent when there was none")
    duplicate: DuplicateFacts | None = None
    flow: FlowFacts | None = Field(default=None, description="of a contract flow")
    documents: BatchFacts | None = Field(default=None, description="of a batch")
    error: ErrorFacts | None = None

    def to_bytes(self) -> bytes:
        """Write the receipt as indented UTF-8 JSON with a final newline."""
        return (self.model_dump_json(indent=2, exclude_none=True) + "\n").encode()


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
