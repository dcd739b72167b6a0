"""Prepare, embed and verify: the stages that work on the PDF, each in the reader's process."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from gateway.core.errors import ServiceFault, SiteFault
from gateway.core.job import Job, Slot, paper
from gateway.core.names import display
from gateway.core.plan import SealingPlan
from gateway.core.states import Event
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.evidence import of_signer
from gateway.pipeline.picturing import pictured
from gateway.ports import DigestService, Expectation, SignatureReport, Signer

_PARSED = 256
"""Plans and reports kept in memory: every stage of a job looks into its plan."""
_REPORTS = TypeAdapter(tuple[SignatureReport, ...])


def stored(equipment: Equipment, job: Job, slot: Slot) -> Path:
    """Return the path of a stored artifact after checking it against the ledger."""
    return equipment.vault.path(job.id, slot, job.artifact(slot))


def source_of(equipment: Equipment, job: Job) -> Path:
    """Return the file that is sealed: the original, or what it became when it was mended."""
    return stored(equipment, job, _source_slot(job))


def _source_slot(job: Job) -> Slot:
    return Slot.ORIGINAL if job.artifact(Slot.REPAIRED) is None else Slot.REPAIRED


def _source_hash(job: Job) -> str:
    source = job.artifact(_source_slot(job))
    return source.sha256 if source is not None else ""


def paper_of(equipment: Equipment, job: Job, slot: Slot) -> bytes:
    """Return a small artifact after checking it; raises `SiteFault` (`site.artifact-damaged`)."""
    artifact = job.artifact(slot)
    content = artifact.content if artifact is not None else None
    if content is None:
        content = equipment.jobs.paper(job.id, slot)
    if content is None or artifact is None:  # an earlier version stored it as a file
        return stored(equipment, job, slot).read_bytes()
    if hashlib.sha256(content).hexdigest() != artifact.sha256:
        raise SiteFault("site.artifact-damaged", f"{slot} of {job.id} is not as recorded")
    return content


def plan_of(equipment: Equipment, job: Job) -> SealingPlan:
    """Read the plan the job is pinned to."""
    return _plan(paper_of(equipment, job, Slot.PLAN))


def reports_of(equipment: Equipment, job: Job) -> tuple[SignatureReport, ...]:
    """Read what the release gate found."""
    return _reports(paper_of(equipment, job, Slot.REPORT))


@lru_cache(maxsize=_PARSED)
def _plan(content: bytes) -> SealingPlan:
    return SealingPlan.from_json(content)


@lru_cache(maxsize=_PARSED)
def _reports(content: bytes) -> tuple[SignatureReport, ...]:
    return _REPORTS.validate_json(content)


def service_of(equipment: Equipment, job: Job) -> DigestService:
    """Return the digest service of a job; a service that was removed meanwhile holds it."""
    service = equipment.services.get(job.service)
    if service is None:
        raise ServiceFault("service.unreachable", f"{job.service} is not configured any more")
    return service


def prepare(equipment: Equipment, job: Job) -> Job:
    """Store placeholder file, seam and digest: durable before anything is sent.

    Nothing is prepared with a seal that may not be used now.
    """
    equipment.seal_uses.permit(job)
    plan = plan_of(equipment, job)
    credential = service_of(equipment, job).credential()
    proof = of_signer(equipment, credential) if plan.profile.level.long_term else None
    draft = equipment.vault.draft(job.id, Slot.PREPARED)
    original = source_of(equipment, job)
    signer = Signer(credential, equipment.anchors())
    with pictured(equipment, job, plan, credential) as artwork:
        prepared = equipment.documents.prepare(original, draft, plan, artwork, signer)
    vault = equipment.vault
    artifacts = job.storing(
        vault.adopt(job.id, Slot.PREPARED, more=proof is not None),
        paper(Slot.SEAM, prepared.seam),
        paper(Slot.SIGNER, credential.chain[0]),
        *((vault.put(job.id, Slot.SIGNER_EVIDENCE, proof),) if proof is not None else ()),
    )
    return equipment.jobs.advance(
        job,
        Event.PREPARED,
        {"digest": prepared.digest.hex(), "credential": credential.id}
        | {"compared": _source_hash(job)}
        | ({"drawn without": ", ".join(prepared.notes)} if prepared.notes else {}),
        digest=prepared.digest.hex(),
        artifacts=artifacts,
        attempts=0,
        code="",
        detail="",
    )


def embed(equipment: Equipment, job: Job) -> Job:
    """Put signature and time-stamp into the placeholder file: the result of B-B and B-T."""
    embed_to(equipment, job, equipment.vault.draft(job.id, Slot.SEALED))
    sealed = equipment.vault.adopt(job.id, Slot.SEALED)
    return equipment.jobs.advance(
        job, Event.EMBEDDED, {"sha256": sealed.sha256}, artifacts=job.storing(sealed)
    )


def embed_to(equipment: Equipment, job: Job, draft: Path) -> None:
    """Write the signed file to `draft`."""
    token = job.artifact(Slot.TIMESTAMP)
    equipment.documents.embed(
        stored(equipment, job, Slot.PREPARED),
        draft,
        paper_of(equipment, job, Slot.SEAM),
        stored(equipment, job, Slot.SIGNATURE).read_bytes(),
        stored(equipment, job, Slot.TIMESTAMP).read_bytes() if token is not None else None,
    )


def verify(equipment: Equipment, job: Job) -> Job:
    """Let the release gate judge the stored result; it raises when anything is in doubt."""
    plan = plan_of(equipment, job)
    expected = Expectation(
        source_of(equipment, job),
        plan,
        paper_of(equipment, job, Slot.SIGNER),
        _compared_seam(equipment, job),
    )
    reports = equipment.documents.verify(
        stored(equipment, job, Slot.SEALED), equipment.anchors(), expected
    )
    # A field that was there before may stand anywhere among the others.
    new = next(found for found in reports if found.field == plan.field)
    details = {
        "signatures": str(len(reports)),
        "signer": display(new.signer),
        "serial": new.serial,
        "fingerprint": new.fingerprint,
    }
    return keep_reports(equipment, job, reports, details)


def _compared_seam(equipment: Equipment, job: Job) -> bytes:
    """Return the seam, if the log says that the pages of what it was made of were compared.

    They were if the job was last prepared from the very file that is its source now. Empty
    otherwise, such as for a job that an earlier version prepared.
    """
    if job.artifact(Slot.SEAM) is None:
        return b""
    told = [dict(one.details) for one in equipment.log.entries(job=job.id, event=Event.PREPARED)]
    newest = told[-1] if told else {}
    source = _source_hash(job)
    known = source and newest.get("compared") == source and newest.get("digest") == job.digest
    return paper_of(equipment, job, Slot.SEAM) if known else b""


def keep_reports(
    equipment: Equipment, job: Job, reports: tuple[SignatureReport, ...], details: dict[str, str]
) -> Job:
    """Store what the gate found when it lets a result pass."""
    report = paper(Slot.REPORT, _REPORTS.dump_json(reports, indent=1))
    return equipment.jobs.advance(job, Event.VERIFIED, details, artifacts=job.storing(report))
