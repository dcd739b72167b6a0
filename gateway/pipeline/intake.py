"""Intake: claim a settled file, then take a private, hashed copy of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
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

_AT_ONCE = 32
"""Files claimed with one commit."""


def take(
    equipment: Equipment,
    candidates: Sequence[Candidate],
    priority: int = 0,
    batch_of: Callable[[Candidate], str] = lambda candidate: "",
) -> tuple[Job, ...]:
    """Claim candidates of one inbox: the ledger first learns the names, then the files are moved.

    In that order a crash between the two leaves jobs that find their file or end as VOID; the
    other way round it would leave files in the spool that nobody knows. `batch_of` tells the job
    whose manifest lists one; if that has ended in this moment, the file is left where it is.
    """
    jobs: list[Job] = []
    for first in range(0, len(candidates), _AT_ONCE):
        few = candidates[first : first + _AT_ONCE]
        jobs += _taken(equipment, few, priority, batch_of)
    return tuple(jobs)


def _taken(
    equipment: Equipment,
    candidates: Sequence[Candidate],
    priority: int,
    batch_of: Callable[[Candidate], str],
) -> Iterator[Job]:
    inbox = equipment.inboxes[candidates[0].inbox]
    # All lie in one folder; looking for it again for each would read the mount table as often.
    spool = inbox.spool_path(candidates[0], "any")
    wanted = [
        _wanted(one, spool, equipment.clock.now(), priority, batch_of(one)) for one in candidates
    ]
    opened = equipment.jobs.open_all(wanted)
    pairs = [
        (candidate, job) for candidate, job in zip(candidates, opened, strict=True) if job
    ]  # what is not opened is seen by the next scan as what it is now
    taken = inbox.claim_all((candidate, Path(job.spooled)) for candidate, job in pairs)
    for (_, job), was_there in zip(pairs, taken, strict=True):
        yield job if was_there else equipment.jobs.advance(job, Event.LOST, {})


def _wanted(
    candidate: Candidate, spool: Path, now: datetime, priority: int, batch: str
) -> tuple[Job, dict[str, str]]:
    job_id = job_name(now, secrets.token_bytes(4))
    job = Job(
        id=job_id,
        state=State.CLAIMED,
        version=1,
        inbox=candidate.inbox,
        source=candidate.source,
        spooled=str(spool.with_name(f"{job_id}{spool.suffix}")),
        created=now,
        updated=now,
        size=candidate.size,
        priority=priority,
        batch=batch,
    )
    details = {"inbox": candidate.inbox, "source": display(candidate.source)} | named(candidate)
    return job, details | ({"batch": batch} if batch else {})


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
