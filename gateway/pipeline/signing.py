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
must not look like a call whose outcome is unknown. How jobs share a call is told in `desk`.

A file is prepared for one certificate. When the service has another by the time its digest
is to be sent, the file is prepared again: a signature by the new one would fit nothing.
"""

from __future__ import annotations

import hashlib

from gateway.core.errors import Charge, ServiceFault
from gateway.core.job import Job, Slot
from gateway.core.states import Event, State
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.long_term import gather
from gateway.pipeline.sealing import embed, paper_of, plan_of, prepare, service_of, stored
from gateway.pipeline.waiting import ALONE

_UNUSABLE = frozenset(
    {"service.wrong-signature", "service.wrong-cms", "service.wrong-certificate"}
    | {"service.sm2-not-supported"}
)
"""Answers that came, and can be put into no document."""


def send(equipment: Equipment, job: Job) -> Job:
    """From PREPARED: at the service's desk, obtain permission, commit SENT, send, store."""
    service = service_of(equipment, job)
    if service.credential().chain[0] != paper_of(equipment, job, Slot.SIGNER):
        return prepare(equipment, job)
    if job.code in ALONE and may_reroute(equipment, job):
        # It waited for its seal, perhaps for weeks: its signing time is that of long ago.
        return prepare(equipment, job)
    job, outcome = equipment.desks[service.name].sign(job)
    if isinstance(outcome, ServiceFault):
        _unsent(equipment, job, outcome)
        raise outcome
    return _keep(equipment, job, outcome)


def reroute(equipment: Equipment, job: Job, service: str, because: str) -> Job:
    """From PLANNED or PREPARED: let another service of the rule sign.

    Its certificate is another, so the document is prepared anew.
    """
    details = {"from": job.service, "service": service, "because": because}
    return equipment.jobs.advance(
        job, Event.REROUTED, details, service=service, digest="", attempts=0, code="", detail=""
    )


def may_reroute(equipment: Equipment, job: Job) -> bool:
    """Tell whether nothing was sent of this digest that may have been signed, or will be."""
    if job.state is State.PLANNED:
        return True
    return job.state is State.PREPARED and not equipment.quotas.unanswered(job.id, job.digest)


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
    if fault.code in _UNUSABLE:
        event = Event.UNUSABLE
    elif fault.charge is Charge.UNKNOWN:
        event = Event.UNANSWERED
    else:
        event = Event.REFUSED
    details = {"service": job.service, "digest": job.digest, "code": fault.code}
    equipment.jobs.advance(job, event, details | {"why": fault.sentence})


def stamp_or_embed(equipment: Equipment, job: Job) -> Job:
    """From SIGNED: fetch the time-stamp for B-T and above, or go on where none of ours is due."""
    level = plan_of(equipment, job).profile.level
    if not level.time_stamped:
        return embed(equipment, job)
    seam = paper_of(equipment, job, Slot.SEAM)
    answer = stored(equipment, job, Slot.SIGNATURE).read_bytes()
    value = equipment.documents.to_stamp(seam, answer)
    if value is None:
        return stamped(equipment, job)
    token, authority = equipment.authorities.time_stamp(job.id, hashlib.sha256(value).digest())
    artifact = equipment.vault.put(job.id, Slot.TIMESTAMP, token)
    details = {"token": artifact.sha256, "authority": authority}
    return equipment.jobs.advance(
        job, Event.STAMPED, details, artifacts=job.storing(artifact), attempts=0
    )


def stamped(equipment: Equipment, job: Job) -> Job:
    """From TIMESTAMPED: embed for B-T, fetch evidence for the levels above."""
    if plan_of(equipment, job).profile.level.long_term:
        return gather(equipment, job)
    return embed(equipment, job)
