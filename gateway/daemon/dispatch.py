"""Dispatch: which jobs may be worked on now. Who runs them is the business of `Distribution`."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from gateway.core.errors import SiteFault
from gateway.core.fairness import choose
from gateway.core.job import Job
from gateway.core.states import State
from gateway.daemon.backlog import Backlog
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.leftovers import Leftovers
from gateway.pipeline.waiting import ALONE, NEVER, rests
from gateway.ports import Distribution, Errand, Hold

_AT_THE_SERVICE = frozenset({State.PLANNED, State.PREPARED, State.SENT})
_MOST_AHEAD = 8
"""Jobs for each thread that may have ended while their working files were still there."""
_FEWEST_AHEAD = 16
"""Threads to reckon with while nobody is known to work."""
_LEDGER_PAUSE = 5.0
"""Seconds for which a job is left alone that was run and stands as it stood."""


def subject_of(job: Job) -> str:
    """Return what a job needs next and may be held: its service, the TSA, or nothing.

    Revocation data are waited for by those jobs alone that have asked for them in vain.
    """
    if job.code.startswith("revocation."):
        return "service:revocation"
    if job.state in _AT_THE_SERVICE:
        return f"service:{job.service}"
    return "service:tsa" if job.state in (State.SIGNED, State.EXTENDED) else ""


def _may_go_elsewhere(job: Job, holds: dict[str, Hold]) -> bool:
    """Tell whether another service of the job's rule is not held."""
    return job.state in (State.PLANNED, State.PREPARED) and any(
        f"service:{name}" not in holds for name in job.alternatives
    )


def _to_be_probed(job: Job, hold: Hold, holds: dict[str, Hold]) -> list[Hold]:
    """Return the holds that a job could probe: what blocks it, or any service it may go to."""
    if hold.subject == "site" or job.state not in (State.PLANNED, State.PREPARED):
        return [hold]
    others = (holds.get(f"service:{name}") for name in job.alternatives)
    return [hold, *(other for other in others if other is not None and other != hold)]


@dataclass(frozen=True)
class _Working:
    """A job that was given to somebody, as it was then."""

    job: Job
    errand: Errand


class Dispatcher:
    """Submits ready jobs to who runs them, as many as there is room for; each once at a time."""

    def __init__(
        self,
        equipment: Equipment,
        distribution: Distribution,
        finished: Callable[[Job], None],
        limits: Mapping[str, int],
    ) -> None:
        self._equipment = equipment
        self._backlog = Backlog(equipment.jobs, equipment.clock)
        self._distribution = distribution
        self._finished = finished
        self._limits = limits
        """Inbox → its jobs under way at the most."""
        self._turns: dict[str, int] = {}
        """Inbox → number of the start of its latest job."""
        self._working: dict[str, _Working] = {}
        self._paused: dict[str, float] = {}
        self._at_once: set[str] = set()
        """Holds to be probed without waiting for their time."""
        self._lock = threading.Lock()
        self._leftovers = Leftovers(equipment)
        with self._lock:  # whatever ends meanwhile waits for it
            for errand in distribution.begin(self._ended).values():
                job = equipment.jobs.get(errand.job)
                if job is not None:
                    self._working[job.id] = _Working(job, errand)
        self._leftovers.find(newest=_MOST_AHEAD * max(_FEWEST_AHEAD, distribution.room()))

    def dispatch(self) -> int:
        """Submit what can go on; return how many jobs are under way."""
        self._leftovers.again()
        ready = self._ready()
        probes = {job.id: probed for job, probed in ready}
        with self._lock:
            working = [one.job for one in self._working.values()]
        jobs = sorted((job for job, _ in ready), key=lambda job: (job.created, job.id))
        errands: list[Errand] = []
        for job in choose(jobs, working, self.room(), self._limits, self._turns):
            self._turns[job.inbox] = max(self._turns.values(), default=0) + 1
            errands.append(Errand(job.id, job.version, probes[job.id]))
            with self._lock:
                self._working[job.id] = _Working(job, errands[-1])
        if errands:
            self._submit(tuple(errands))
        with self._lock:
            return len(self._working)

    def room(self) -> int:
        """Return how many jobs may be under way at a time."""
        return self._distribution.room()

    def probe_at_once(self) -> None:
        """Let each hold that ends by itself be probed now: somebody asked for a pass."""
        self._at_once = {
            hold.subject for hold in self._equipment.holds.all() if hold.probe_at < NEVER
        }

    def claimed(self, jobs: Iterable[Job]) -> None:
        """Take jobs on that were just opened."""
        for job in jobs:
            self._backlog.note(job)

    def look_soon(self) -> None:
        """Ask the ledger at the next round: somebody else may have changed jobs. Any thread."""
        self._backlog.look_soon()

    def active(self) -> tuple[Job, ...]:
        """Return the jobs that have not come to their end, nor wait alone for their seal."""
        now = self._equipment.clock.now()
        return tuple(job for job in self._backlog.jobs(self._running) if not rests(job, now))

    def finished(self) -> bool:
        """Tell whether there are none of those, in the ledger as well."""
        if self.active():
            return False
        self._backlog.look_soon()
        return not self.active()

    def stuck(self) -> bool:
        """Tell whether jobs wait and none of them can go on before a hold ends."""
        with self._lock:
            if self._working:
                return False
        holds = {hold.subject: hold for hold in self._equipment.holds.all()}
        return all(
            self._blocking(job, holds) and not _may_go_elsewhere(job, holds)
            for job in self.active()
        )

    def stop(self) -> None:
        """Wait for the jobs that only this process can run; nothing new is started."""
        self._distribution.stop()

    def _ready(self) -> list[tuple[Job, str]]:
        """Choose the jobs to start: those nothing blocks, and one at random to probe each hold."""
        now, monotonic = self._equipment.clock.now().timestamp(), self._equipment.clock.monotonic()
        holds = {hold.subject: hold for hold in self._equipment.holds.all()}
        with self._lock:
            working = {key: one.errand.probing for key, one in self._working.items()}
        ready: list[tuple[Job, str]] = []
        probes: dict[str, list[Job]] = {}
        elsewhere: list[Job] = []
        active = self.active()
        if not active and "site" in holds and self._to_probe(holds["site"], now):
            # Nobody is left who could probe it: the next document finds out.
            self._equipment.holds.release("site")
        for job in active:
            resting = self._paused.get(job.id, 0.0) > monotonic
            if job.id in working or self._pauses(job, now) or resting:
                continue
            hold = self._blocking(job, holds)
            if hold is None:
                ready.append((job, ""))
                continue
            if "site" not in holds and _may_go_elsewhere(job, holds):
                elsewhere.append(job)
            for held in _to_be_probed(job, hold, holds):
                if held.subject not in working.values() and (
                    self._to_probe(held, now) or held.subject in self._at_once
                ):
                    probes.setdefault(held.subject, []).append(job)
        self._at_once -= probes.keys()
        chosen: dict[str, tuple[Job, str]] = {}
        for subject, jobs in probes.items():
            job = random.choice(jobs)  # noqa: S311
            chosen.setdefault(job.id, (job, subject))
        ready.extend((job, "") for job in elsewhere if job.id not in chosen)
        return [*ready, *chosen.values()]

    def _pauses(self, job: Job, now: float) -> bool:
        if job.code in ALONE:  # the next day or month of its seal may be far off
            return job.not_before > now
        return not self._equipment.retry.reached(job.not_before, now)

    def _to_probe(self, hold: Hold, now: float) -> bool:
        return hold.probe_at < NEVER and self._equipment.retry.reached(hold.probe_at, now)

    @staticmethod
    def _blocking(job: Job, holds: dict[str, Hold]) -> Hold | None:
        return holds.get("site") or holds.get(subject_of(job))

    def _running(self) -> frozenset[str]:
        with self._lock:
            return frozenset(self._working)

    def _submit(self, errands: tuple[Errand, ...]) -> None:
        try:
            self._distribution.submit(errands)
        except SiteFault:
            with self._lock:
                for errand in errands:
                    self._working.pop(errand.job, None)
            raise

    def _ended(self, job_id: str, job: Job | None) -> None:
        """Take a job back that somebody has run; the next round decides what follows."""
        with self._lock:
            started = self._working.get(job_id)
        if started is None:
            return
        try:
            job = job or self._equipment.jobs.get(job_id) or started.job
            if job.version == started.errand.version:
                # Nothing could be written down: it is taken up again after a pause.
                self._paused[job_id] = self._equipment.clock.monotonic() + _LEDGER_PAUSE
                self._backlog.look_soon()
            else:
                self._leftovers.discard(job)
                self._backlog.note(job)
        except SiteFault:
            job = started.job
            self._paused[job_id] = self._equipment.clock.monotonic() + _LEDGER_PAUSE
            self._backlog.look_soon()
        finally:
            with self._lock:
                self._working.pop(job_id, None)
        self._finished(job)
