"""Time-stamping the log by schedule, on a thread of its own: no document waits for an authority.

Whether it is time is asked of the ledger, so neither a restart nor a missed day is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from gateway.core.errors import UsageFault
from gateway.core.log_timestamps import SUBJECT, LogTimestamp
from gateway.daemon.attempting import attempt, may_try, release
from gateway.daemon.background import background
from gateway.daemon.lock import SiteLock
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.log_stamping import LogStamping

_LOOK_SECONDS = 1.0


class StampingWork:
    """Stamps the log of a site, in one process at a time."""

    def __init__(self, equipment: Equipment, stamping: LogStamping, folder: Path) -> None:
        """Lock `folder`, which is made where it is missing, while stamping."""
        self._equipment = equipment
        self._stamping = stamping
        self._folder = folder

    @property
    def wanted(self) -> bool:
        """Tell whether the site wants it done by schedule."""
        return self._stamping.settings is not None

    def at_once(self, actor: str) -> LogTimestamp:
        """Stamp now; a hold ends. Raises `UsageFault` (`usage.already-running`), and as `stamp`."""
        with self._alone():
            stamp = self._stamping.stamp(actor)
        release(self._equipment, SUBJECT)
        return stamp

    def look(self) -> LogTimestamp | None:
        """Stamp if it is time to, and the pause after a failure is over."""
        if not self._stamping.due() or not may_try(self._equipment, SUBJECT):
            return None
        made: list[LogTimestamp | None] = []
        try:
            with self._alone():
                attempt(self._equipment, SUBJECT, lambda: self._stamp(made))
        except UsageFault:
            return None  # a command is doing it
        return made[0] if made else None

    def begin(self) -> None:
        """End the hold of a site that does not want it any more."""
        if not self.wanted:
            release(self._equipment, SUBJECT)

    def _stamp(self, made: list[LogTimestamp | None]) -> int:
        made.append(self._stamping.stamp_if_due("sealgate"))
        return 1

    def _alone(self) -> SiteLock:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        return SiteLock(self._folder)


@contextmanager
def stamping(work: StampingWork, say: Callable[[str], None]) -> Iterator[None]:
    """Stamp the log by schedule while the block runs."""
    work.begin()
    if not work.wanted:
        yield
        return
    with background("log timestamp", (partial(_look, work, say),), say):
        yield


def _look(work: StampingWork, say: Callable[[str], None]) -> float:
    stamp = work.look()
    if stamp is not None:
        say(f"log: time-stamped up to entry {stamp.head.sequence} by {stamp.authority}")
    return _LOOK_SECONDS
