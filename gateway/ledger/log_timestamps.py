"""Time-stamps over the log's head, kept with the entries that tell of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice

from gateway.core.chain import GENESIS
from gateway.core.log_timestamps import STAMPED, Head, LogTimestamp
from gateway.ledger.connection import marks
from gateway.ledger.log import append
from gateway.ledger.rows import Row, read_time, written_time
from gateway.ledger.store import Face

_COLUMNS = "number, sequence, hash, at, authority, stored, file, token"
_PAGE = 200
_UNREADABLE = datetime(1970, 1, 1, tzinfo=UTC)


class LedgerLogTimestamps(Face):
    """The port `LogTimestamps`."""

    def head(self) -> Head:
        """Return where the log ends now."""
        with self._store.reading() as connection:
            row = connection.execute("SELECT sequence, hash FROM head").fetchone()
        return Head(*(row or (0, GENESIS)))

    def add(self, stamp: LogTimestamp, actor: str) -> bool:
        """Keep a time-stamp and log it as `log.timestamped`, in one transaction."""
        details = {
            "entry": str(stamp.head.sequence),
            "hash": stamp.head.hash,
            "time": written_time(stamp.at),
            "authority": stamp.authority,
            "file": stamp.file,
            "token": hashlib.sha256(stamp.token).hexdigest(),
        }
        with self._store.transaction() as connection:
            added = connection.execute(
                "INSERT INTO log_timestamps"
                " (sequence, hash, at, authority, stored, file, token)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    stamp.head.sequence,
                    stamp.head.hash,
                    written_time(stamp.at),
                    stamp.authority,
                    written_time(stamp.stored),
                    stamp.file,
                    stamp.token,
                ),
            )
            if added.rowcount == 1:
                append(connection, self._clock.now(), STAMPED, details, actor=actor)
        return added.rowcount == 1

    def latest(self) -> LogTimestamp | None:
        """Return the one that was added last."""
        with self._store.reading() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM log_timestamps"  # noqa: S608  # our own words
                " ORDER BY number DESC LIMIT 1"
            ).fetchone()
        return None if row is None else _stamp(row)

    def all(self) -> Iterator[LogTimestamp]:
        """Yield them in the order in which they were added."""
        after = 0
        while True:
            with self._store.reading() as connection:
                rows = connection.execute(
                    f"SELECT {_COLUMNS} FROM log_timestamps"  # noqa: S608  # our own words
                    " WHERE number > ? ORDER BY number LIMIT ?",
                    (after, _PAGE),
                ).fetchall()
            yield from map(_stamp, rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]

    def entries_with(self, hashes: Iterable[str]) -> Mapping[str, int]:
        """Return the numbers of the entries that have these hashes, as far as there are any."""
        found: dict[str, int] = {}
        left = iter(hashes)
        with self._store.snapshot() as connection:
            while some := tuple(islice(left, _PAGE)):
                statement = f"SELECT hash, sequence FROM log WHERE hash IN ({marks(some)})"  # noqa: S608
                found.update(connection.execute(statement, some).fetchall())
        return found


def _stamp(row: Row) -> LogTimestamp:
    """Read a row; never fails, so that a damaged one can be told from its token."""
    _, sequence, digest, at, authority, stored, file, token = row
    return LogTimestamp(
        Head(sequence if isinstance(sequence, int) else 0, str(digest)),
        _time(at),
        str(authority),
        _time(stored),
        str(file),
        token if isinstance(token, bytes) else b"",
    )


def _time(text: object) -> datetime:
    try:
        found = read_time(str(text))
    except ValueError:
        return _UNREADABLE
    return found if found.tzinfo else found.replace(tzinfo=UTC)
