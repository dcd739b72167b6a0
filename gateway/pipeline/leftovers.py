"""Working files of jobs that have ended: removed at once, or later where a disk refuses.

A job is not held for them: it has come to its end, and nothing of it depends on their removal.
"""

from __future__ import annotations

import threading

from gateway.core.errors import SiteFault
from gateway.core.job import Job, Slot
from gateway.core.states import TERMINAL, State
from gateway.pipeline.equipment import Equipment

_PAUSE = 2.0
"""Seconds between two attempts to remove what could not be removed."""


class Leftovers:
    """Removes working files; `discard` may be called from any thread, the rest from one."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._refused: set[str] = set()
        """Jobs whose files are still there."""
        self._due = 0.0
        self._lock = threading.Lock()

    def find(self, newest: int) -> None:
        """Look for what a crash left between a job's end and the removal of its files."""
        for job in self._equipment.jobs.find(TERMINAL, limit=newest, newest_first=True):
            self.discard(job)

    def discard(self, job: Job) -> None:
        """Remove the files of a job that has ended, unless it has to be able to go on from them."""
        if not _has_ended(job):
            return
        try:
            self._equipment.vault.discard(job.id)
        except SiteFault:  # tried again below, for as long as it takes
            with self._lock:
                self._refused.add(job.id)

    def again(self) -> None:
        """Try once more to remove what could not be removed, now and then."""
        now = self._equipment.clock.monotonic()
        if not self._refused or now < self._due:
            return
        self._due = now + _PAUSE
        with self._lock:
            refused, self._refused = self._refused, set()
        for job_id in refused:
            job = self._equipment.jobs.get(job_id)  # somebody may have let it try again
            if job is not None:
                self.discard(job)


def _has_ended(job: Job) -> bool:
    if job.state is State.FAILED:  # with a signature that is paid for, it may be retried
        return job.artifact(Slot.SIGNATURE) is None
    return job.state in TERMINAL
