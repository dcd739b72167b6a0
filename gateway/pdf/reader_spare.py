"""A reader that is started ahead, so that no document waits half a second for one to begin."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from gateway.core.errors import SiteFault
from gateway.pdf.reader_process import ReaderProcess


class Spare:
    """At most one process that nobody uses yet; for many threads."""

    def __init__(self, start: Callable[[], ReaderProcess]) -> None:
        self._start = start
        self._changed = threading.Condition()
        self._process: ReaderProcess | None = None
        self._starting = False
        self._ended = False

    def order(self) -> None:
        """Let one be started on a thread of its own, unless there is one, or will be."""
        with self._changed:
            if self._process is not None or self._starting or self._ended:
                return
            self._starting = True
        threading.Thread(target=self._run, name="reader-spare", daemon=True).start()

    def take(self, *, wait: bool) -> ReaderProcess | None:
        """Return it, if there is one; with `wait`, also one that is about to be ready."""
        with self._changed:
            self._changed.wait_for(lambda: not (wait and self._starting))
            process, self._process = self._process, None
            return process

    def end(self) -> None:
        """End it, and start no other."""
        with self._changed:
            self._ended = True
            self._changed.wait_for(lambda: not self._starting)
            process, self._process = self._process, None
        if process is not None:
            process.end()

    def _run(self) -> None:
        process = None
        try:
            # Who needs one and finds none starts it, and says what is wrong.
            with suppress(SiteFault):
                process = self._start()
        finally:
            with self._changed:
                self._process, self._starting = process, False
                self._changed.notify_all()
