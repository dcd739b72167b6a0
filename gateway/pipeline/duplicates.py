"""Documents that come again: the earlier result is looked up, checked, and given once more.

Theory of operation. What is to become of a document is decided when it is planned, and pinned
in its plan: an earlier job of the same bytes counts when it ended in the archive and its plan
had the same terms (`SealingPlan.terms`, written into receipts), so that a rule that was changed
meanwhile seals again. Of its result nothing is taken on trust: the bytes must hash to what the
ledger recorded when the release gate let them pass, and the signature must be valid today.
Whatever is missing, altered or not valid any more lets the document be sealed again.

A document whose twin is just being sealed waits for it. It waits only for a job that is further,
or as far and older, so that no two wait for each other; and not for one that itself waits for a
service or a person. What slips through is sealed again: that costs, but is never wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from gateway.core.delivery_codes import TWIN
from gateway.core.duplicates import Duplicates, Earlier
from gateway.core.errors import DocumentFault, SiteFault, WaitingFault
from gateway.core.job import Artifact, Job, Slot, paper
from gateway.core.plan import SealingPlan
from gateway.core.states import TERMINAL, Event, State
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.receipt_parts import Receipt, SignatureFacts
from gateway.ports import ArchivedFile, Kept, SignatureReport

_REPORTS = TypeAdapter(tuple[SignatureReport, ...])


class _Lost(Exception):  # an answer, not an error
    """An earlier result cannot be given again; says why, in words."""


@dataclass(frozen=True)
class _Former:
    """An earlier job's result and what its receipt says of the signature."""

    job: Job
    result: ArchivedFile
    recorded: Artifact
    signature: SignatureFacts


def look_back(
    equipment: Equipment, job: Job, decided: SealingPlan, wanted: Duplicates
) -> SealingPlan:
    """Return the plan with what it has to say about the same bytes sealed before.

    Raises `DocumentFault` (`intake.duplicate`) when the rule refuses them, `WaitingFault`
    (`intake.duplicate-under-way`) when their result is about to be there.
    """
    twins = [
        one
        for one in equipment.jobs.of_bytes(job.sha256)
        if one.id != job.id and one.inbox == job.inbox
    ]
    sealed = [one for one in twins if _sealed(one) and one.rule == decided.rule]
    if wanted is Duplicates.REFUSE and sealed:
        raise DocumentFault("intake.duplicate", f"job {sealed[0].id}")
    if wanted is Duplicates.RETURN:
        earlier = _earlier(equipment, decided, sealed)
        if earlier is None or not earlier.returned:
            _await(job, decided, twins)
        return replace(decided, earlier=earlier)
    return replace(decided, earlier=Earlier(sealed[0].id) if sealed else None)


def _sealed(job: Job) -> bool:
    return job.state is State.ARCHIVED and job.artifact(Slot.SEALED) is not None


def _earlier(equipment: Equipment, decided: SealingPlan, sealed: list[Job]) -> Earlier | None:
    """Choose the earlier job whose result is given again: rather one that was paid for."""
    why: dict[str, str] = {}
    for one in sorted(sealed, key=lambda one: bool(one.same_as)):
        try:
            _former(equipment, one, decided)
        except _Lost as lost:
            why[one.id] = str(lost)
        else:
            return Earlier(one.id, returned=True)
    if not why:
        return None
    return Earlier(next(iter(why)), because="; ".join(dict.fromkeys(why.values())))


def _await(job: Job, decided: SealingPlan, twins: list[Job]) -> None:
    """Wait for a twin that is on its way to the same result."""
    for one in twins:
        if one.state in TERMINAL or one.state is State.FAILING or one.code not in ("", TWIN):
            continue
        undecided = one.state in (State.CLAIMED, State.ACCEPTED)
        if one.id < job.id if undecided else one.rule == decided.rule:
            raise WaitingFault(TWIN, f"job {one.id}")


def _former(equipment: Equipment, job: Job, decided: SealingPlan) -> _Former:
    """Look an earlier result up in the archive; raises `_Lost`, and `SiteFault` of the archive."""
    if equipment.purges.purged(job.id):
        raise _Lost(f"the archived files of {job.id} were purged")
    files = {file.what: file for file in equipment.archived.files(job)}
    recorded = job.artifact(Slot.SEALED)
    if recorded is None or Kept.RECEIPT not in files:
        raise _Lost(f"the ledger has no hash of the result of {job.id}, or of its receipt")
    try:
        receipt = Receipt.model_validate_json(equipment.archived.read(files[Kept.RECEIPT]))
        equipment.archived.check(files[Kept.RESULT])
    except SiteFault as fault:
        if fault.code != "site.artifact-damaged":
            raise
        raise _Lost(fault.detail) from None
    except ValidationError:
        raise _Lost(f"the receipt of {job.id} is of another version") from None
    if receipt.signature is None or receipt.rule is None:
        raise _Lost(f"{job.id} has no signature")
    if receipt.rule.terms != decided.terms:
        raise _Lost(f"the rule would seal otherwise than in {job.id}")
    return _Former(job, files[Kept.RESULT], recorded, receipt.signature)


def give_again(equipment: Equipment, job: Job, plan: SealingPlan) -> Job | None:
    """Make the earlier result the job's own; None when it is to be sealed again after all.

    The seal must be allowed today as for any other document: raises what `permit` raises.
    """
    if plan.earlier is None or not plan.earlier.returned:
        return None
    equipment.seal_uses.permit(job)
    earlier = equipment.jobs.get(plan.earlier.job)
    try:
        if earlier is None:
            raise _Lost(f"the ledger does not know {plan.earlier.job}")
        former = _former(equipment, earlier, plan)
        sealed = _copied(equipment, job, former)
        report = _judged(equipment, job, plan, former)
    except _Lost as lost:
        _note(equipment, job, plan.earlier, str(lost))
        return None
    return equipment.jobs.advance(
        job,
        Event.REUSED,
        {"of": former.job.id, "sha256": sealed.sha256, "serial": former.signature.serial},
        same_as=former.job.id,
        service=former.job.service,
        alternatives=(),
        attempts=0,
        code="",
        detail="",
        artifacts=job.storing(sealed, report),
    )


def _copied(equipment: Equipment, job: Job, former: _Former) -> Artifact:
    try:
        sealed = equipment.vault.put(job.id, Slot.SEALED, former.result.path)
    except FileNotFoundError:
        raise _Lost(f"{former.result.path} is missing") from None
    if sealed != former.recorded:
        raise _Lost(f"{former.result.path} is not as recorded")
    return sealed


def _judged(equipment: Equipment, job: Job, plan: SealingPlan, former: _Former) -> Artifact:
    """Validate the copy as of today and store what was found."""
    try:
        path = equipment.vault.path(job.id, Slot.SEALED, former.recorded)
        reports = equipment.documents.verify(path, equipment.anchors())
    except DocumentFault as fault:
        raise _Lost(f"the result of {former.job.id} cannot be validated: {fault}") from None
    new = next((one for one in reports if one.field == plan.field), None)
    if new is None or new.fingerprint != former.signature.fingerprint:
        raise _Lost(f"the result of {former.job.id} has another signature")
    if not new.good:
        raise _Lost(f"the signature of {former.job.id} is not valid any more: {new.problem}")
    return paper(Slot.REPORT, _REPORTS.dump_json(reports, indent=1))


def _note(equipment: Equipment, job: Job, earlier: Earlier, why: str) -> None:
    """Say once in the log that what was to be given again is sealed again."""
    log = equipment.log
    if not any(True for _ in log.entries(event="result.not-reused", text=job.id)):
        log.record("result.not-reused", {"job": job.id, "earlier": earlier.job, "because": why})
