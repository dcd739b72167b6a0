"""Searching the signing log, as command line, console and API do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from gateway.core.chain import LogEntry
from gateway.core.log_query import LogQuery, events_of, facts_of, mentions
from gateway.ports import Jobs, SigningLog

_JOBS = 10_000
"""Jobs whose facts are remembered during a search: entries of one follow each other."""


def search(
    log: SigningLog, jobs: Jobs, query: LogQuery, *, after: int = 0, limit: int = 0
) -> Iterator[LogEntry]:
    """Yield entries that fit, oldest first, behind the number `after`, as many as `limit`.

    Raises `UsageFault` (`usage.wrong-time`).
    """
    found = log.entries(
        job=query.job,
        event=query.event,
        events=events_of(query.outcome) if query.outcome is not None else (),
        since=query.since,
        until=query.until,
        after=after,
    )
    if query.actor:
        actor = query.actor.casefold()
        found = (entry for entry in found if actor in entry.actor.casefold())
    if query.text:
        found = _mentioning(found, jobs, query.text.casefold())
    return islice(found, limit) if limit else found


def _mentioning(entries: Iterator[LogEntry], jobs: Jobs, wanted: str) -> Iterator[LogEntry]:
    @lru_cache(maxsize=_JOBS)
    def is_of(name: str) -> bool:
        job = jobs.get(name)
        return job is not None and wanted in facts_of(job)

    return (
        entry for entry in entries if mentions(entry, wanted) or (entry.job and is_of(entry.job))
    )
