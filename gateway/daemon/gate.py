"""The gate of an inbox: which of its files may be taken now, and the sweeps that open it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from gateway.core.job import Job
from gateway.core.opening import Opening
from gateway.core.site import InboxSettings
from gateway.core.states import ACTIVE, State
from gateway.daemon.sweep_report import SweepReport
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.waiting import rests
from gateway.ports import Candidate, Memory

_LATEST, _BEGUN, _ASKED = "sweep.latest:", "sweep.begun:", "sweep.asked:"
_ASTRAY = timedelta(minutes=1)
"""A sweep remembered from so far in the future was begun by a clock that went wrong."""
_FEW = 256
"""Jobs looked at first; more while they may all belong to the sweep."""


def ask_for_sweep(memory: Memory, inbox: str, now: datetime) -> None:
    """Let what waits in an inbox be taken whatever the hour, by whoever works on the site."""
    memory.remember(_ASKED + inbox, now.isoformat())


def waits_until(memory: Memory, settings: InboxSettings, now: datetime) -> datetime | None:
    """Return when the files that wait in an inbox will be taken; None when that is now."""
    last = memory.recall(_LATEST + settings.name)
    return settings.opening.opens(datetime.fromisoformat(last) if last else now, now)


class Gate:
    """Decides for one inbox. A sweep that was begun goes on after a crash, then reports."""

    def __init__(self, equipment: Equipment, settings: InboxSettings, reports: Path) -> None:
        self._equipment = equipment
        self._memory = equipment.memory
        self._name = settings.name
        self._opening: Opening = settings.opening
        self._reports = reports
        begun = self._memory.recall(_BEGUN + self._name) if self._opening.limited else None
        self._since = datetime.fromisoformat(begun) if begun else None
        self._pending: set[tuple[str, int]] | None = None
        """Files of the sweep still to be claimed; None until they are looked at."""
        self._took = False

    @property
    def sweeping(self) -> bool:
        """Tell whether a sweep has begun and not ended."""
        return self._since is not None

    def opens(self) -> bool:
        """Tell whether the gate opens at this moment: a sweep begins, or the hours do."""
        if not self._opening.limited:
            return False
        now = self._equipment.clock.now()
        took, self._took = self._took, self._opening.takes(now)
        return self._begin(now) or (self._took and not took)

    def admit(self, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """Return those that may be taken now."""
        takes = self._opening.takes(self._equipment.clock.now())
        if self._since is not None:
            there = {_identity(candidate) for candidate in candidates}
            self._pending = there if self._pending is None else self._pending & there
        if takes:
            return candidates
        pending = self._pending or set()
        return tuple(found for found in candidates if _identity(found) in pending)

    def claimed(self, candidates: Iterable[Candidate]) -> None:
        """Note that files were taken."""
        if self._pending is not None:
            self._pending -= {_identity(candidate) for candidate in candidates}

    def end(self) -> None:
        """Report the sweep once every document of it has ended; raises `SiteFault`."""
        if self._since is None or self._pending is None or self._pending:
            return
        now = self._equipment.clock.now()
        for job in self._equipment.jobs.find(ACTIVE):
            if job.inbox == self._name and job.created >= self._since and not rests(job, now):
                return
        report = SweepReport(self._name, self._since, now, self._jobs(self._since))
        path = report.write(self._reports)
        self._equipment.log.record("sweep.ended", report.details() | {"report": path.name})
        self._memory.remember(_BEGUN + self._name, "")
        self._since = self._pending = None

    def _begin(self, now: datetime) -> bool:
        """Begin the sweep that is due or was asked for; one under way takes the new files, too."""
        asked = bool(self._memory.recall(_ASKED + self._name))
        due = bool(self._opening.sweeps) and self._opening.due(self._latest(now), now)
        if not asked and not due:
            return False
        if self._since is None:
            self._since = now
            self._memory.remember(_BEGUN + self._name, now.isoformat())
        self._pending = None
        # Only now: a crash before this begins the same sweep again, which harms nobody.
        if due:
            self._memory.remember(_LATEST + self._name, now.isoformat())
        if asked:
            self._memory.remember(_ASKED + self._name, "")
        return True

    def _latest(self, now: datetime) -> datetime:
        """Return up to when sweeps were begun; a new inbox has none to make up."""
        written = self._memory.recall(_LATEST + self._name)
        latest = datetime.fromisoformat(written) if written else None
        if latest is None or latest > now + _ASTRAY:
            self._memory.remember(_LATEST + self._name, now.isoformat())
            return now
        return latest

    def _jobs(self, since: datetime) -> tuple[Job, ...]:
        limit = _FEW
        while True:
            jobs = self._equipment.jobs.find(tuple(State), limit=limit, newest_first=True)
            if len(jobs) < limit or jobs[-1].created < since:
                ours = (job for job in reversed(jobs) if job.inbox == self._name)
                return tuple(job for job in ours if job.created >= since)
            limit *= 4


def _identity(candidate: Candidate) -> tuple[str, int]:
    return candidate.source, candidate.inode
