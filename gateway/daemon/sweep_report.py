"""The report of a sweep: one file for programs, one for people."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.core.job import Job
from gateway.core.names import display
from gateway.core.states import State
from gateway.folders import durable
from gateway.folders.faults import as_site_fault


@dataclass(frozen=True)
class SweepReport:
    """What became of the documents that one sweep took."""

    inbox: str
    begun: datetime
    ended: datetime
    jobs: tuple[Job, ...]

    @property
    def delivered(self) -> tuple[Job, ...]:
        """Return the documents that were delivered and archived."""
        return tuple(job for job in self.jobs if job.state is State.ARCHIVED)

    @property
    def failed(self) -> tuple[Job, ...]:
        """Return the documents that failed."""
        return tuple(job for job in self.jobs if job.state is State.FAILED)

    @property
    def held(self) -> tuple[Job, ...]:
        """Return the documents that still wait, for a person or a far-off day."""
        ended = (State.ARCHIVED, State.FAILED, State.VOID)
        return tuple(job for job in self.jobs if job.state not in ended)

    @property
    def seconds(self) -> float:
        """Return how long it took, by the clock of the machine."""
        return max(0.0, round((self.ended - self.begun).total_seconds(), 1))

    def details(self) -> dict[str, str]:
        """Return what the signing log says of it."""
        return {
            "inbox": self.inbox,
            "delivered": str(len(self.delivered)),
            "failed": str(len(self.failed)),
            "held": str(len(self.held)),
            "seconds": f"{self.seconds:g}",
        }

    def write(self, folder: Path) -> Path:
        """Write both files durably; one written before a crash stands. Raises `SiteFault`."""
        stem = f"{self.inbox}-{self.begun.astimezone(UTC):%Y%m%dT%H%M%S%fZ}"
        path = folder / f"{stem}.json"
        with as_site_fault(folder):
            folder.mkdir(mode=0o750, exist_ok=True)
            with suppress(FileExistsError):
                durable.write_exclusive(folder / f"{stem}.txt", self._text().encode())
            with suppress(FileExistsError):
                durable.write_exclusive(path, self._json().encode())
        return path

    def _json(self) -> str:
        value = {
            "inbox": self.inbox,
            "begun": _written(self.begun),
            "ended": _written(self.ended),
            "seconds": self.seconds,
            "delivered": [
                {"job": job.id, "source": display(job.source), "result": display(job.delivered)}
                for job in self.delivered
            ],
            "failed": [_trouble(job) for job in self.failed],
            "held": [_trouble(job) for job in self.held],
        }
        return json.dumps(value, ensure_ascii=False, indent=2) + "\n"

    def _text(self) -> str:
        lines = [
            f"Sweep of inbox {self.inbox}, begun {_written(self.begun)}",
            f"{len(self.delivered)} delivered, {len(self.failed)} failed, {len(self.held)} held, "
            f"{self.seconds:g} seconds",
        ]
        lines += [f"failed  {display(job.source)}: {job.code}" for job in self.failed]
        lines += [f"held    {display(job.source)}: {job.code}" for job in self.held]
        return "\n".join(lines) + "\n"


def _trouble(job: Job) -> dict[str, str]:
    return {"job": job.id, "source": display(job.source), "code": job.code}


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
