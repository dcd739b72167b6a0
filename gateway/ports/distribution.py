"""Who runs the jobs that may go on: threads of this process, or nodes that share a queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from gateway.core.job import Job


@dataclass(frozen=True)
class Errand:
    """A job that may go on, as it stands now."""

    job: str
    version: int
    """One that has moved meanwhile is left alone: whoever sent the errand decides anew."""
    probing: str = ""
    """The hold that it probes, such as `service:NAME`."""


Work = Callable[[Errand], Job | None]
"""Runs a job as far as it goes and returns it; None when it stands as it stood. Never raises."""

Ended = Callable[[str, Job | None], None]
"""Told of the id of a job that nobody runs any more, and the job if that is known."""


class Distribution(Protocol):
    """Gives each job to one who runs it, to one at a time; `ended` is called on any thread."""

    def begin(self, ended: Ended) -> Mapping[str, Errand]:
        """Tell `ended` from here on; return what a former coordinator has submitted, by job."""

    def room(self) -> int:
        """Return how many jobs may be submitted and not ended at a time."""

    def submit(self, errands: tuple[Errand, ...]) -> None:
        """Let jobs be run, of which none is under way; each is told to `ended` once.

        Raises `SiteFault`; then perhaps some were submitted and not others: `begin` tells.
        """

    def stop(self) -> None:
        """Submit nothing more; wait for the jobs that only this process can run."""
