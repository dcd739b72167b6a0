"""A sweep: one pass over everything that waits, by this process or by the running daemon."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.core.job import Job
from gateway.core.states import ACTIVE, State
from gateway.daemon.engine import Engine
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.waiting import NEVER, rests

_PROBES = 3
"""Failed probes of a hold in a row after which a sweep ends instead of waiting on."""
_POLL = 0.3
_NEWEST = 1000
"""Jobs looked at, besides those expected, for ones that were claimed meanwhile."""
_STILL = 120.0
"""Seconds without any progress after which files that keep changing are left waiting."""


@dataclass(frozen=True)
class Swept:
    """What a sweep did."""

    delivered: tuple[Job, ...]
    failed: tuple[Job, ...]
    held: int
    """Jobs that wait for a service, for this machine, or for their seal."""
    waiting: int
    """Files left in the inboxes, because they were still changing."""


class Tally:
    """Counts jobs as they end, and tells a listener."""

    def __init__(self, listener: Callable[[Job], None] = lambda job: None) -> None:
        self._listener = listener
        self.delivered: list[Job] = []
        self.failed: list[Job] = []

    def ended(self, job: Job) -> None:
        """Note a job that came to an end or a resting point."""
        if job.state is State.ARCHIVED:
            self.delivered.append(job)
        elif job.state is State.FAILED:
            self.failed.append(job)
        else:
            return
        self._listener(job)


def sweep(equipment: Equipment, engine: Engine, tally: Tally) -> Swept:
    """Work until nothing waits, or until only holds and unfinished files are left."""
    clock = equipment.clock
    seen, since = -1, clock.monotonic()
    before = _failures(equipment)
    engine.probe_at_once()
    while True:
        engine.round()
        if engine.idle():
            break
        if engine.stuck() and _given_up(equipment, before):
            break
        done = len(tally.delivered) + len(tally.failed)
        if done != seen:
            seen, since = done, clock.monotonic()
        elif clock.monotonic() - since > _STILL:
            break
    engine.stop()
    held = len(equipment.jobs.find(ACTIVE))
    return Swept(tuple(tally.delivered), tuple(tally.failed), held, engine.waiting())


def _failures(equipment: Equipment) -> dict[str, int]:
    return {hold.subject: hold.failures for hold in equipment.holds.all()}


def _given_up(equipment: Equipment, before: dict[str, int]) -> bool:
    """Tell whether every hold has been probed often enough for one sweep.

    One that is older than the sweep is probed once, a new one a few times. What holds no work
    (a rejected edit, an inbox, a remote folder) or waits for a person is not waited for.
    """
    return all(
        hold.failures >= before.get(hold.subject, _PROBES - 1) + 1
        or hold.probe_at >= NEVER
        or hold.subject.startswith(("rules", "inbox:", "remote:", "flows"))
        for hold in equipment.holds.all()
    )


def follow(
    equipment: Equipment, tally: Tally, inboxes: frozenset[str], working: Callable[[], bool]
) -> Swept | None:
    """Watch another process sweep: until every file that waits now has come to its end.

    Returns None when that process stops `working` before.
    """
    began, before = equipment.clock.now(), _failures(equipment)
    pending = _waiting(equipment, inboxes)
    watched = {job.id for job in equipment.jobs.find(ACTIVE)}
    seen: set[str] = set(watched)
    resting: set[str]
    while True:
        at_work = working()
        claimed = pending - _waiting(equipment, inboxes)
        pending -= claimed
        for job in _younger(equipment, began, len(pending) + len(claimed) + _NEWEST):
            if job.id not in seen:
                seen.add(job.id)
                watched.add(job.id)
        resting = set()
        for job_id in tuple(watched):
            found = equipment.jobs.get(job_id)
            if found is not None and rests(found, equipment.clock.now()):
                resting.add(job_id)
            if found is None or found.state not in ACTIVE:
                watched.discard(job_id)
                if found is not None:
                    tally.ended(found)
        held = bool(equipment.holds.all()) and _given_up(equipment, before)
        if (not pending and watched <= resting) or held:
            return Swept(tuple(tally.delivered), tuple(tally.failed), len(watched), len(pending))
        if not at_work:
            return None
        time.sleep(_POLL)


def _waiting(equipment: Equipment, inboxes: frozenset[str]) -> set[tuple[str, str, int]]:
    """Return what lies in some inboxes, each file by name and identity."""
    return {
        (candidate.inbox, candidate.source, candidate.inode)
        for name, inbox in equipment.inboxes.items()
        if name in inboxes
        for candidate in inbox.examine()[0]
    }


def _younger(equipment: Equipment, than: datetime, most: int) -> list[Job]:
    """Return the jobs claimed after a moment."""
    newest = equipment.jobs.find(tuple(State), limit=most, newest_first=True)
    return [job for job in newest if job.created >= than]
