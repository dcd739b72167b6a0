"""The signing log: appended to inside the transaction that it tells of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from gateway.core.chain import Flaw, LogEntry, digest_of
from gateway.core.errors import SiteFault, UsageFault
from gateway.core.log_query import LogQuery, events_of
from gateway.core.names import display
from gateway.ledger.audit import audit
from gateway.ledger.connection import Connection
from gateway.ledger.log_search import Wanted, found
from gateway.ledger.rows import details_text, written_details, written_time
from gateway.ledger.store import Face

HEAD = "SELECT sequence, hash FROM head"
MOVE_HEAD = "UPDATE head SET sequence = ?, hash = ?"
ENTRY = """
INSERT INTO log (sequence, at, event, job, actor, details, previous, hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_AFTER_EVERY_CHARACTER = "\U0010ffff"
_DAY = re.compile(r"\d{4}-?\d\d-?\d\d")


def append(
    connection: Connection,
    at: datetime,
    event: str,
    details: Mapping[str, str],
    *,
    job: str = "",
    actor: str = "sealgate",
) -> LogEntry:
    """Add an entry at the head of the chain, inside the caller's transaction."""
    head = connection.execute(HEAD).fetchone()
    if head is None:
        what = "the signing log has lost its head: see sealgate log verify"
        raise SiteFault("ledger.unusable", what)
    entry = LogEntry(
        sequence=head[0] + 1,
        at=written_time(at),
        event=display(event),
        job=job,
        actor=_printable(actor),
        details=written_details(details),
        previous=head[1],
        hash="",
    )
    entry = replace(entry, hash=digest_of(entry))
    connection.execute(
        ENTRY,
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
    connection.execute(MOVE_HEAD, (entry.sequence, entry.hash))
    return entry


def _printable(actor: str) -> str:
    """Return what every engine's columns of text can hold."""
    return display(actor).replace("\0", r"\x00")


class LedgerLog(Face):
    """The port `SigningLog`."""

    def record(
        self, event: str, details: Mapping[str, str], actor: str = "sealgate", job: str = ""
    ) -> LogEntry:
        """Append an entry that is no step of a job; with `job`, to the story of its flow."""
        now = self._clock.now()
        return self._store.together(
            lambda connection: append(connection, now, event, details, job=job, actor=actor)
        )

    def entries(
        self,
        *,
        job: str = "",
        event: str = "",
        events: Collection[str] = (),
        text: str = "",
        since: str = "",
        until: str = "",
        after: int = 0,
        limit: int = 0,
    ) -> Iterator[LogEntry]:
        """Yield entries in order, as many as `limit` (0: all), behind the number `after`.

        `event` may end in `*`; with `events`, it must be one of them; `text` is looked for in
        `key=value` of the details, whatever its case; `since` and `until` are ISO 8601, UTC unless
        they say otherwise, and belong to the answer. Raises `UsageFault` (`usage.wrong-time`).
        """
        query = LogQuery(text, event, None, job, "", since, until)
        entries = found(self._store, _wanted(query, events), after=after)
        return islice(entries, limit) if limit else entries

    def search(
        self, query: LogQuery, *, after: int = 0, limit: int = 0, newest_first: bool = False
    ) -> Iterator[LogEntry]:
        """Yield what fits a query, the words of which are looked for in documents' facts, too.

        Raises `UsageFault` (`usage.wrong-time`).
        """
        events = events_of(query.outcome) if query.outcome is not None else ()
        wanted = replace(_wanted(query, events), of_documents=True)
        entries = found(self._store, wanted, after=after, newest_first=newest_first)
        return islice(entries, limit) if limit else entries

    def verify(self) -> tuple[Flaw, ...]:
        """Check the whole chain, its head, and that each job has all its entries.

        What it cannot find is a log that was rewritten as a whole, every hash anew, together
        with the jobs: that is what time-stamps over its head are for (`pipeline/log_auditing.py`).
        """
        with self._store.snapshot() as connection:
            return audit(connection)


def _wanted(query: LogQuery, events: Collection[str]) -> Wanted:
    first, last = _range_of(query.event)
    return Wanted(
        job=query.job,
        first_event=first,
        last_event=last,
        events=frozenset(events),
        since=_since(query.since),
        until=_behind(query.until),
        text=query.text.casefold(),
        actor=query.actor.casefold(),
    )


def _range_of(event: str) -> tuple[str, str]:
    """Return the first and the last event that fit the searched one, in order of characters."""
    if not event:
        return "", _AFTER_EVERY_CHARACTER
    if event.endswith("*"):
        return event[:-1], event[:-1] + _AFTER_EVERY_CHARACTER
    return event, event


def _since(written: str) -> str:
    return written_time(_moment(written)) if written else ""


def _behind(written: str) -> str:
    """Return the first moment that does not belong to the answer; a day is the whole of it."""
    if not written:
        return _AFTER_EVERY_CHARACTER
    length = timedelta(days=1) if _DAY.fullmatch(written) else timedelta(microseconds=1)
    try:
        return written_time(_moment(written) + length)
    except OverflowError:
        return _AFTER_EVERY_CHARACTER


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise UsageFault("usage.wrong-time", written) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
