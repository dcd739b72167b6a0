"""Following the signing log: what was appended since somebody last looked."""

from __future__ import annotations

from gateway.core.chain import LogEntry
from gateway.ledger.rows import entry_from
from gateway.ledger.store import Face

_AFTER = """
SELECT sequence, at, event, job, actor, details, previous, hash FROM log
WHERE sequence > ? ORDER BY sequence LIMIT ?
"""


class LedgerLogTail(Face):
    """The port `LogTail`."""

    def head(self) -> int:
        """Return the sequence number of the last entry; 0 when there is none."""
        with self._store.reading() as connection:
            row = connection.execute("SELECT sequence FROM head").fetchone()
        return int(row[0]) if row is not None else 0

    def after(self, sequence: int, most: int) -> tuple[LogEntry, ...]:
        """Return the entries that follow one, the first of them."""
        with self._store.reading() as connection:
            rows = connection.execute(_AFTER, (sequence, most)).fetchall()
        return tuple(map(entry_from, rows))
