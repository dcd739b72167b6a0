"""The ends of the way: into the outbox and the archive, or into failed/ and back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from gateway.core.errors import UsageFault
from gateway.core.job import Job, Slot, paper
from gateway.core.names import claim_values, display, result_folder, result_name
from gateway.core.plan import SealingPlan
from gateway.core.rules import Collisions, Level
from gateway.core.states import Event, State
from gateway.pipeline import batches, contracts
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.giving_up import findings_of
from gateway.pipeline.places import places_of, written_places
from gateway.pipeline.receipts import failed_receipt, preview_receipt, sealed_receipt
from gateway.pipeline.sealing import paper_of, plan_of, reports_of, stored
from gateway.pipeline.tickets import ticket_of
from gateway.ports import Drafted, Parcel, ReceiptWriter, Renewal

_LONGEST_VALUE = 4096
"""Bytes that no signature value has; what is longer is a CMS."""


def deliver(equipment: Equipment, job: Job) -> Job:
    """Put result and receipt into the outbox under a free name, and copies into further folders.

    The names are committed before anything goes by them, so that each is given once.
    """
    if job.artifact(Slot.PLACES) is None:
        drafted = tuple(equipment.outbox.draft(parcel) for parcel in _parcels(equipment, job))
        job = _named(equipment, job, drafted)
    drafted = places_of(equipment, job)
    while (taken := _give(equipment, job, drafted)) is not None:
        equipment.outbox.withdraw(drafted[taken])
        parcel = next(itertools.islice(_parcels(equipment, job), taken, None))
        again = equipment.outbox.draft(parcel)
        drafted = (*drafted[:taken], again, *drafted[taken + 1 :])
        job = _named(equipment, job, drafted)
    receipt = job.artifact(Slot.RECEIPT)
    return equipment.jobs.advance(
        job,
        Event.DELIVERED,
        _told(drafted) | {"sha256": _sha256(job), "receipt": receipt.sha256 if receipt else ""},
        delivered=str(drafted[0].path),
        artifacts=job.without(Slot.PLACES),
    )


def _named(equipment: Equipment, job: Job, drafted: tuple[Drafted, ...]) -> Job:
    receipt = paper(Slot.RECEIPT, _receipt_writer(equipment, job)(drafted[0].path))
    kept = job.storing(receipt, written_places(drafted))
    return equipment.jobs.advance(job, Event.NAMED, _told(drafted), artifacts=kept)


def _give(equipment: Equipment, job: Job, drafted: tuple[Drafted, ...]) -> int | None:
    """Give each draft its name; return which must be drafted anew, or None when all have theirs."""
    write = _receipt_writer(equipment, job)
    for index, one in enumerate(drafted):
        receipt = write(one.path) if index else paper_of(equipment, job, Slot.RECEIPT)
        if not equipment.outbox.give(job.id, _sha256(job), one, receipt):
            return index
    return None


def _told(drafted: tuple[Drafted, ...]) -> dict[str, str]:
    """Return what the log says of where a result goes."""
    result, *also = (display(str(one.path)) for one in drafted)
    return {"result": result} | ({"also": ", ".join(also)} if also else {})


def _sha256(job: Job) -> str:
    artifact = job.artifact(job.result)
    return artifact.sha256 if artifact else ""


def _receipt_writer(equipment: Equipment, job: Job) -> ReceiptWriter:
    """Return what writes the receipt that belongs to a job's kind of result."""
    if job.result is Slot.BATCH:
        return partial(batches.receipt, equipment, job)
    if job.result is Slot.CONTRACT:
        return partial(contracts.receipt, equipment, job)
    plan = plan_of(equipment, job)
    if job.result is Slot.PREVIEW:
        return partial(preview_receipt, job, plan)
    return partial(sealed_receipt, job, plan, reports_of(equipment, job))


def _parcels(equipment: Equipment, job: Job) -> Iterator[Parcel]:
    """Yield the parcel for the result's own folder, then one for each that gets a copy.

    A name that is taken refuses only the first: so a document that fails was delivered nowhere.
    """
    sealed, sha256 = stored(equipment, job, job.result), _sha256(job)
    if job.result is Slot.BATCH:
        yield batches.parcel(equipment, job, sealed, sha256)
        return
    if job.result is Slot.CONTRACT:
        yield from contracts.parcels(equipment, job, sealed, sha256)
        return
    plan = plan_of(equipment, job)
    delivery = plan.delivery
    values = _values(job, plan)
    one_name = delivery.collisions is Collisions.REFUSE
    for index, chosen in enumerate((delivery.folder, *delivery.also)):
        names = _names(job, plan, most=1 if one_name and not index else None)
        folder = result_folder(chosen, job.inbox, job.source, flat=delivery.flat, more=values)
        yield Parcel(job.id, sealed, sha256, folder, names)


def _names(job: Job, plan: SealingPlan, most: int | None) -> Iterator[str]:
    values = _values(job, plan)
    name, seal = plan.delivery.name, plan.seal.name
    for number in itertools.islice(itertools.count(1), most):
        yield result_name(name, job.source, plan.rule, seal, number, more=values)


def _values(job: Job, plan: SealingPlan) -> dict[str, str]:
    values = claim_values(job.id, job.inbox, job.sha256, job.created)
    return values | {"{rule}": plan.rule, "{seal}": plan.seal.name}


def archive(equipment: Equipment, job: Job) -> Job:
    """Lay original, result and receipt into the archive."""
    folder = equipment.outbox.archive(
        job,
        _original(equipment, job),
        stored(equipment, job, job.result),
        paper_of(equipment, job, Slot.RECEIPT),
        Path(job.delivered).name,
    )
    _watch(equipment, job, folder)
    return equipment.jobs.advance(job, Event.ARCHIVED, {"archive": display(str(folder))})


def _watch(equipment: Equipment, job: Job, folder: Path) -> None:
    """Remember a result of level B-LTA, whose time-stamp has to be renewed one day.

    Of a flow it is the contract, and no revision before it.
    """
    if job.result is Slot.CONTRACT:
        ends = contracts.proven_until(equipment, job)
        if ends:
            equipment.renewals.watch(Renewal(job.id, folder / Path(job.delivered).name, ends))
    if job.result is not Slot.SEALED or job.of_step:
        return
    plan = plan_of(equipment, job)
    if plan.profile.level is Level.B_LTA:
        new = next(report for report in reports_of(equipment, job) if report.field == plan.field)
        equipment.renewals.watch(Renewal(job.id, folder / Path(job.delivered).name, new.ends))


def _original(equipment: Equipment, job: Job) -> Path:
    """Return the original to be laid away: the claimed file, if it is still what we accepted.

    A file that was appended to or rewritten after the claim goes back to the inbox as a new
    version, and our own copy of the old one takes its place.
    """
    spooled = Path(job.spooled)
    inbox = equipment.inboxes.get(job.inbox)
    if inbox is not None and job.sha256:
        again = inbox.give_back_changed(spooled, job.source, job.sha256)
        if again:
            details = {"job": job.id, "inbox": job.inbox, "source": display(again)}
            equipment.log.record("intake.changed", details)
    if spooled.exists() or not job.sha256:
        return spooled
    return equipment.vault.path(job.id, Slot.ORIGINAL)


def fail(equipment: Equipment, job: Job) -> Job:
    """Lay the original and its receipt into failed/."""
    if job.artifact(Slot.PLACES) is not None:
        for drafted in places_of(equipment, job):
            equipment.outbox.withdraw(drafted)
    plan = plan_of(equipment, job) if job.artifact(Slot.PLAN) is not None else None

    ticket, findings = ticket_of(equipment, job), findings_of(equipment, job, plan)

    def receipt(delivered: Path) -> bytes:  # where it lies does not matter
        return failed_receipt(job, plan, ticket, findings)

    path = equipment.outbox.fail(job, _original(equipment, job), receipt)
    details = {"code": job.code, "path": display(str(path))}
    kept = job.without(Slot.PLACES)
    return equipment.jobs.advance(job, Event.FAILED, details, returned=str(path), artifacts=kept)


def _fits_no_more(job: Job) -> bool:
    """Tell that the stored answer is a CMS for which its file has not enough room.

    The size of the hole is part of what was signed: a file with a larger one is another file.
    """
    answer = job.artifact(Slot.SIGNATURE)
    too_large = job.code == "sign.answer-too-large"
    return too_large and answer is not None and answer.size > _LONGEST_VALUE


def retry(equipment: Equipment, job: Job, actor: str) -> Job:
    """Let a failed job begin anew, or continue after its paid signature.

    Only the intent is written here; taking the original out of failed/ is the next step of
    the job itself. Raises `UsageFault`: `usage.not-failed`, `usage.original-gone`.
    """
    if job.state is not State.FAILED:
        raise UsageFault("usage.not-failed", f"{job.id} is {job.state}")
    if not Path(job.returned).is_file():
        raise UsageFault("usage.original-gone", display(job.returned))
    # That there was a ticket is never forgotten: nothing is sealed without it.
    ticket = tuple(one for one in job.artifacts if one.slot is Slot.TICKET)
    kept = job.artifacts if job.artifact(Slot.SIGNATURE) is not None else ticket
    if _fits_no_more(job):
        equipment.vault.discard(job.id)
        kept = ticket
    return equipment.jobs.advance(
        job,
        Event.RETRIED,
        {"by": actor},
        code="",
        detail="",
        attempts=0,
        not_before=0.0,
        artifacts=kept,
    )
