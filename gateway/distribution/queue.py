"""Jobs submitted to a queue in the ledger's database, of which workers of all nodes take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import psycopg
from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from gateway.core.errors import SealgateError, SiteFault
from gateway.distribution.tasks import LIVE, QUEUE, errand_of, task_of
from gateway.ports import Ended, Errand

Sessions = Callable[[], AbstractContextManager[psycopg.Connection[tuple[Any, ...]]]]
"""Yields a session of the ledger; raises its errors as `SiteFault`."""

_AHEAD = 2
"""Jobs submitted for each that a worker can run at a time: none waits for the coordinator."""
_LOOK, _SELDOM = 0.1, 1.0
"""Seconds between two looks at the queue, while something is there and else."""
_WORKERS = "SELECT count(*) FROM procrastinate_workers"


class _Pool:
    """What procrastinate takes its sessions from: the ledger's own."""

    def __init__(self, sessions: Sessions) -> None:
        self.connection = sessions


class TaskQueue:
    """The port `Distribution`, for the node that coordinates."""

    def __init__(self, sessions: Sessions, threads: int) -> None:
        """Let `sessions` be used for statements; each worker runs `threads` jobs at a time."""
        self._sessions = sessions
        self._threads = threads
        connector = SyncPsycopgConnector()
        connector.open(_Pool(sessions))  # type: ignore[arg-type]  # all that is used of a pool
        self._tasks = App(connector=connector).job_manager
        self._known: set[str] = set()
        """Jobs submitted whose end was not told."""
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None
        self._room = 0

    def begin(self, ended: Ended) -> Mapping[str, Errand]:
        """Watch the queue from here on; return what is in it."""
        found = self._look()
        self._known = set(found)
        self._count()
        self._stopping.clear()
        self._watcher = threading.Thread(
            target=self._watch, args=(ended,), name="queue", daemon=True
        )
        self._watcher.start()
        return found

    def room(self) -> int:
        """Return how many jobs all workers together can run, and some that wait for them."""
        return self._room

    def submit(self, errands: tuple[Errand, ...]) -> None:
        """Let jobs be run by any node."""
        if not errands:
            return
        try:
            self._tasks.batch_defer_jobs([task_of(one) for one in errands])
        except AlreadyEnqueued as error:
            # By a former coordinator, after we have looked: it is taken up as it ends.
            with self._lock:
                self._known |= set(self._look())
            raise SiteFault("ledger.busy", str(error)) from error
        except ConnectorException as error:
            raise SiteFault("ledger.busy", str(error)) from error
        with self._lock:
            self._known |= {one.job for one in errands}
        self._wake.set()

    def stop(self) -> None:
        """Watch no longer; what is in the queue is run by others, or by who coordinates next."""
        self._stopping.set()
        self._wake.set()
        if self._watcher is not None:
            self._watcher.join()
            self._watcher = None

    def _look(self) -> dict[str, Errand]:
        try:
            tasks = self._tasks.list_jobs(queue=QUEUE)
        except ConnectorException as error:
            raise SiteFault("ledger.busy", str(error)) from error
        errands = (errand_of(task) for task in tasks if task.status in LIVE)
        return {errand.job: errand for errand in errands}

    def _count(self) -> None:
        with self._sessions() as session:
            found = session.execute(_WORKERS).fetchone()
        self._room = int(found[0]) * self._threads * _AHEAD if found else 0

    def _watch(self, ended: Ended) -> None:
        counted = 0.0
        while not self._stopping.is_set():
            self._wake.wait(_LOOK if self._known else _SELDOM)
            if self._wake.is_set():
                self._wake.clear()
                self._stopping.wait(_LOOK)
            try:
                if time.monotonic() - counted > _SELDOM:
                    self._count()
                    counted = time.monotonic()
                self._tell(ended)
            except SealgateError:  # the rounds of the coordinator tell of it
                self._stopping.wait(_SELDOM)

    def _tell(self, ended: Ended) -> None:
        # Known before the look: what is submitted meanwhile may be missing from it.
        with self._lock:
            before = set(self._known)
        if not before:
            return
        for job_id in sorted(before - self._look().keys()):
            with self._lock:
                self._known.discard(job_id)
            ended(job_id, None)
