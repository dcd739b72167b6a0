"""Between the values of the house and the columns of the ledger."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from gateway.core.chain import LogEntry
from gateway.core.job import Artifact, Job, Slot
from gateway.core.names import display
from gateway.core.states import State

Row = tuple[Any, ...]

# fmt: off
JOB_COLUMNS = (
    "id", "state", "version", "inbox", "source", "spooled", "created", "updated", "sha256", "size",
    "generation", "rule", "seal", "service", "snapshot", "digest", "attempts", "not_before",
    "code", "detail", "delivered", "returned", "alternatives", "dropper",
    "priority", "batch", "same_as", "person", "flow",
)
# fmt: on
"""Fields of a job that are columns; those of an artifact follow when the two are joined."""

UNREADABLE = "unreadable"
"""The key of details that are not as they were written."""

_PATHS = ("source", "spooled", "delivered", "returned")
"""Kept as the bytes of the file system, which need not be UTF-8."""


def written_time(moment: datetime) -> str:
    """Write a moment as the log does: UTC, ISO 8601 with microseconds and Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_time(text: str) -> datetime:
    """Read what `written_time` wrote."""
    return datetime.fromisoformat(text)


def job_parameters(job: Job) -> dict[str, object]:
    """Return a job's columns by name."""
    plain = {column: getattr(job, column) for column in JOB_COLUMNS}
    paths = {column: os.fsencode(plain[column]) for column in _PATHS}
    times = {"created": written_time(job.created), "updated": written_time(job.updated)}
    names = {"state": job.state.value, "alternatives": " ".join(job.alternatives)}
    return plain | paths | times | names


def jobs_from(rows: Iterable[Row]) -> Iterator[Job]:
    """Read jobs joined with their artifacts: rows of one job follow each other."""
    for _, group in groupby(rows, key=lambda row: row[0]):
        joined = list(group)
        artifacts = tuple(
            Artifact(Slot(slot), sha256, size)
            for slot, sha256, size in (row[len(JOB_COLUMNS) :] for row in joined)
            if slot is not None
        )
        yield _job(joined[0], artifacts)


def _job(row: Row, artifacts: tuple[Artifact, ...]) -> Job:
    plain = dict(zip(JOB_COLUMNS, row, strict=False))
    paths = {column: os.fsdecode(plain[column]) for column in _PATHS}
    times = {column: read_time(plain[column]) for column in ("created", "updated")}
    names = {"state": State(plain["state"]), "alternatives": tuple(plain["alternatives"].split())}
    return Job(**(plain | paths | times | names), artifacts=artifacts)


def written_details(details: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return details as the log keeps them: printable, sorted by key."""
    return tuple(sorted((display(key), display(value)) for key, value in details.items()))


def details_text(details: tuple[tuple[str, str], ...]) -> str:
    """Write details as the JSON object of strings that the log's column holds."""
    return json.dumps(dict(details), ensure_ascii=False, separators=(",", ":"))


def entry_from(row: Row) -> LogEntry:
    """Read a log entry; never fails, so that a damaged one can be told from its hash."""
    sequence, at, event, job, actor, details, previous, digest = row
    texts = (str(value) for value in (previous, digest))
    return LogEntry(sequence, str(at), str(event), str(job), str(actor), _details(details), *texts)


def _details(text: object) -> tuple[tuple[str, str], ...]:
    try:
        found = json.loads(str(text))
        if isinstance(found, dict) and all(isinstance(value, str) for value in found.values()):
            return tuple(sorted(found.items()))
    except ValueError:
        pass
    return ((UNREADABLE, str(text)),)
