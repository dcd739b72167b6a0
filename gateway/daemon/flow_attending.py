"""Attending to contract flows beside the work: judging what a party brings may take long.

One thread of its own, so that no file of a party's keeps documents waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.core.any_fault import fault_of
from gateway.core.job import Job
from gateway.flows.clerk import Clerk

_LONGEST_WAIT = 1.0
"""Seconds between two looks at the ledger, where commands and the console act."""
_SHORTEST_WAIT = 0.01
_AGAIN = 5.0
"""Pause after the ledger could not be used."""
_PATIENCE = 30.0
"""Seconds for which the end waits for what is just being judged; the next start repeats it."""


class FlowAttending:
    """Lets a clerk work in a thread; `moved` and `ended` may be called from any."""

    def __init__(self, clerk: Clerk, say: Callable[[str], None]) -> None:
        self._clerk = clerk
        self._say = say
        self._look = threading.Event()
        self._stopping = False

    def moved(self) -> None:
        """Note that a party may have moved something."""
        self._clerk.hint()
        self._look.set()

    def ended(self, job: Job) -> None:
        """Note that a job has come to an end or a resting point."""
        if job.flow:
            self._look.set()

    @contextmanager
    def attending(self, wake: Callable[[], None]) -> Iterator[None]:
        """Work while the block runs, and `wake` those who work on jobs when there may be some."""
        thread = threading.Thread(target=self._work, args=(wake,), name="flows", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopping = True
            self._look.set()
            thread.join(_PATIENCE)

    def _work(self, wake: Callable[[], None]) -> None:
        told = ""
        while not self._stopping:
            self._look.clear()
            try:
                self._clerk.attend()
            except Exception as error:
                # Documents meet the same fault of the ledger, and it holds the site.
                fault = fault_of(error)
                if fault.code != told:
                    self._say(f"flows: {fault}")
                told = fault.code
                self._look.wait(_AGAIN)
                continue
            told = ""
            if self._clerk.working():
                wake()
            self._look.wait(min(_LONGEST_WAIT, self._clerk.next_due() or _SHORTEST_WAIT))
