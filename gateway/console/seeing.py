"""Whose documents somebody sees: everybody's, or those that he dropped himself."""

from __future__ import annotations

from gateway.console.visit import Visit
from gateway.core.errors import UsageFault
from gateway.core.job import Job
from gateway.core.people import Permission
from gateway.core.visiting import Visitor
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.stories import find_job


class Sight:
    """What one visitor sees of the documents."""

    def __init__(self, visitor: Visitor) -> None:
        self._login = visitor.person.login
        self._all = visitor.may(Permission.SEE_DOCUMENTS)

    def sees(self, job: Job) -> bool:
        """Tell whether a job may be shown."""
        return self._all or job.person == self._login


def visible_job(visit: Visit, name: str = "job") -> Job:
    """Return the job that the path names, if the visitor may see it.

    Raises `UsageFault` (`usage.unknown-job`): what may not be seen might as well not be there.
    """
    return seen_job(visit.site.equipment, visit.somebody, visit.path(name))


def seen_job(equipment: Equipment, visitor: Visitor, job_id: str) -> Job:
    """Return a job that somebody may see; raises as `visible_job` does."""
    job = find_job(equipment, job_id)
    if not Sight(visitor).sees(job):
        raise UsageFault("usage.unknown-job", job.id)
    return job
