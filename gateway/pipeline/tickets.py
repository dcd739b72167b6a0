"""The ticket of a job: read once, when the document is accepted, and stored with it."""

from __future__ import annotations

from pathlib import Path

from gateway.core.batches import row_ticket
from gateway.core.companions import TICKETS, tickets_of
from gateway.core.errors import DocumentFault
from gateway.core.job import Artifact, Job, Slot
from gateway.core.names import display
from gateway.core.tickets import ReceivedTicket
from gateway.pipeline.equipment import Equipment
from gateway.ports import Candidate


def stored_ticket(equipment: Equipment, job: Job) -> tuple[Artifact, ...]:
    """Read the ticket that was claimed with a document and store what it says, if there is one.

    What cannot be understood is stored, too: the document fails when it is planned.
    Raises `DocumentFault` (`ticket.missing`) when there was one before and is none now.
    """
    name = job.source.rsplit("/", 1)[-1]
    for ending, path in tickets_of(Path(job.spooled)):
        try:
            received = equipment.read_ticket(path, name + ending)
        except FileNotFoundError:
            continue
        former = ticket_of(equipment, job)
        recorded = job.artifact(Slot.TICKET)
        if recorded is not None and former is not None and former.sha256 == received.sha256:
            # The same bytes, whichever version of ours read them: a paid signature rests on it.
            return (recorded,)
        return (equipment.vault.put(job.id, Slot.TICKET, received.to_json()),)
    listed = listed_ticket(equipment, job)
    if listed is not None:
        recorded = job.artifact(Slot.TICKET)
        return (recorded or equipment.vault.put(job.id, Slot.TICKET, listed.to_json()),)
    if job.artifact(Slot.TICKET) is not None:
        raise DocumentFault("ticket.missing")
    return ()


def listed_ticket(equipment: Equipment, job: Job) -> ReceivedTicket | None:
    """Return what a manifest asks for a document that it lists, as if a ticket said so."""
    member = equipment.batches.member(job.id) if job.batch not in ("", job.id) else None
    manifest = equipment.jobs.get(member.batch) if member is not None else None
    if member is None or manifest is None:
        return None
    return row_ticket(manifest.source, manifest.sha256, member.row, member.ticket)


def ticket_of(equipment: Equipment, job: Job) -> ReceivedTicket | None:
    """Return what the job's ticket says; None when it has none, or lost it."""
    recorded = job.artifact(Slot.TICKET)
    if recorded is None or not equipment.vault.path(job.id, Slot.TICKET).exists():
        return None
    stored = equipment.vault.path(job.id, Slot.TICKET, recorded)
    return ReceivedTicket.from_json(stored.read_bytes())


def named(candidate: Candidate) -> dict[str, str]:
    """Return what the log tells of a ticket that is about to be claimed: its path."""
    found = [one.file.source for one in candidate.companions if one.ending in TICKETS]
    return {"ticket": display(found[0])} if found else {}


def noted(stored: tuple[Artifact, ...]) -> dict[str, str]:
    """Return what the log tells of a ticket that was stored."""
    return {"ticket": stored[0].sha256} if stored else {}


def asked(received: ReceivedTicket | None) -> dict[str, str]:
    """Return what the log tells of a ticket that was followed."""
    if received is None or received.asks is None:
        return {}
    told = {
        "reference": received.asks.reference,
        "recipient": received.asks.recipient,
    }
    return {"ticket": received.sha256} | {key: value for key, value in told.items() if value}


def priority_of(job: Job, received: ReceivedTicket | None) -> int:
    """Return the job's priority: the one that its ticket asked for, or the one it has."""
    ticket = received.asks if received is not None else None
    return job.priority if ticket is None or ticket.priority is None else ticket.priority
