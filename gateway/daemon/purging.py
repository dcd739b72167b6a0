"""Purging the archive by schedule, on a thread of its own: hashing what goes may take long.

Up to when purges were done is remembered when one has ended, so one that was due while the daemon
was down, or that a stop cut short, is made up once at the start.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.core.names import display
from gateway.core.retention import Retention
from gateway.core.schedules import Schedule
from gateway.daemon.background import background
from gateway.daemon.lock import SiteLock
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.purging import Purged, finish, purge

_LATEST = "purge.latest"
_ASTRAY = timedelta(minutes=1)
"""A purge remembered from so far in the future was done by a clock that went wrong."""
_LOOK_SECONDS = 1.0
_AGAIN_SECONDS = 60.0
"""Pause after a fault of the site, and while somebody else purges or renews."""
_PATIENCE = 5.0
"""Seconds for which the end waits for the job under way; the next purge finishes it."""


class ScheduledPurge:
    """Purges when it is time to; `stopping` ends it after the job under way."""

    def __init__(
        self,
        equipment: Equipment,
        retention: Retention,
        schedules: tuple[Schedule, ...],
        renewals: Path,
    ) -> None:
        self._equipment = equipment
        self._retention = retention
        self._schedules = schedules
        self._renewals = renewals
        self.stopping = threading.Event()
        self._told = ""
        """Code of the fault that was logged last, since a purge came to its end."""

    def due(self) -> bool:
        """Tell whether a purge is due; a new schedule has none to make up."""
        now = self._equipment.clock.now()
        written = self._equipment.memory.recall(_LATEST)
        latest = datetime.fromisoformat(written) if written else None
        if latest is None or latest > now + _ASTRAY:
            self._equipment.memory.remember(_LATEST, now.isoformat())
            return False
        firings = (schedule.next_after(latest) for schedule in self._schedules)
        return any(firing is not None and firing <= now for firing in firings)

    def run(self) -> Counter[str]:
        """Purge what may go, and log how it went when there was anything; return the counts.

        Raises `UsageFault` (`usage.already-running`) while time-stamps are renewed or somebody
        else purges, `SiteFault` when the archive cannot be written.
        """
        now = self._equipment.clock.now()
        self._renewals.mkdir(mode=0o700, exist_ok=True)
        counts: Counter[str] = Counter()
        with SiteLock(self._renewals):
            try:
                for one in self._purged(self._retention.passed_before(now)):
                    self._note(one, counts)
                    if self.stopping.is_set():
                        return counts
            except SiteFault as fault:
                self._note_fault(fault)
                raise
        self._told = ""
        if counts:
            details = {key: str(counts[key]) for key in ("purged", "kept", "failed")}
            self._equipment.log.record("purge.ended", details)
        self._equipment.memory.remember(_LATEST, now.isoformat())
        return counts

    def _purged(self, before: datetime) -> Iterator[Purged]:
        return chain(finish(self._equipment), purge(self._equipment, before, "sealgate"))

    def _note_fault(self, fault: SiteFault) -> None:
        """Log once what keeps every job from being purged."""
        if fault.code != self._told:
            details = {"code": fault.code, "detail": display(fault.detail)}
            self._equipment.log.record("purge.failed", details)
            self._told = fault.code

    def _note(self, one: Purged, counts: Counter[str]) -> None:
        """Count what became of a job; one that could not be purged is logged."""
        counts["failed" if one.fault else "purged" if one.done else "kept"] += 1
        if one.fault is not None:
            details = {"job": one.job.id, "code": one.fault.code}
            details["detail"] = display(one.fault.detail)
            self._equipment.log.record("purge.failed", details)


@contextmanager
def purging(scheduled: ScheduledPurge | None, say: Callable[[str], None]) -> Iterator[None]:
    """Purge by schedule while the block runs."""
    if scheduled is None:
        yield
        return
    looks = (partial(_look, scheduled, say),)
    stopping = scheduled.stopping
    with background("archive", looks, say, stopping=stopping, again=_AGAIN_SECONDS):
        yield


def _look(scheduled: ScheduledPurge, say: Callable[[str], None]) -> float:
    if scheduled.due():
        counts = scheduled.run()
        say(
            f"archive: {counts['purged']} purged, {counts['kept']} kept,"
            f" {counts['failed']} could not be purged"
        )
    return _LOOK_SECONDS
