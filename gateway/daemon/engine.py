"""The engine: one loop that attends inboxes and dispatches jobs, for daemon and sweep alike."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping

from gateway.core.batches import is_manifest
from gateway.core.fairness import room
from gateway.core.job import Job
from gateway.core.monitoring import Queue
from gateway.core.states import State
from gateway.daemon.attendance import Attendance
from gateway.daemon.dispatch import Dispatcher
from gateway.flows.clerk import Clerk
from gateway.pipeline.equipment import Equipment
from gateway.ports import Distribution

_LONGEST_WAIT = 1.0
"""Seconds between two looks at the ledger, where commands leave work for us."""
_MOST_A_THREAD, _FEWEST_A_THREAD, _ENOUGH = 8, 2, 64
"""Claims ahead for each working thread: as many as make enough, within bounds. They are shared
by the inboxes; more files wait untouched."""


class Engine:
    """Works on a site, one round after another."""

    def __init__(
        self,
        equipment: Equipment,
        attendance: Attendance,
        distribution: Distribution,
        ended: Callable[[Job], None] = lambda job: None,
        *,
        clerk: Clerk | None = None,
    ) -> None:
        self._clerk = clerk
        """Attends to flows between two rounds; None where it has a thread of its own."""
        self._equipment = equipment
        self._attendance = attendance
        self._wake = threading.Event()
        self._ended = ended
        self._dispatcher = Dispatcher(equipment, distribution, self._job_ended, attendance.limits())
        self.last_round = equipment.clock.monotonic()
        equipment.quotas.abandon()

    def hint(self, inbox: str) -> None:
        """Note that something may have happened in an inbox; callable from any thread."""
        self._attendance.hint(inbox)
        self._wake.set()

    def wake(self) -> None:
        """Begin the next round at once, with what others have changed; callable from any thread."""
        self._dispatcher.look_soon()
        self._wake.set()

    def probe_at_once(self) -> None:
        """Let holds be probed now instead of at their time."""
        self._dispatcher.probe_at_once()

    def round(self) -> int:
        """Attend, dispatch, then sleep until something is due; return the jobs under way."""
        self._wake.clear()
        claimed = Counter(job.inbox for job in self._dispatcher.active())
        inboxes = len(self._attendance.names())
        threads = self._dispatcher.room()
        ahead = min(_MOST_A_THREAD, max(_FEWEST_A_THREAD, _ENOUGH // max(1, threads)))
        taken = self._attendance.attend(lambda name: room(threads, ahead, inboxes, claimed[name]))
        self._dispatcher.claimed(taken)
        if self._clerk is not None:
            self._clerk.attend()
            if self._clerk.working():
                self._dispatcher.look_soon()
        under_way = self._dispatcher.dispatch()
        self.last_round = self._equipment.clock.monotonic()
        self._wake.wait(min(_LONGEST_WAIT, self._next_due() or 0.01))
        return under_way

    def _next_due(self) -> float:
        due = self._attendance.next_due()
        return due if self._clerk is None else min(due, self._clerk.next_due())

    def idle(self) -> bool:
        """Tell whether nothing waits in any inbox, and every job has ended or waits alone."""
        if self._attendance.waiting() or self._attendance.sweeping():
            return False
        if not self._dispatcher.finished():
            return False
        # Last, because the end of a job may leave its flow something to do.
        return self._clerk is None or not self._clerk.busy()

    def stuck(self) -> bool:
        """Tell whether only holds keep the remaining work from going on."""
        return bool(self._dispatcher.active()) and self._dispatcher.stuck()

    def waiting(self) -> int:
        """Return how many files wait in the inboxes and may be taken."""
        return self._attendance.waiting()

    def resting(self) -> int:
        """Return how many files wait in the inboxes for their hours or a sweep."""
        return self._attendance.resting()

    def queues(self) -> Mapping[str, Queue]:
        """Return what lay unclaimed in each inbox at its last scan; callable from any thread."""
        return self._attendance.queues()

    def since_round(self) -> float:
        """Return the seconds since the last round of work; callable from any thread."""
        return self._equipment.clock.monotonic() - self.last_round

    def stop(self) -> None:
        """Let the jobs under way come to a resting point, then return."""
        self._dispatcher.stop()

    def _job_ended(self, job: Job) -> None:
        self._measure(job)
        self._ended(job)
        if job.batch:  # whose manifest may have waited for this
            self._dispatcher.look_soon()
        if is_manifest(job.source):
            self._attendance.hint(job.inbox)  # for what it lists
        self._wake.set()

    def _measure(self, job: Job) -> None:
        if job.state is State.ARCHIVED:
            self._equipment.meter.result(job.inbox, "delivered", "")
        elif job.state is State.FAILED:
            self._equipment.meter.result(job.inbox, "failed", job.code)
