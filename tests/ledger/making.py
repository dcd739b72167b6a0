"""What the ledger's tests are made of: a clock turned by hand, jobs, and their way to the end."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.core.chain import GENESIS, digest_of
from gateway.core.job import Job
from gateway.core.states import Event, State
from gateway.ledger import Ledger
from gateway.ledger.rows import entry_from
from gateway.ledger.writer import Writer

WAY = (
    Event.ACCEPTED,
    Event.PLANNED,
    Event.PREPARED,
    Event.SENT,
    Event.ANSWERED,
    Event.EMBEDDED,
    Event.VERIFIED,
    Event.DELIVERED,
    Event.ARCHIVED,
)
START = datetime(2026, 11, 23, 23, 7, 14, 123456, tzinfo=UTC)


class StandingClock:
    """A clock that goes on by one second each time it is read."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        """Return the time and turn on."""
        self.moment += timedelta(seconds=1)
        return self.moment

    def monotonic(self) -> float:
        """Return the seconds since the start."""
        return (self.moment - START).total_seconds()


def new_job(job_id: str, source: str = "a.pdf") -> Job:
    """Return a job as intake makes it."""
    return Job(job_id, State.CLAIMED, 1, "invoices", source, f"/spool/{job_id}", START, START)


def travelled(ledger: Ledger, job_id: str, events: Iterable[Event] = WAY) -> Job:
    """Open a job and take it along the events."""
    job = ledger.open(new_job(job_id), {"source": "a.pdf"})
    for event in events:
        job = ledger.advance(job, event, {"why": f"{event}"})
    return job


def tamper(path: Path, *statements: str) -> None:
    """Do what somebody with write access to the file can: drop the triggers, then change it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for trigger in ("log_is_not_changed", "log_is_not_shortened", "log_grows_at_its_end"):
            connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        for statement in statements:
            connection.execute(statement)


def rehash(path: Path) -> None:
    """Make every hash of the chain and the head anew, as a careful forger would."""
    with closing(sqlite3.connect(path)) as connection, connection:
        previous = GENESIS
        for row in connection.execute("SELECT * FROM log ORDER BY sequence").fetchall():
            entry = replace(entry_from(row), previous=previous)
            values = (previous, digest_of(entry), entry.sequence)
            connection.execute("UPDATE log SET previous = ?, hash = ? WHERE sequence = ?", values)
            previous = values[1]
        connection.execute("UPDATE head SET hash = ?", (previous,))


def together(writer: Writer, calls: list[Callable[[], object]]) -> list[object]:
    """Make calls in threads that all wait for one transaction; return results or exceptions."""
    outcomes: list[object] = [None] * len(calls)

    def make(index: int) -> None:
        try:
            outcomes[index] = calls[index]()
        except BaseException as error:
            outcomes[index] = error

    threads = [threading.Thread(target=make, args=(index,)) for index in range(len(calls))]
    with writer._turn:
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 30
        while len(writer._gathered) < len(calls) and time.monotonic() < deadline:
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    return outcomes
