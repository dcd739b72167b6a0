"""What a running daemon prints: lines for people, or one JSON object a line for programs."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from gateway.cli.output import complain
from gateway.core.errors import ConfigurationFault, SealgateError
from gateway.core.job import Job
from gateway.core.log_lines import line_of_saying
from gateway.core.names import display
from gateway.core.states import State
from gateway.daemon.log_following import following
from gateway.wiring import Site


class TextLog:
    """Lines for people, the default."""

    def say(self, text: str) -> None:
        """Say what is no event of the signing log."""
        complain(text)

    def ended(self, job: Job) -> None:
        """Say what became of a document for now."""
        complain(line_of_job(job))

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Do nothing: they are said as those of any command."""
        yield

    @contextmanager
    def repeating(self, site: Site) -> Iterator[None]:
        """Do nothing: who wants the signing log asks `sealgate log`."""
        yield


class JsonLog:
    """One JSON object a line: each entry of the signing log, and what is said beside it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Say what is no event of the signing log."""
        self._write(line_of_saying(text, datetime.now(UTC)))

    def ended(self, job: Job) -> None:
        """Say nothing: the signing log has it."""

    @contextmanager
    def repeating(self, site: Site) -> Iterator[None]:
        """Repeat the signing log while the block runs."""
        with following(site.ledger.tail, site.equipment.jobs, self._write, self.say):
            yield

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Say why nothing could be started in the same manner; ends the program then."""
        try:
            yield
        except ConfigurationFault as fault:
            for problem in fault.problems:
                self.say(str(problem))
            raise SystemExit(2) from None
        except SealgateError as error:
            self.say(f"{error} {error.remedy}")
            raise SystemExit(2) from None

    def _write(self, line: str) -> None:
        with self._lock:
            print(line, file=sys.stderr, flush=True)


def line_of_job(job: Job) -> str:
    """Return what became of a document for now, as one line."""
    source = f"{job.inbox}/{display(job.source)}"
    if job.state is State.ARCHIVED:
        return f"sealed  {source} -> {display(job.delivered)}"
    if job.state is State.FAILED:
        return f"failed  {source}: {job.code}"
    return f"{job.state.value:7} {source}" + (f": {job.code}" if job.code else "")
