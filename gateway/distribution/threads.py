"""Jobs run by threads of this process."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from gateway.ports import Ended, Errand, Work


class LocalThreads:
    """The port `Distribution`, on one machine: a bounded number of threads."""

    def __init__(self, threads: int, work: Work) -> None:
        self._size = threads
        self._work = work
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="job")
        self._ended: Ended = lambda job_id, job: None

    def begin(self, ended: Ended) -> Mapping[str, Errand]:
        """Tell `ended` from here on; nothing is left of former processes."""
        self._ended = ended
        return {}

    def room(self) -> int:
        """Return the number of threads."""
        return self._size

    def submit(self, errands: tuple[Errand, ...]) -> None:
        """Let jobs be run by the next threads that are free."""
        for errand in errands:
            self._threads.submit(self._run, errand)

    def stop(self) -> None:
        """Wait for the jobs under way."""
        self._threads.shutdown(wait=True)

    def _run(self, errand: Errand) -> None:
        job = None
        try:
            job = self._work(errand)
        finally:
            self._ended(errand.job, job)
