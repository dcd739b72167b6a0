"""The worker of a node: takes tasks from the queue and runs the jobs that they are about."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.worker import Worker

from gateway.distribution.tasks import NAME, QUEUE, errand_of
from gateway.ports import Work

_AGAIN = 1.0
"""Seconds after which a worker starts again that could not go on, as when the server is away."""
_POLL = 2.0
"""Seconds between two looks for tasks; usually the server tells of them."""
_NEVER = 1e9
"""Seconds of silence after which procrastinate would prune others: `Nodes.take_over` does that."""
_SESSIONS = 4
_PATIENCE = 5.0
"""Seconds to wait for a session; then the worker begins anew."""
_OPTIONS = "-c synchronous_commit=off -c idle_in_transaction_session_timeout=10000"
"""A task that is lost in a crash is missed by the coordinator."""

# What goes wrong there is said by us, once.
for _name in ("procrastinate", "psycopg.pool"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class TaskWorker:
    """Works on a thread of its own until it is stopped; it may rest in between."""

    def __init__(
        self,
        address: Mapping[str, str | int],
        threads: int,
        work: Work,
        became: Callable[[int | None], None],
        say: Callable[[str], None],
        *,
        heartbeat: float,
    ) -> None:
        """Run `threads` jobs at a time; `became` is told the worker's number, None as it ends."""
        self._address = address
        self._concurrency = threads
        self._work = work
        self._became = became
        self._say = say
        self._heartbeat = heartbeat
        self._lock = threading.Lock()
        self._number: int | None = None
        self._running: set[int] = set()
        """Tasks that threads are at work on."""
        self._adrift: set[int] = set()
        """Tasks that were ours at the last look, and no thread was at work on."""
        self._may_work = threading.Event()
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._keep_working, name="worker", daemon=True)

    def start(self, *, resting: bool = False) -> None:
        """Begin to take tasks, or to rest."""
        if not resting:
            self._may_work.set()
        self._thread.start()

    def rest(self) -> None:
        """Take nothing more; what is under way is finished. Returns at once."""
        self._may_work.clear()
        self._end_run()

    def work_again(self) -> None:
        """Take tasks again."""
        self._may_work.set()

    def stop(self) -> None:
        """Take nothing more, and return when what is under way has ended."""
        self._stopping = True
        self._end_run()
        self._may_work.set()
        self._thread.join()

    @property
    def number(self) -> int | None:
        """Its number, while it works."""
        return self._number

    def _end_run(self) -> None:
        with self._lock:
            if self._loop is not None and self._task is not None:
                self._loop.call_soon_threadsafe(self._task.cancel)

    def _keep_working(self) -> None:
        told = ""
        while not self._stopping:
            self._may_work.wait()
            if self._stopping:
                return
            try:
                asyncio.run(self._run())
                told = ""
            except asyncio.CancelledError:
                told = ""
            except Exception as error:  # whatever it is, a node without a worker is of no use
                if str(error) != told:
                    self._say(f"worker: {type(error).__name__}: {error}")
                told = str(error)
            if not self._stopping and self._may_work.is_set():
                time.sleep(_AGAIN)
                self._await_server()

    def _await_server(self) -> None:
        """Return when the server answers: a pool would try more and more seldom."""
        while not self._stopping:
            try:
                psycopg.connect("", **self._address).close()  # type: ignore[arg-type]
                return
            except psycopg.Error:
                time.sleep(_AGAIN)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: None)
        threads = ThreadPoolExecutor(self._concurrency + 2, thread_name_prefix="job")
        loop.set_default_executor(threads)
        app = self._app()
        try:
            async with app.open_async():
                worker = Worker(
                    app,
                    queues=[QUEUE],
                    concurrency=self._concurrency,
                    fetch_job_polling_interval=_POLL,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    update_heartbeat_interval=self._heartbeat,
                    stalled_worker_timeout=_NEVER,
                )
                tidying = asyncio.create_task(self._tidy(app, worker))
                task = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
                with self._lock:
                    self._loop, self._task = loop, task
                if self._stopping or not self._may_work.is_set():
                    task.cancel()
                try:
                    await task
                finally:
                    tidying.cancel()
        finally:
            with self._lock:
                self._loop = self._task = None
            threads.shutdown(wait=True)
            self._number = None
            self._became(None)

    def _app(self) -> App:
        options = {**self._address, "options": _OPTIONS}
        connector = PsycopgConnector(
            kwargs=options,
            configure=_set_up,
            min_size=1,
            max_size=_SESSIONS,
            timeout=_PATIENCE,
        )
        app = App(connector=connector)

        @app.task(name=NAME, queue=QUEUE, pass_context=True)
        def run(context: JobContext, /, **told: object) -> None:
            self._do(context)

        return app

    def _do(self, context: JobContext) -> None:
        task = context.job
        assert task.id is not None  # noqa: S101  # it was fetched
        self._working_as(task.worker_id)
        with self._lock:
            self._running.add(task.id)
        try:
            self._work(errand_of(task))
        finally:
            with self._lock:
                self._running.discard(task.id)

    def _working_as(self, number: int | None) -> None:
        with self._lock:
            if number is None or number == self._number:
                return
            self._became(number)
            self._number = number

    async def _tidy(self, app: App, worker: Worker) -> None:
        """Tell our number when it is known; finish tasks whose end could not be written down."""
        while worker.worker_id is None:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(self._working_as, worker.worker_id)
        while True:
            await asyncio.sleep(self._heartbeat)
            with suppress(ConnectorException):
                await self._finish_adrift(app, worker.worker_id)

    async def _finish_adrift(self, app: App, number: int) -> None:
        tasks = await app.job_manager.list_jobs_async(
            queue=QUEUE, status=Status.DOING.value, worker_id=number
        )
        with self._lock:
            left = {task.id for task in tasks if task.id is not None} - self._running
        for task_id in left & self._adrift:
            await app.job_manager.finish_job_by_id_async(
                task_id, status=Status.FAILED, delete_job=True
            )
        self._adrift = left


async def _set_up(connection: psycopg.AsyncConnection) -> None:
    await connection.set_autocommit(True)
