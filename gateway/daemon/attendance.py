"""Attending the inboxes: scan, settle, claim. Events only say where to look sooner."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.core.errors import SiteFault
from gateway.core.job import Job
from gateway.core.monitoring import Arriving, Queue
from gateway.core.names import display
from gateway.core.site import InboxSettings
from gateway.folders.inbox import FolderInbox
from gateway.folders.settle import Settling
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.intake import take
from gateway.ports import Candidate

_CLOSEST = 0.2
"""Seconds between two scans of an inbox, whatever the events say."""
_SHOWN = 200
"""Files of an inbox that are told by name while they wait."""
_SHARE = 10
"""A scan may take one part in so many of the time."""


@dataclass
class _Attended:
    """One inbox and what is remembered of it between scans."""

    settings: InboxSettings
    inbox: FolderInbox
    settling: Settling
    due: float = 0.0
    """Monotonic time of the next scan."""
    earliest: float = 0.0
    """Monotonic time before which no hint brings a scan forward."""
    ignored: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    held: bool = True
    """There may be a hold of this inbox, from before us or from an earlier scan."""
    waiting: int = 0
    """Files seen at the last scan and not claimed."""
    seen: dict[tuple[str, int], datetime] = field(default_factory=dict)
    """Name and inode of those files → when each was first seen; replaced, never changed."""


class Attendance:
    """All inboxes of a site. `hint` may be called from any thread, the rest from one."""

    def __init__(
        self, equipment: Equipment, inboxes: tuple[tuple[InboxSettings, FolderInbox], ...]
    ):
        self._equipment = equipment
        clock = equipment.clock
        self._attended = {
            settings.name: _Attended(settings, inbox, Settling(clock))
            for settings, inbox in inboxes
        }
        self._hints: set[str] = set(self._attended)
        self._lock = threading.Lock()

    def hint(self, name: str) -> None:
        """Note that something may have happened in an inbox."""
        with self._lock:
            self._hints.add(name)

    def attend(self, room: Callable[[str], int]) -> tuple[Job, ...]:
        """Scan the inboxes that are due and claim up to `room(name)` settled files of each."""
        now = self._equipment.clock.monotonic()
        with self._lock:
            hinted, self._hints = self._hints, set()
        claimed: list[Job] = []
        for name, attended in self._attended.items():
            if name in hinted:
                attended.due = min(attended.due, attended.earliest)
            if attended.due <= now:
                claimed += self._scan(attended, room(name))
        return tuple(claimed)

    def names(self) -> tuple[str, ...]:
        """Return the names of the inboxes."""
        return tuple(self._attended)

    def limits(self) -> dict[str, int]:
        """Return the bounds on jobs under way of those inboxes that have one."""
        settings = (attended.settings for attended in self._attended.values())
        return {item.name: item.in_flight for item in settings if item.in_flight is not None}

    def next_due(self) -> float:
        """Return the seconds until the next scan is due."""
        now = self._equipment.clock.monotonic()
        return max(0.0, min((item.due for item in self._attended.values()), default=3600) - now)

    def waiting(self) -> int:
        """Return how many files were seen and not claimed at the last scans."""
        return sum(attended.waiting for attended in self._attended.values())

    def queues(self) -> dict[str, Queue]:
        """Return what lay unclaimed in each inbox at its last scan; callable from any thread."""
        return {name: _queue(attended.seen) for name, attended in self._attended.items()}

    def _note_waiting(
        self, attended: _Attended, candidates: tuple[Candidate, ...], claimed: set[str]
    ) -> None:
        now, before = self._equipment.clock.now(), attended.seen
        keys = ((one.source, one.inode) for one in candidates if one.source not in claimed)
        attended.seen = {key: before.get(key, now) for key in keys}

    def _scan(self, attended: _Attended, room: int) -> list[Job]:
        clock = self._equipment.clock
        began = clock.monotonic()
        claimed: list[Job] = []
        subject = f"inbox:{attended.settings.name}"
        try:
            candidates, bystanders = attended.inbox.examine()
            settled = attended.settling.settled(
                candidates,
                attended.inbox.quiet,
                attended.settings.incomplete_after,
                attended.inbox.looks_complete,
            )
            priority = attended.settings.priority
            claimed = [take(self._equipment, found, priority) for found in settled[:room]]
            self._note_ignored(attended, frozenset((b.source, b.why) for b in bystanders))
            attended.waiting = len(candidates) - len(claimed)
            self._note_waiting(attended, candidates, {job.source for job in claimed})
            if attended.held:
                self._equipment.holds.release(subject)
                attended.held = False
        except SiteFault as fault:
            self._hold(subject, fault)
            attended.held = True
        ended = clock.monotonic()
        attended.earliest = ended + max(_CLOSEST, (ended - began) * _SHARE)
        soon = attended.settling.next_due()
        pause = attended.settings.scan_every
        if soon is not None:
            pause = min(pause, max(soon, attended.earliest - ended))
        attended.due = ended + pause
        return claimed

    def _hold(self, subject: str, fault: SiteFault) -> None:
        """Say once that an inbox cannot be attended; it is looked at again at the next scan."""
        if all(hold.subject != subject for hold in self._equipment.holds.all()):
            now = self._equipment.clock.now().timestamp()
            self._equipment.holds.hold(subject, fault.code, fault.detail, now)

    def _note_ignored(self, attended: _Attended, now: frozenset[tuple[str, str]]) -> None:
        for source, why in sorted(now - attended.ignored):
            self._equipment.log.record(
                "intake.ignored",
                {"inbox": attended.settings.name, "source": display(source), "why": why},
            )
        attended.ignored = now


def _queue(seen: dict[tuple[str, int], datetime]) -> Queue:
    longest = sorted(seen.items(), key=lambda item: (item[1], item[0]))[:_SHOWN]
    return Queue(len(seen), tuple(Arriving(source, since) for (source, _), since in longest))
