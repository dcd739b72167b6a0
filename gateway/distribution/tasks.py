"""Errands as tasks of procrastinate: what coordinator and workers have in common.

Theory of operation: the ledger alone holds the state of jobs, a task only says that somebody may
run one now. Its lock is the job's id, so that a job is run by one worker at a time; whoever
gets the task reads the job and runs it from where it stands. A finished task is deleted. One that
is lost is missed by the coordinator, which submits the job again; one too many finds its job moved
on and does nothing.
"""

from __future__ import annotations

from procrastinate.jobs import Job as Task

from gateway.ports import Errand

QUEUE = "jobs"
NAME = "sealgate.run"
LIVE = ("todo", "doing")


def task_of(errand: Errand) -> Task:
    """Return an errand as a task to be deferred."""
    return Task(
        id=None,
        queue=QUEUE,
        lock=errand.job,
        queueing_lock=errand.job,
        task_name=NAME,
        task_kwargs={"job": errand.job, "version": errand.version, "probing": errand.probing},
    )


def errand_of(task: Task) -> Errand:
    """Return what a task is about."""
    told = task.task_kwargs
    return Errand(str(told["job"]), int(str(told["version"])), str(told["probing"]))
