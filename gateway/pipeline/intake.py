"""Intake: claim a settled file, then take a private, hashed copy of it."""

from __future__ import annotations

import secrets
from pathlib import Path

from gateway.core.companions import spooled_names
from gateway.core.errors import DocumentFault, WaitingFault
from gateway.core.job import Artifact, Job, Slot, job_name
from gateway.core.names import display
from gateway.core.states import Event, State
from gateway.core.ticket_codes import INBOX_REMOVED
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.tickets import named, noted, stored_ticket
from gateway.ports import Candidate


def take(
    equipment: Equipment, candidate: Candidate, priority: int = 0, batch: str = ""
) -> Job | None:
    """Claim a candidate: the ledger first learns the name, then the file is moved by rename.

    In that order a crash between the two leaves a job that finds its file or ends as VOID;
    the other way round it would leave a file in the spool that nobody knows. `batch` is the job
    whose manifest lists it; if that has ended in this moment, the file is left where it is.
    """
    now = equipment.clock.now()
    job_id = job_name(now, secrets.token_bytes(4))
    inbox = equipment.inboxes[candidate.inbox]
    spooled = inbox.spool_path(candidate, job_id)
    wanted = Job(
        id=job_id,
        state=State.CLAIMED,
        version=1,
        inbox=candidate.inbox,
        source=candidate.source,
        spooled=str(spooled),
        created=now,
        updated=now,
        size=candidate.size,
        priority=priority,
        batch=batch,
    )
    details = {"inbox": candidate.inbox, "source": display(candidate.source)} | named(candidate)
    try:
        job = equipment.jobs.open(wanted, details | ({"batch": batch} if batch else {}))
    except WaitingFault:
        return None  # the next scan sees it as what it is now
    if inbox.claim(candidate, spooled):
        return job
    return equipment.jobs.advance(job, Event.LOST, {})


def accept(equipment: Equipment, job: Job) -> Job:
    """Copy the claimed file into the vault, hashed, and count its generation.

    A writer may still hold the claimed file open; from here on we work on our own copy and
    look at the claimed one again only when it is archived. Raises `WaitingFault`
    (`intake.inbox-removed`), `DocumentFault` (`intake.too-large`) and what ticket and vault raise.
    """
    spooled = Path(job.spooled)
    if job.returned and not spooled.exists():
        equipment.outbox.withdraw_failed(job, spooled)
    if (inbox := equipment.inboxes.get(job.inbox)) is not None:
        inbox.conclude(spooled, job.source)
    try:
        size = spooled.lstat().st_size
    except FileNotFoundError:
        _check_nothing_is_left(equipment, job)
        return equipment.jobs.advance(job, Event.LOST, {})
    if size > equipment.max_file_size:
        raise DocumentFault("intake.too-large", f"{size} bytes")
    previous = job.artifact(Slot.ORIGINAL)
    original = equipment.vault.put(job.id, Slot.ORIGINAL, spooled)
    tickets = stored_ticket(equipment, job)
    unchanged = (original, *tickets) == (previous, *_recorded(job))
    if unchanged and job.artifact(Slot.SIGNATURE) is not None:
        # A retried job whose signature is paid for already continues from there.
        return equipment.jobs.advance(job, Event.RESUMED, {"sha256": original.sha256}, returned="")
    if job.artifacts:
        # The file was replaced in failed/: what was stored belongs to another document.
        equipment.vault.discard(job.id)
        original = equipment.vault.put(job.id, Slot.ORIGINAL, spooled)
        tickets = stored_ticket(equipment, job)
    dropper = _dropper(equipment, job, original.sha256)
    person = equipment.droppers.who(job.inbox, job.source, dropper, original.sha256).person
    login = person.login if person is not None else ""
    generation = equipment.jobs.generations(job.inbox, job.source, original.sha256) + 1
    return equipment.jobs.advance(
        job,
        Event.ACCEPTED,
        {
            "sha256": original.sha256,
            "size": str(original.size),
            "generation": str(generation),
            "dropper": dropper,
        }
        | ({"person": login} if login else {})
        | noted(tickets),
        sha256=original.sha256,
        size=original.size,
        generation=generation,
        returned="",
        dropper=dropper,
        person=login,
        artifacts=(original, *tickets),
    )


def finish_claims(equipment: Equipment, inbox: str) -> None:
    """Give back what was claimed for documents of an inbox that were not, before anything is.

    Else a document whose ticket was claimed when the process stopped could be claimed again
    without it. Jobs that are retried look after themselves. Raises `SiteFault`.
    """
    for job in equipment.jobs.find((State.CLAIMED,)):
        if job.inbox == inbox and not job.returned:
            equipment.inboxes[inbox].conclude(Path(job.spooled), job.source)
            if job.code == INBOX_REMOVED:  # nobody works on it: it waited for this
                equipment.jobs.advance(job, Event.LOST, {})


def _check_nothing_is_left(equipment: Equipment, job: Job) -> None:
    """Raise `WaitingFault` when what came with a lost document has no inbox to go back to."""
    if job.inbox in equipment.inboxes:
        return
    for ending in spooled_names() if job.spooled else ():
        companion = Path(job.spooled).with_suffix(ending)
        if companion.exists():
            raise WaitingFault(INBOX_REMOVED, display(str(companion)))


def _recorded(job: Job) -> tuple[Artifact, ...]:
    ticket = job.artifact(Slot.TICKET)
    return (ticket,) if ticket is not None else ()


def _dropper(equipment: Equipment, job: Job, sha256: str) -> str:
    """Return who dropped the file: the owner of what was claimed.

    A retried job keeps the one it had, for a move to failed/ and back may have changed the
    owner; but not for other bytes that somebody laid there in the meantime.
    """
    if job.dropper and job.sha256 == sha256:
        return job.dropper
    inbox = equipment.inboxes.get(job.inbox)
    return inbox.owner(Path(job.spooled)) if inbox is not None else ""
