"""The signing log: appended to inside the transaction that it tells of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from gateway.core.chain import Flaw, LogEntry, digest_of
from gateway.core.errors import UsageFault
from gateway.core.names import display
from gateway.ledger.audit import audit
from gateway.ledger.rows import details_text, entry_from, written_details, written_time
from gateway.ledger.store import Face

_PAGE = 500
"""Entries read at a time, so that a search holds neither memory nor the lock for long."""

_AFTER_EVERY_CHARACTER = "\U0010ffff"

_PAGE_OF_ENTRIES = """
SELECT sequence, at, event, job, actor, details, previous, hash FROM log
WHERE sequence > :after AND at >= :since
  AND (:job = '' OR job = :job) AND event >= :first AND event <= :last
ORDER BY sequence LIMIT :page
"""
# Stories of one job are short; asked for by this statement they are found by its index.
_PAGE_OF_A_JOB = """
SELECT sequence, at, event, job, actor, details, previous, hash FROM log
WHERE job = :job AND sequence > :after AND at >= :since AND event >= :first AND event <= :last
ORDER BY sequence LIMIT :page
"""


def append(
    connection: sqlite3.Connection,
    at: datetime,
    event: str,
    details: Mapping[str, str],
    *,
    job: str = "",
    actor: str = "sealgate",
) -> LogEntry:
    """Add an entry at the head of the chain, inside the caller's transaction."""
    head = connection.execute("SELECT sequence, hash FROM head").fetchone()
    if head is None:
        raise sqlite3.DatabaseError("the signing log has lost its head: see sealgate log verify")
    entry = LogEntry(
        sequence=head[0] + 1,
        at=written_time(at),
        event=display(event),
        job=job,
        actor=display(actor),
        details=written_details(details),
        previous=head[1],
        hash="",
    )
    entry = replace(entry, hash=digest_of(entry))
    connection.execute(
        "INSERT INTO log (sequence, at, event, job, actor, details, previous, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.sequence,
            entry.at,
            entry.event,
            entry.job,
            entry.actor,
            details_text(entry.details),
            entry.previous,
            entry.hash,
        ),
    )
    connection.execute("UPDATE head SET sequence = ?, hash = ?", (entry.sequence, entry.hash))
    return entry


class SqliteLog(Face):
    """The port `SigningLog`."""

    def record(self, event: str, details: Mapping[str, str], actor: str = "sealgate") -> LogEntry:
        """Append an entry that belongs to no job."""
        with self._store.transaction() as connection:
            return append(connection, self._clock.now(), event, details, actor=actor)

    def entries(
        self,
        *,
        job: str = "",
        event: str = "",
        text: str = "",
        since: str = "",
        after: int = 0,
        limit: int = 0,
    ) -> Iterator[LogEntry]:
        """Yield entries in order, as many as `limit` (0: all), behind the number `after`.

        `event` may end in `*`; `text` is looked for in `key=value` of the details, whatever
        its case; `since` is ISO 8601, UTC unless it says otherwise. Raises `UsageFault`
        (`usage.wrong-time`).
        """
        found = self._pages(job, *_range_of(event), _since(since), after)
        wanted = text.casefold()
        fitting = (entry for entry in found if not wanted or _mentions(entry, wanted))
        return islice(fitting, limit) if limit else fitting

    def verify(self) -> tuple[Flaw, ...]:
        """Check the whole chain, its head, and that each job has all its entries.

        What it cannot find is a log that was rewritten as a whole, every hash anew, together
        with the jobs: that is what time-stamps over its head are for (`pipeline/log_auditing.py`).
        """
        with self._store.snapshot() as connection:
            return audit(connection)

    def _pages(self, job: str, first: str, last: str, since: str, after: int) -> Iterator[LogEntry]:
        statement = _PAGE_OF_A_JOB if job else _PAGE_OF_ENTRIES
        wanted = {"job": job, "first": first, "last": last, "since": since, "page": _PAGE}
        while True:
            with self._store.reading() as connection:
                rows = connection.execute(statement, wanted | {"after": after}).fetchall()
            yield from map(entry_from, rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]


def _range_of(event: str) -> tuple[str, str]:
    """Return the first and the last event that fit the searched one, in order of characters."""
    if not event:
        return "", _AFTER_EVERY_CHARACTER
    if event.endswith("*"):
        return event[:-1], event[:-1] + _AFTER_EVERY_CHARACTER
    return event, event


def _since(written: str) -> str:
    if not written:
        return ""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise UsageFault("usage.wrong-time", written) from None
    return written_time(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _mentions(entry: LogEntry, wanted: str) -> bool:
    return any(wanted in f"{key}={value}".casefold() for key, value in entry.details)
