"""Attending the inboxes: scan, settle, claim. Events only say where to look sooner."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.core.job import Job
from gateway.core.monitoring import Arriving, Queue
from gateway.core.names import display
from gateway.core.site import InboxSettings
from gateway.core.states import State
from gateway.daemon.gate import Gate
from gateway.folders.inbox import FolderInbox
from gateway.folders.settle import Patience, Settling
from gateway.pipeline.batches import look_into
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.intake import finish_claims, take
from gateway.ports import Bystander, Candidate

_CLOSEST = 0.02
"""Seconds between two scans of an inbox, whatever the events say: a file's quiet time begins with
the scan that sees it."""
_SHOWN = 200
"""Files of an inbox that are told by name while they wait."""
_SHARE = 10
"""A scan may take one part in so many of the time."""
_SHARE_OF_BACKLOG = 50
"""The same while there is more to do than can be done before the next scan."""
_FEWEST = 4
"""Between two scans files are taken when there is room for one part in so many of the most, since
taking several costs little more than taking one."""


@dataclass
class _Attended:
    """One inbox and what is remembered of it between scans."""

    settings: InboxSettings
    inbox: FolderInbox
    settling: Settling
    gate: Gate
    due: float = 0.0
    """Monotonic time of the next scan."""
    earliest: float = 0.0
    """Monotonic time before which no hint brings a scan forward."""
    noticed: dict[tuple[str, str], tuple[float, bool]] = field(default_factory=dict)
    """What is left where it is and why: since when (monotonic), and whether that was logged."""
    finished: bool = False
    """No claim is left that was interrupted, by the end of a process or by a fault."""
    held: bool = True
    """There may be a hold of this inbox, from before us or from an earlier scan."""
    ready: deque[Candidate] = field(default_factory=deque)
    """Files that had settled at the last scan, and for which there was no room."""
    most: int = 0
    """The largest room there was."""
    waiting: int = 0
    """Files seen at the last scan that may be claimed, and were not."""
    resting: int = 0
    """Files seen at the last scan that wait for the hours or a sweep."""
    seen: dict[tuple[str, int], datetime] = field(default_factory=dict)
    """Name and inode of all those files → when each was first seen; replaced, never changed."""
    why: dict[str, str] = field(default_factory=dict)
    """Name of each that has not settled → why not; replaced, never changed."""


class Attendance:
    """All inboxes of a site. `hint` may be called from any thread, the rest from one."""

    def __init__(
        self,
        equipment: Equipment,
        inboxes: tuple[tuple[InboxSettings, FolderInbox], ...],
        reports: Path,
    ):
        self._equipment = equipment
        clock = equipment.clock
        self._attended = {
            settings.name: _Attended(
                settings, inbox, Settling(clock), Gate(equipment, settings, reports)
            )
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
            if attended.gate.opens():
                attended.due = now
            if attended.due <= now:
                claimed += self._scan(attended, room(name))
            elif attended.ready:
                claimed += self._take_ready(attended, room(name))
            self._end_sweep(attended)
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
        """Return how many files were seen and could have been claimed at the last scans."""
        return sum(attended.waiting for attended in self._attended.values())

    def resting(self) -> int:
        """Return how many files wait for the hours of their inbox, or for its sweep."""
        return sum(attended.resting for attended in self._attended.values())

    def sweeping(self) -> bool:
        """Tell whether a sweep of an inbox has begun and not ended."""
        return any(attended.gate.sweeping for attended in self._attended.values())

    def _end_sweep(self, attended: _Attended) -> None:
        try:
            attended.gate.end()
        except SiteFault as fault:
            self._hold(f"inbox:{attended.settings.name}", fault)
            attended.held = True

    def queues(self) -> dict[str, Queue]:
        """Return what lay unclaimed in each inbox at its last scan; callable from any thread."""
        return {name: _queue(one.seen, one.why) for name, one in self._attended.items()}

    def _note_waiting(
        self, attended: _Attended, candidates: tuple[Candidate, ...], claimed: set[str]
    ) -> None:
        now, before = self._equipment.clock.now(), attended.seen
        keys = ((one.source, one.inode) for one in candidates if one.source not in claimed)
        attended.seen = {key: before.get(key, now) for key in keys}
        attended.why = {one.candidate.source: one.why for one in attended.settling.waiting()}

    def _scan(self, attended: _Attended, room: int) -> list[Job]:
        clock = self._equipment.clock
        began = clock.monotonic()
        looked = 0.0
        claimed: list[Job] = []
        subject = f"inbox:{attended.settings.name}"
        try:
            if not attended.finished:
                finish_claims(self._equipment, attended.settings.name)
                attended.finished = True
            known = look_into(self._equipment, attended.inbox)
            candidates = known.candidates
            admitted = attended.gate.admit(candidates)
            settled = attended.settling.settled(
                admitted,
                Patience(
                    attended.inbox.quiet,
                    attended.settings.incomplete_after,
                    attended.settings.open_after,
                ),
                attended.inbox.looks_complete,
                attended.inbox.being_written,
            )
            looked = clock.monotonic() - began
            claimed = self._take(attended, settled[:room], known.batch_of)
            attended.ready = self._keep(attended, settled[room:])
            self._note_ignored(attended, known.left)
            attended.waiting = len(admitted) - len(claimed) + known.undecided
            attended.resting = len(candidates) - len(admitted)
            self._note_waiting(attended, candidates, {job.source for job in claimed})
            if attended.held:
                self._equipment.holds.release(subject)
                attended.held = False
        except SiteFault as fault:
            self._hold(subject, fault)
            attended.held = True
            attended.finished = False
        ended = clock.monotonic()
        # While more has settled than can be taken, newer files would wait behind that anyway.
        share = _SHARE_OF_BACKLOG if len(attended.ready) > room else _SHARE
        # Claiming takes its time of the disk, and only where there is something to claim.
        attended.earliest = ended + max(_CLOSEST, (looked or ended - began) * share)
        soon = attended.settling.next_due()
        pause = attended.settings.scan_every
        if soon is not None:
            pause = min(pause, soon)
        attended.due = max(ended + pause, attended.earliest)
        return claimed

    def _take(
        self,
        attended: _Attended,
        candidates: tuple[Candidate, ...],
        batch_of: Callable[[Candidate], str] = lambda candidate: "",
    ) -> list[Job]:
        jobs = take(self._equipment, candidates, attended.settings.priority, batch_of)
        attended.gate.claimed(candidates)
        return [job for job in jobs if job.state is not State.VOID]

    def _keep(self, attended: _Attended, settled: tuple[Candidate, ...]) -> deque[Candidate]:
        """Return what may be taken later without another scan: where a name alone decides."""
        name, settings = attended.settings.name, attended.settings
        steered = settings.opening.limited or settings.trigger or attended.inbox.with_tickets
        if steered or name in self._equipment.batch_terms:
            return deque()
        return deque(settled)

    def _take_ready(self, attended: _Attended, room: int) -> list[Job]:
        """Claim what has settled at an earlier scan; whatever has happened to it is noticed."""
        ready = attended.ready
        attended.most = max(attended.most, room)
        if room < min(len(ready), attended.most // _FEWEST + 1):
            return []
        chosen = tuple(ready.popleft() for _ in range(min(room, len(ready))))
        try:
            there = tuple(one for one in chosen if not attended.inbox.paused(one))
            claimed = self._take(attended, there)
        except SiteFault as fault:
            self._hold(f"inbox:{attended.settings.name}", fault)
            attended.held, attended.finished, attended.ready = True, False, deque()
            return []
        attended.waiting = max(0, attended.waiting - len(claimed))
        return claimed

    def _hold(self, subject: str, fault: SiteFault) -> None:
        """Say once that an inbox cannot be attended; it is looked at again at the next scan."""
        if all(hold.subject != subject for hold in self._equipment.holds.all()):
            now = self._equipment.clock.now().timestamp()
            self._equipment.holds.hold(subject, fault.code, fault.detail, now)

    def _note_ignored(self, attended: _Attended, bystanders: tuple[Bystander, ...]) -> None:
        """Log once what is left where it is, when it has been there for longer than it may."""
        now = self._equipment.clock.monotonic()
        former, attended.noticed = attended.noticed, {}
        for one in sorted(bystanders, key=lambda one: (one.source, one.why)):
            since, told = former.get((one.source, one.why), (now, False))
            if not told and now - since >= one.patience:
                details = {"inbox": one.inbox, "source": display(one.source), "why": one.why}
                self._equipment.log.record(one.event, details)
                told = True
            attended.noticed[one.source, one.why] = (since, told)


def _queue(seen: dict[tuple[str, int], datetime], why: dict[str, str]) -> Queue:
    longest = sorted(seen.items(), key=lambda item: (item[1], item[0]))[:_SHOWN]
    first = (Arriving(source, since, why.get(source, "")) for (source, _), since in longest)
    return Queue(len(seen), tuple(first))
