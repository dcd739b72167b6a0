"""Small durable facts: rulebook snapshots by their hash, and values by their name."""

from __future__ import annotations

from gateway.ledger.rows import written_time
from gateway.ledger.store import Face

_REMEMBER = """
INSERT INTO facts (name, value) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""


class LedgerMemory(Face):
    """The port `Memory`."""

    def save_snapshot(self, snapshot: str, text: str) -> bool:
        """Keep a rulebook's canonical text under its hash; return whether it was new."""
        with self._store.transaction() as connection:
            added = connection.execute(
                "INSERT INTO snapshots (snapshot, content, since) VALUES (?, ?, ?)"
                " ON CONFLICT (snapshot) DO NOTHING",
                (snapshot, text, written_time(self._clock.now())),
            )
        return added.rowcount == 1

    def remember(self, key: str, value: str) -> None:
        """Set a value, such as an inbox's mount point or the daemon's heartbeat."""
        self._store.together(lambda connection: connection.execute(_REMEMBER, (key, value)))

    def recall(self, key: str) -> str | None:
        """Return a remembered value."""
        with self._store.reading() as connection:
            row = connection.execute("SELECT value FROM facts WHERE name = ?", (key,)).fetchone()
        return None if row is None else str(row[0])
