"""Signing: the digest goes out, the answer is stored the moment it arrives.

Theory of operation
-------------------
The remote signature is paid for, so three things must be true however we die:

* SENT is committed before the first byte of the paid call leaves; without it in the ledger
  nothing was sent.
* the answer is stored, durably, before anything else is done with it;
* whoever finds a job in SENT first looks for that stored answer. Only when there is none
  did no answer ever arrive; the same digest (never a new one) may then be sent again, and
  `sign.unanswered` in the signing log says that the first call may have been charged.

Permission to sign (CSC: the SAD) is obtained before SENT: it costs nothing, and a wrong PIN
must not look like a call whose outcome is unknown.
"""

from __future__ import annotations

import hashlib

from gateway.core.errors import Charge, ServiceFault
from gateway.core.job import Job, Slot
from gateway.core.rules import Level
from gateway.core.states import Event
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.sealing import embed, plan_of, service_of, stored


def send(equipment: Equipment, job: Job) -> Job:
    """From PREPARED: obtain permission, commit SENT, send the digest, store the answer."""
    service = service_of(equipment, job)
    authorization = service.authorize((bytes.fromhex(job.digest),))
    job = equipment.jobs.advance(
        job, Event.SENT, {"service": service.name, "digest": job.digest}, attempts=job.attempts
    )
    try:
        (signature,) = service.sign(authorization)
        if isinstance(signature, ServiceFault):
            raise signature
    except ServiceFault as fault:
        _unsent(equipment, job, fault)
        raise
    return _keep(equipment, job, signature)


def recover(equipment: Equipment, job: Job) -> Job:
    """From SENT, after a crash: find the stored answer, or list the call as unanswered."""
    answer = equipment.vault.path(job.id, Slot.SIGNATURE)
    if answer.exists():
        return _keep(equipment, job, answer.read_bytes())
    return equipment.jobs.advance(
        job,
        Event.UNANSWERED,
        {
            "service": job.service,
            "digest": job.digest,
            "why": "interrupted before an answer was stored; the same digest is sent again",
        },
    )


def _keep(equipment: Equipment, job: Job, signature: bytes) -> Job:
    artifact = equipment.vault.put(job.id, Slot.SIGNATURE, signature)
    return equipment.jobs.advance(
        job,
        Event.ANSWERED,
        {"service": job.service, "digest": job.digest, "signature": artifact.sha256},
        artifacts=job.storing(artifact),
        attempts=0,
    )


def _unsent(equipment: Equipment, job: Job, fault: ServiceFault) -> None:
    """Take the job back to PREPARED, and say in the log whether the call may have cost money."""
    if fault.code == "service.wrong-signature":
        event = Event.UNUSABLE
    elif fault.charge is Charge.UNKNOWN:
        event = Event.UNANSWERED
    else:
        event = Event.REFUSED
    details = {"service": job.service, "digest": job.digest, "code": fault.code}
    equipment.jobs.advance(job, event, details | {"why": fault.sentence})


def stamp_or_embed(equipment: Equipment, job: Job) -> Job:
    """From SIGNED: fetch the time-stamp for B-T, or embed at once for B-B."""
    if plan_of(equipment, job).profile.level is not Level.B_T:
        return embed(equipment, job)
    if not equipment.timestampers:
        raise ServiceFault("tsa.refused", "no time-stamp authority is configured")
    signature = stored(equipment, job, Slot.SIGNATURE).read_bytes()
    token = equipment.timestampers[0].timestamp(hashlib.sha256(signature).digest(), "sha256")
    artifact = equipment.vault.put(job.id, Slot.TIMESTAMP, token)
    return equipment.jobs.advance(
        job, Event.STAMPED, {"token": artifact.sha256}, artifacts=job.storing(artifact), attempts=0
    )
