"""Repeating the signing log as it grows: every entry from the start on, in its order, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.core.log_lines import line_of_entry
from gateway.core.names import display
from gateway.daemon.background import background
from gateway.ports import Jobs, LogTail

_LOOK_SECONDS = 0.5
_PAGE = 500


@contextmanager
def following(
    tail: LogTail, jobs: Jobs, write: Callable[[str], None], say: Callable[[str], None]
) -> Iterator[None]:
    """Write a line for each entry that is appended while the block runs."""
    follower = _Follower(tail, jobs, write)
    with background("log", (follower.look,), say, once_more=True):
        yield


class _Follower:
    """Remembers up to where the log was repeated."""

    def __init__(self, tail: LogTail, jobs: Jobs, write: Callable[[str], None]) -> None:
        self._tail = tail
        self._jobs = jobs
        self._write = write
        self._seen = tail.head()

    def look(self) -> float:
        """Write everything that is new, leaving nothing out after a fault; raises `SiteFault`."""
        while entries := self._tail.after(self._seen, _PAGE):
            for entry in entries:
                self._write(line_of_entry(entry, self._facts(entry.job)))
                self._seen = entry.sequence
        return _LOOK_SECONDS

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
