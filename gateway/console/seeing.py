"""Whose documents somebody sees: everybody's, or those that he dropped himself."""

from __future__ import annotations

from gateway.console.visit import Visit
from gateway.core.errors import UsageFault
from gateway.core.job import Job
from gateway.core.names import display
from gateway.core.people import Permission
from gateway.core.visiting import Visitor
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.stories import find_job

_REMEMBERED = 2000
"""Documents handed over by hand that somebody's list goes back to."""


class Sight:
    """What one visitor sees of the documents."""

    def __init__(self, equipment: Equipment, visitor: Visitor) -> None:
        self._login = visitor.person.login
        self._all = visitor.may(Permission.SEE_DOCUMENTS)
        nothing = frozenset[tuple[str, str, str]]()
        self._handed = nothing if self._all else _handed(equipment, visitor.actor)

    def sees(self, job: Job) -> bool:
        """Tell whether a job may be shown."""
        own = (
            job.person == self._login
            or (job.inbox, display(job.source), job.sha256) in self._handed
        )
        return self._all or own


def visible_job(visit: Visit, name: str = "job") -> Job:
    """Return the job that the path names, if the visitor may see it.

    Raises `UsageFault` (`usage.unknown-job`): what may not be seen might as well not be there.
    """
    return seen_job(visit.site.equipment, visit.somebody, visit.path(name))


def seen_job(equipment: Equipment, visitor: Visitor, job_id: str) -> Job:
    """Return a job that somebody may see; raises as `visible_job` does."""
    job = find_job(equipment, job_id)
    if not Sight(equipment, visitor).sees(job):
        raise UsageFault("usage.unknown-job", job.id)
    return job


def _handed(equipment: Equipment, actor: str) -> frozenset[tuple[str, str, str]]:
    """Return inbox, path and hash of what somebody has handed over in the console or by the API."""
    entries = equipment.log.entries(event="intake.dropped")
    own = [dict(one.details) for one in entries if one.actor == actor][-_REMEMBERED:]
    return frozenset(
        (one.get("inbox", ""), one.get("source", ""), one.get("sha256", "")) for one in own
    )
