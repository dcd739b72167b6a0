"""Jobs that work for a flow: opened with the id that the flow has told before."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.job import Job
from gateway.core.names import display
from gateway.core.states import State
from gateway.flows.room import FlowRoom
from gateway.ports import Flow


@dataclass(frozen=True)
class Wanted:
    """What a job is to seal, or to extend."""

    job: str
    inbox: str
    """What stands for one."""
    sha256: str
    """The version that gets the seal."""
    step: str = ""
    """A level for a contract that is extended; empty for the certificate of completion."""
    source: str = ""
    """Its name; empty for the document's own."""


def open_job(room: FlowRoom, flow: Flow, wanted: Wanted) -> None:
    """See to it that the job is there; raises `SiteFault`."""
    own = room.jobs.get(flow.id)
    if own is None or room.jobs.get(wanted.job) is not None:
        return
    spooled = room.spool / f"{wanted.job}.pdf"
    room.revisions.lend(flow.id, wanted.sha256, spooled)
    now = room.clock.now()
    job = Job(
        id=wanted.job,
        state=State.CLAIMED,
        version=1,
        inbox=wanted.inbox,
        source=wanted.source or own.source,
        spooled=str(spooled),
        created=now,
        updated=now,
        priority=own.priority,
        flow=flow.id,
    )
    told = {"inbox": job.inbox, "source": display(job.source), "flow": flow.id}
    room.jobs.open(job, told | ({"step": wanted.step} if wanted.step else {}))
