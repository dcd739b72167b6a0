"""Dispatch: which jobs may be worked on now, and the threads that do."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from gateway.core.errors import SealgateError
from gateway.core.fairness import choose
from gateway.core.job import Job
from gateway.core.states import State
from gateway.daemon.backlog import Backlog
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.runner import Runner
from gateway.pipeline.waiting import ALONE, NEVER, rests
from gateway.ports import Hold

_AT_THE_SERVICE = frozenset({State.PLANNED, State.PREPARED, State.SENT})
_MOST_AHEAD = 8
"""Jobs for each thread that may have ended while their working files were still there."""
_LEDGER_PAUSE = 5.0
"""Seconds for which a job is left alone whose outcome could not even be written down."""


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


class Dispatcher:
    """Gives ready jobs to a bounded number of threads; each job to one at a time."""

    def __init__(
        self,
        equipment: Equipment,
        in_flight: int,
        finished: Callable[[Job], None],
        limits: Mapping[str, int],
        say: Callable[[str], None],
    ) -> None:
        self._equipment = equipment
        self._backlog = Backlog(equipment.jobs, equipment.clock)
        self._runner = Runner(equipment)
        self._in_flight = in_flight
        self._finished = finished
        self._say = say
        self._threads = ThreadPoolExecutor(in_flight, thread_name_prefix="job")
        self._limits = limits
        """Inbox → its jobs under way at the most."""
        self._turns: dict[str, int] = {}
        """Inbox → number of the start of its latest job."""
        self._working: dict[str, tuple[Job, str]] = {}
        """Id → the job as it was started, and the hold it probes or an empty string."""
        self._paused: dict[str, float] = {}
        self._at_once: set[str] = set()
        """Holds to be probed without waiting for their time."""
        self._lock = threading.Lock()
        self._runner.leftovers.find(newest=in_flight * _MOST_AHEAD)

    def dispatch(self) -> int:
        """Start what can be started; return how many jobs are under way."""
        self._runner.leftovers.again()
        ready = self._ready()
        probes = {job.id: probed for job, probed in ready}
        with self._lock:
            working = [job for job, _ in self._working.values()]
        jobs = sorted((job for job, _ in ready), key=lambda job: (job.created, job.id))
        for job in choose(jobs, working, self._in_flight, self._limits, self._turns):
            self._turns[job.inbox] = max(self._turns.values(), default=0) + 1
            probed = probes[job.id]
            with self._lock:
                self._working[job.id] = (job, probed)
            self._threads.submit(self._work, job, probed)
        with self._lock:
            return len(self._working)

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
        """Wait for the jobs under way; nothing new is started."""
        self._threads.shutdown(wait=True)

    def _ready(self) -> list[tuple[Job, str]]:
        """Choose the jobs to start: those nothing blocks, and one at random to probe each hold."""
        now, monotonic = self._equipment.clock.now().timestamp(), self._equipment.clock.monotonic()
        holds = {hold.subject: hold for hold in self._equipment.holds.all()}
        with self._lock:
            working = {key: probed for key, (_, probed) in self._working.items()}
        ready: list[tuple[Job, str]] = []
        probes: dict[str, list[Job]] = {}
        elsewhere: list[Job] = []
        for job in self.active():
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

    def _work(self, job: Job, probed: str) -> None:
        try:
            now = self._equipment.jobs.get(job.id)
            if now == job:
                job = self._runner.run(job, probing=probed)
            elif now is not None:
                job = now  # somebody else has changed it: the next round decides anew
            self._backlog.note(job)
        except SealgateError as error:
            # The ledger itself failed, so nothing could be written down; the job stands where
            # it stood and is taken up again after a pause.
            self._say(f"{job.id}: {error}")
            self._paused[job.id] = self._equipment.clock.monotonic() + _LEDGER_PAUSE
            self._backlog.look_soon()
        finally:
            with self._lock:
                del self._working[job.id]
            self._finished(job)
