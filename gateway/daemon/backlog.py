"""The jobs under way, remembered between looks at the ledger.

Theory of operation: the process that works on a site claims its files and runs its jobs itself,
so it knows what became of them without asking. What others do, such as a command that lets a job
try again, is found at the next look: once a second, or at once when somebody says so. A job that
a thread is running is left out of a look, for its thread knows better; and before a thread runs
one, it is read once more, so nothing is ever done with a job as it no longer is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from gateway.core.job import Job
from gateway.core.states import ACTIVE
from gateway.ports import Clock, Jobs

_EVERY = 1.0
"""Seconds between two looks."""
_SHARE = 20
"""Looking may take one part in so many of the time."""


class Backlog:
    """The active jobs of a site; `look_soon` and `note` may be called from any thread."""

    def __init__(self, jobs: Jobs, clock: Clock) -> None:
        self._jobs = jobs
        self._clock = clock
        self._known: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._due = 0.0
        self._asked = True

    def look_soon(self) -> None:
        """Let the next question be answered from the ledger."""
        self._asked = True

    def note(self, job: Job) -> None:
        """Remember a job as it is now, or forget it when it has ended."""
        with self._lock:
            if job.state in ACTIVE:
                self._known[job.id] = job
            else:
                self._known.pop(job.id, None)

    def jobs(self, running: Callable[[], Collection[str]]) -> tuple[Job, ...]:
        """Return the active jobs; those that are `running` as they were when they began."""
        if self._asked or self._clock.monotonic() >= self._due:
            self._look(running)
        with self._lock:
            return tuple(self._known.values())

    def _look(self, running: Callable[[], Collection[str]]) -> None:
        began = self._clock.monotonic()
        self._asked = False
        busy = running()
        found = self._jobs.find(ACTIVE)
        with self._lock:
            kept = {name: job for name, job in self._known.items() if name in busy}
            self._known = {job.id: job for job in found if job.id not in busy} | kept
        ended = self._clock.monotonic()
        self._due = ended + max(_EVERY, (ended - began) * _SHARE)
