"""Archived results whose time-stamps have to be renewed."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.core.names import display
from gateway.ledger.log import append
from gateway.ledger.store import Face
from gateway.ports import Renewal

_WATCH = """
INSERT INTO renewals (job, path, ends, times) VALUES (?, ?, ?, ?)
ON CONFLICT (job) DO UPDATE SET path = excluded.path, ends = excluded.ends, times = excluded.times
"""


class LedgerRenewals(Face):
    """The port `Renewals`."""

    def watch(self, renewal: Renewal) -> None:
        """Remember when a result's newest time-stamp ends."""
        row = (renewal.job, os.fsencode(renewal.path), renewal.ends, renewal.times)
        self._store.together(lambda connection: connection.execute(_WATCH, row))

    def renewed(self, renewal: Renewal, sha256: str, actor: str) -> None:
        """Remember a renewed version, and log it as `archive.renewed`."""
        now = self._clock.now()
        details = {
            "job": renewal.job,
            "path": display(str(renewal.path)),
            "sha256": sha256,
            "ends": renewal.ends,
            "times": str(renewal.times),
        }
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE renewals SET path = ?, ends = ?, times = ? WHERE job = ?",
                (os.fsencode(renewal.path), renewal.ends, renewal.times, renewal.job),
            )
            append(connection, now, "archive.renewed", details, actor=actor)

    def ending(self, before: str) -> tuple[Renewal, ...]:
        """Return the results whose newest time-stamp ends before a time, the first to end first."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT job, path, ends, times FROM renewals WHERE ends < ? ORDER BY ends, job",
                (before,),
            ).fetchall()
        return tuple(
            Renewal(job, Path(os.fsdecode(path)), ends, times) for job, path, ends, times in rows
        )
