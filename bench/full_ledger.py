"""Fill a real ledger: the story of a sealed document again and again, its chain of hashes whole.

The newest jobs have their whole stories. Those before them are claims whose file was gone, of two
entries each, so that a ledger of a million jobs is made in two minutes instead of ten.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.core.chain import LogEntry, digest_of
from gateway.core.states import Event, State

_AT_ONCE = 5000
"""Jobs whose rows are written by one statement."""
_GUARDS = ("log_grows_at_its_end", "log_is_not_changed", "log_is_not_shortened")
_APART = timedelta(seconds=30)
"""Between two jobs: a million take most of a year."""


class _Story:
    """What one job left in the ledger, to be told again of others."""

    def __init__(self, ledger: sqlite3.Connection) -> None:
        jobs = ledger.execute("SELECT * FROM jobs WHERE state = 'archived' ORDER BY id LIMIT 1")
        self.columns = [one[0] for one in jobs.description]
        self.job = dict(zip(self.columns, jobs.fetchone(), strict=True))
        told = "SELECT event, actor, details FROM log WHERE job = ? ORDER BY sequence"
        self.entries = ledger.execute(told, (self.job["id"],)).fetchall()
        kept = "SELECT place, slot, size FROM artifacts WHERE job = ? ORDER BY place"
        self.artifacts = ledger.execute(kept, (self.job["id"],)).fetchall()

    def of(self, job: dict[str, Any]) -> list[tuple[str, str, str]]:
        """Return event, actor and details of a job's entries."""
        if job["state"] == State.VOID:
            return [self.entries[0], (Event.LOST, "sealgate", "{}")]
        return self.entries


def fill(path: Path, jobs: int, entries: int) -> None:
    """Add so many archived jobs, with at least so many entries of the log.

    The ledger must hold one archived job, and nobody may have it open.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as ledger:
        story = _Story(ledger)
        ledger.execute("BEGIN IMMEDIATE")
        guards = _without_guards(ledger)
        whole = min(jobs, entries // len(story.entries))
        writer = _Writer(ledger, story, datetime.now(UTC) - jobs * _APART)
        for first in range(0, jobs, _AT_ONCE):
            writer.write(range(first, min(jobs, first + _AT_ONCE)), jobs - whole)
        ledger.execute("UPDATE head SET sequence = ?, hash = ?", writer.head)
        for guard in guards:
            ledger.execute(guard)
        ledger.execute("COMMIT")
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _without_guards(ledger: sqlite3.Connection) -> list[str]:
    """Remove the triggers that let the log grow by one entry at a time; return how to make them."""
    made = []
    for name in _GUARDS:
        found = ledger.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        made.append(found[0])
        ledger.execute(f"DROP TRIGGER {name}")
    return made


class _Writer:
    """Writes jobs and their entries, one after another."""

    def __init__(self, ledger: sqlite3.Connection, story: _Story, began: datetime) -> None:
        self._ledger = ledger
        self._story = story
        self._began = began
        self.head: tuple[int, str] = ledger.execute("SELECT sequence, hash FROM head").fetchone()

    def write(self, numbers: range, first_whole: int) -> None:
        """Write the jobs of these numbers; those before `first_whole` with a short story."""
        story, execute = self._story, self._ledger.executemany
        jobs = [self._job(number, whole=number >= first_whole) for number in numbers]
        places = ", ".join(f":{name}" for name in story.columns)
        execute(f"INSERT INTO jobs ({', '.join(story.columns)}) VALUES ({places})", jobs)  # noqa: S608
        whole = [job for job in jobs if job["state"] != State.VOID]
        kept = (
            (job["id"], place, slot, job["sha256"], size)
            for job in whole
            for place, slot, size in story.artifacts
        )
        execute("INSERT INTO artifacts (job, place, slot, sha256, size) VALUES (?,?,?,?,?)", kept)
        execute("INSERT INTO log VALUES (?,?,?,?,?,?,?,?)", self._entries(jobs))

    def _job(self, number: int, *, whole: bool) -> dict[str, Any]:
        at = self._began + number * _APART
        name = f"invoice-{number:07}"
        changed = {
            "id": f"{at:%Y%m%d-%H%M%S}-{number:08x}",
            "state": State.ARCHIVED if whole else State.VOID,
            "version": len(self._story.entries) if whole else 2,
            "source": f"{name}.pdf".encode(),
            "sha256": hashlib.sha256(name.encode()).hexdigest(),
            "created": f"{at:%Y-%m-%dT%H:%M:%S.%f}Z",
            "updated": f"{at:%Y-%m-%dT%H:%M:%S.%f}Z",
            "seal": f"{self._story.job['seal']}-{number % 10}",
            "delivered": f"outbox/{name}-sealed.pdf".encode(),
        }
        return self._story.job | changed

    def _entries(self, jobs: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
        sequence, previous = self.head
        for job in jobs:
            for event, actor, details in self._story.of(job):
                sequence += 1
                said = _of(details, job)
                pairs = tuple(sorted(said.items()))
                entry = LogEntry(
                    sequence, job["updated"], event, job["id"], actor, pairs, previous, ""
                )
                previous = digest_of(entry)
                text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
                yield (
                    *(sequence, job["updated"], event, job["id"], actor),
                    text,
                    entry.previous,
                    previous,
                )
        self.head = (sequence, previous)


def _of(details: str, job: dict[str, Any]) -> dict[str, str]:
    """Return an entry's details as they are of another job."""
    said: dict[str, str] = json.loads(details)
    for key in said.keys() & {"sha256", "digest"}:
        said[key] = job["sha256"]
    for key, value in (("source", job["source"]), ("result", job["delivered"])):
        if key in said:
            said[key] = value.decode()
    if "seal" in said:
        said["seal"] = job["seal"]
    return said
