"""Extending the contract of a flow for the long term, when everybody has signed (B-LT, B-LTA).

A job of its own, without plan or seal: its original is the last revision. Revocation data are
fetched for every signature in it that does not bring them, then follow the stages of any
document of these levels. For our own seals, and for time-stamps of our authorities, the data must
be had, as always. Those of somebody who signed outside are another's to provide: they are asked
for a few times, alone, and left out then, which the log says. So no partner's authority holds a
contract back.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.core.delivery_codes import UNPROVEN
from gateway.core.errors import DocumentFault, InternalFault, ServiceFault, WaitingFault
from gateway.core.flow_progress import lacking_level
from gateway.core.job import Job, Slot
from gateway.core.names import display
from gateway.core.rules import Level
from gateway.core.states import Event
from gateway.pipeline import evidence, long_term, sealing
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.sealing import keep_reports, stored
from gateway.ports import Evidence, Flow, Proof, SignatureReport
from gateway.ports.signers import SignatureParts

_TRIES = 4
"""Attempts to get the revocation data of others."""


def of_flow(equipment: Equipment, job: Job) -> Flow:
    """Return the flow that a job works for."""
    flow = equipment.flows.get(job.flow)
    if flow is None:
        raise InternalFault(LookupError(f"flow {job.flow}"))
    return flow


def authorities_of(equipment: Equipment, flow: Flow) -> tuple[bytes, ...]:
    """Return whom a flow's signatures may lead to: the site's anchors, and those of its steps."""
    return (*equipment.anchors(), *_of_steps(flow))


def _of_steps(flow: Flow) -> tuple[bytes, ...]:
    """Return the authorities that the steps of a flow name, in DER."""
    signers = (step.signer for step in flow.definition.steps if step.signer is not None)
    texts = dict.fromkeys(text for signer in signers for text in signer.anchors)
    return tuple(map(ssl.PEM_cert_to_DER_cert, texts))


def gather(equipment: Equipment, job: Job) -> Job:
    """From ACCEPTED: fetch evidence for all who signed, and store it.

    Raises `WaitingFault` (`flow.unproven`) while somebody else's may yet come, and
    `DocumentFault` (`gate.earlier-signature-affected`) when a signature does not hold.
    """
    flow, original = of_flow(equipment, job), stored(equipment, job, Slot.ORIGINAL)
    reports = equipment.documents.verify(original, authorities_of(equipment, flow))
    _check_undisturbed(reports)
    bare = {one.field for one in reports if one.proof is Proof.NONE}
    patient = job.attempts + 1 < _TRIES
    asking = _Asking(equipment, _of_steps(flow), _ours(equipment, flow), patient)
    parts = equipment.signatures.signature_parts(original)
    found = tuple(asking.about(one) for one in parts if one.field in bare)
    artifact = equipment.vault.put(job.id, Slot.EVIDENCE, evidence.written(_all(found)))
    unproven = "; ".join(f"{one.field}: {one.lacks}" for one in found if one.lacks)
    return equipment.jobs.advance(
        job,
        Event.PROVEN,
        {"evidence": artifact.sha256} | ({"unproven": display(unproven)} if unproven else {}),
        artifacts=job.storing(artifact),
        attempts=0,
        code="",
        detail="",
    )


@dataclass(frozen=True)
class _Found:
    """Evidence for one signature, or what it lacks."""

    field: str
    parts: tuple[Evidence, ...] = ()
    lacks: str = ""


@dataclass(frozen=True)
class _Asking:
    """Asks for the evidence of signatures."""

    equipment: Equipment
    authorities: tuple[bytes, ...]
    """Besides the site's, in DER."""
    ours: frozenset[str]
    patient: bool

    def about(self, one: SignatureParts) -> _Found:
        """Return the evidence for a signature, with that for the time-stamp in it."""
        try:
            return _Found(one.field, tuple(self._parts(one)))
        except ServiceFault as fault:
            leaf = hashlib.sha256(one.chain[0]).hexdigest() if one.chain else ""
            if leaf in self.ours:
                raise
            may_come = fault.code == "revocation.unavailable" and one.askable
            if may_come and self.patient:
                raise WaitingFault(UNPROVEN, f"{one.field}: {fault.detail}") from fault
            return _Found(one.field, lacks=fault.sentence)

    def _parts(self, one: SignatureParts) -> Iterator[Evidence]:
        if one.chain:
            yield self.equipment.evidence.of_chain((*one.chain, *self.authorities))
        if one.token:
            yield self.equipment.evidence.of_token(one.token)


def _all(found: tuple[_Found, ...]) -> Evidence:
    parts = [part for one in found for part in one.parts]
    return evidence.joined(*parts) if parts else Evidence(())


def _ours(equipment: Equipment, flow: Flow) -> frozenset[str]:
    """Return the SHA-256 of the certificates by which the flow's seals were signed."""
    jobs = [step.job for step in flow.status.steps if step.job]
    logged = (equipment.log.entries(job=job, event=Event.VERIFIED) for job in jobs)
    return frozenset(dict(one.details).get("fingerprint", "") for told in logged for one in told)


def _check_undisturbed(reports: tuple[SignatureReport, ...]) -> None:
    bad = next((one for one in reports if not (one.intact and one.covers_all)), None)
    if bad is not None:
        raise DocumentFault("gate.earlier-signature-affected", f"{bad.field}: {bad.problem}")


def extend(equipment: Equipment, job: Job) -> Job:
    """From PROVEN: put evidence into the file, and room for a time-stamp; with or without plan.

    Before a time-stamp is asked for, the signatures are judged with the evidence behind them.
    """
    if job.artifact(Slot.PLAN) is not None:
        return long_term.extend(equipment, job)
    flow, vault = of_flow(equipment, job), equipment.vault
    original = stored(equipment, job, Slot.ORIGINAL)
    known = evidence.read(stored(equipment, job, Slot.EVIDENCE).read_bytes())
    plain = vault.draft(job.id, Slot.SEALED)
    equipment.documents.extend(original, plain, known, vri_field="", stamp=False)
    _check_undisturbed(equipment.documents.verify(plain, authorities_of(equipment, flow)))
    if lacking_level(flow.definition, flow.status) is not Level.B_LTA:
        return long_term.keep_extended(equipment, job, None)
    plain.unlink()
    draft = vault.draft(job.id, Slot.EXTENDED)
    added = equipment.documents.extend(original, draft, known, vri_field="", stamp=True)
    return long_term.keep_extended(equipment, job, added)


def verify(equipment: Equipment, job: Job) -> Job:
    """From SEALED: judge the result; a contract by all of its signatures.

    Nothing that was signed may have changed, none may be missing, and the newest time-stamp of a
    B-LTA contract must be good and proven. Raises `DocumentFault` (`gate.…`).
    """
    if job.artifact(Slot.PLAN) is not None:
        return sealing.verify(equipment, job)
    flow = of_flow(equipment, job)
    authorities = authorities_of(equipment, flow)
    original = stored(equipment, job, Slot.ORIGINAL)
    extended = stored(equipment, job, Slot.SEALED)
    if not long_term.begins_with(extended, original):
        raise DocumentFault("gate.original-changed")
    reports = equipment.documents.verify(extended, authorities)
    _check_undisturbed(reports)
    before = {one.field for one in equipment.documents.verify(original, authorities)}
    if not before <= {one.field for one in reports}:
        raise DocumentFault("gate.earlier-signature-affected", "one is missing")
    new = [one for one in reports if one.field not in before]
    archival = lacking_level(flow.definition, flow.status) is Level.B_LTA
    stamped = [one.document_stamp and one.good and one.proof is not Proof.NONE for one in new]
    if stamped != ([True] if archival else []):
        raise DocumentFault("gate.signature-invalid", "its document time-stamp is not good")
    signed = [one for one in reports if not one.document_stamp]
    proven = [one for one in signed if one.proof is not Proof.NONE]
    details = {"signatures": str(len(signed)), "proven": str(len(proven))}
    return keep_reports(equipment, job, reports, details)


def unproven_of(equipment: Equipment, job: Job) -> str:
    """Return which signatures an extended contract does not prove, and why, in words."""
    told = (dict(one.details) for one in equipment.log.entries(job=job.id, event=Event.PROVEN))
    return next((f"not proven: {one['unproven']}" for one in told if "unproven" in one), "")
