"""Repeating the signing log as it grows: every entry from the start on, in its order, once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.core.errors import SealgateError
from gateway.core.log_lines import line_of_entry
from gateway.core.names import display
from gateway.ports import Jobs, LogTail

_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 5.0
"""Pause after the ledger could not be read."""
_PAGE = 500


@contextmanager
def following(
    tail: LogTail, jobs: Jobs, write: Callable[[str], None], say: Callable[[str], None]
) -> Iterator[None]:
    """Write a line for each entry that is appended while the block runs."""
    follower = _Follower(tail, jobs, write)
    stopping = threading.Event()
    thread = threading.Thread(target=_follow, args=(follower, stopping, say), name="log")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def _follow(follower: _Follower, stopping: threading.Event, say: Callable[[str], None]) -> None:
    pause = _LOOK_SECONDS
    while True:
        ended = stopping.wait(pause)
        try:
            follower.write_new()
            pause = _LOOK_SECONDS
        except SealgateError as fault:
            # Documents meet the same fault, and it holds the site; nothing is left out later.
            say(f"log: {fault}")
            pause = _AGAIN_SECONDS
        if ended:
            return


class _Follower:
    """Remembers up to where the log was repeated."""

    def __init__(self, tail: LogTail, jobs: Jobs, write: Callable[[str], None]) -> None:
        self._tail = tail
        self._jobs = jobs
        self._write = write
        self._seen = tail.head()

    def write_new(self) -> None:
        """Write everything that is new; raises `SiteFault` of the ledger."""
        while entries := self._tail.after(self._seen, _PAGE):
            for entry in entries:
                self._write(line_of_entry(entry, self._facts(entry.job)))
                self._seen = entry.sequence

    def _facts(self, job_id: str) -> dict[str, str]:
        job = self._jobs.get(job_id) if job_id else None
        if job is None:
            return {}
        facts = {
            "inbox": job.inbox,
            "source": display(job.source),
            "rule": job.rule,
            "seal": job.seal,
        }
        return {key: value for key, value in facts.items() if value}
