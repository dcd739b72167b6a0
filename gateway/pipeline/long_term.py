"""Long-term levels: evidence is fetched, put into the file, and time-stamped (B-LT, B-LTA).

That the signer's certificate is not revoked is found out before its signature is paid for;
the authority's certificates are known only when its time-stamp has come.
"""

from __future__ import annotations

from pathlib import Path

from gateway.core.job import Artifact, Job, Slot
from gateway.core.rules import Level
from gateway.core.states import Event
from gateway.pipeline import evidence
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.sealing import embed_to, plan_of, stored
from gateway.ports import Evidence, Extension, Proof, SignatureReport

_CHUNK = 1 << 20


def gather(equipment: Equipment, job: Job) -> Job:
    """From TIMESTAMPED: fetch fresh evidence for signer and authority, and store it."""
    before = evidence.read(stored(equipment, job, Slot.SIGNER_EVIDENCE).read_bytes())
    signer = equipment.evidence.of_chain(before.certificates)
    parts = [signer]
    if job.artifact(Slot.TIMESTAMP) is not None:
        token = stored(equipment, job, Slot.TIMESTAMP).read_bytes()
        parts.append(equipment.evidence.of_token(token))
    artifact = equipment.vault.put(job.id, Slot.EVIDENCE, evidence.written(evidence.joined(*parts)))
    return equipment.jobs.advance(
        job,
        Event.PROVEN,
        {"evidence": artifact.sha256},
        artifacts=job.storing(artifact),
        attempts=0,
        code="",
        detail="",
    )


def extend(equipment: Equipment, job: Job) -> Job:
    """From PROVEN: put signature, time-stamp and evidence into the file; keep room for B-LTA."""
    plan, vault = plan_of(equipment, job), equipment.vault
    embed_to(equipment, job, vault.draft(job.id, Slot.SIGNED))
    signed = vault.adopt(job.id, Slot.SIGNED)
    archival = plan.profile.level is Level.B_LTA
    slot = Slot.EXTENDED if archival else Slot.SEALED
    added = equipment.documents.extend(
        vault.path(job.id, Slot.SIGNED, signed),
        vault.draft(job.id, slot),
        evidence.read(stored(equipment, job, Slot.EVIDENCE).read_bytes()),
        vri_field=plan.field if plan.profile.vri else "",
        stamp=archival,
    )
    return keep_extended(equipment, job, added, signed)


def keep_extended(
    equipment: Equipment, job: Job, added: Extension | None, *before: Artifact
) -> Job:
    """Store the extended file that was drafted: it is complete, or waits for its time-stamp."""
    vault = equipment.vault
    if added is None:
        made = vault.adopt(job.id, Slot.SEALED)
        details, artifacts = {"sha256": made.sha256}, job.storing(*before, made)
        return equipment.jobs.advance(job, Event.EMBEDDED, details, artifacts=artifacts)
    made = vault.adopt(job.id, Slot.EXTENDED)
    hole = vault.put(job.id, Slot.HOLE, added.hole)
    digest = vault.put(job.id, Slot.DOCUMENT_DIGEST, added.digest)
    return equipment.jobs.advance(
        job,
        Event.EXTENDED,
        {"digest": added.digest.hex()},
        artifacts=job.storing(*before, made, hole, digest),
    )


def stamp(equipment: Equipment, job: Job) -> Job:
    """From EXTENDED: fetch the document time-stamp, store it, and put it into the file."""
    token, authority = _token(equipment, job)
    draft = equipment.vault.draft(job.id, Slot.SEALED)
    equipment.documents.fill(
        stored(equipment, job, Slot.EXTENDED),
        draft,
        stored(equipment, job, Slot.HOLE).read_bytes(),
        token,
    )
    known = evidence.read(stored(equipment, job, Slot.EVIDENCE).read_bytes())
    complete(equipment, draft, known, token)
    sealed = equipment.vault.adopt(job.id, Slot.SEALED)
    return equipment.jobs.advance(
        job,
        Event.EMBEDDED,
        {"sha256": sealed.sha256, "authority": authority},
        artifacts=job.storing(sealed),
        attempts=0,
    )


def _token(equipment: Equipment, job: Job) -> tuple[bytes, str]:
    """Return the document time-stamp's token; one that was fetched before a crash is found again.

    It is stored behind the digest it was asked for: a job that is retried extends its file
    anew, and a token for the former file would not fit.
    """
    digest = stored(equipment, job, Slot.DOCUMENT_DIGEST).read_bytes()
    path = equipment.vault.path(job.id, Slot.DOCUMENT_STAMP)
    kept = path.read_bytes() if path.exists() else b""
    if kept.startswith(digest):
        return kept[len(digest) :], "fetched before"
    token, authority = equipment.authorities.time_stamp(job.id, digest)
    equipment.vault.put(job.id, Slot.DOCUMENT_STAMP, digest + token)
    return token, authority


def complete(equipment: Equipment, made: Path, known: Evidence, token: bytes) -> None:
    """Add evidence for a document time-stamp that came from another authority than the first."""
    needed = equipment.evidence.of_token(token)
    if set(needed.certificates) <= set(known.certificates):
        return
    filled = made.with_name(made.name + ".filled")
    made.replace(filled)
    equipment.documents.extend(filled, made, needed, vri_field="", stamp=False)
    filled.unlink()


def archived_until(reports: tuple[SignatureReport, ...], *, contract: bool = False) -> str:
    """Return when the newest time-stamp over a B-LTA document ends; empty where there is none.

    Some signature in it must be good and proven. In a contract the time-stamp alone suffices:
    nobody may have been able to prove what was signed outside.
    """
    signed = [one.ends for one in reports if one.good and one.proof is Proof.ARCHIVED]
    if signed or not contract:
        return signed[-1] if signed else ""
    stamps = [one for one in reports if one.document_stamp and one.good and one.proof]
    return max(stamps, key=lambda one: one.signed_at).ends if stamps else ""


def begins_with(path: Path, former: Path) -> bool:
    """Tell whether a file begins with all the bytes of a former version."""
    with path.open("rb") as new, former.open("rb") as old:
        while chunk := old.read(_CHUNK):
            if new.read(len(chunk)) != chunk:
                return False
    return True
