"""What lies about of a job in outbox and archive, whatever the ledger knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway.core.job import Job


@dataclass(frozen=True)
class Trace:
    """A receipt that names the job, and the result beside it."""

    receipt: bytes
    result: Path
    """Where the receipt's result is, or was."""
    taken: bool
    """The result is not there any more."""
    archived: bool
    """It lies in the archive, to which nobody else writes."""


class Traces(Protocol):
    """Outbox and archive, looked through for results of jobs that a ledger has forgotten."""

    def of(self, job: Job) -> Trace | None:
        """Return what lies about of a job, in the archive or else in the outbox.

        Raises `SiteFault`.
        """
