"""What the sandbox has done: signatures charged, calls served; kept across restarts."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS signatures (
    credential TEXT NOT NULL, digest BLOB NOT NULL, signature BLOB NOT NULL,
    PRIMARY KEY (credential, digest)
);
CREATE TABLE IF NOT EXISTS charges (
    at TEXT NOT NULL, credential TEXT NOT NULL, digest BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class Usage:
    """Counters and made signatures in one file; safe to use from several threads."""

    def __init__(self, path: Path, *, charge_repeats: bool) -> None:
        self._charge_repeats = charge_repeats
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
        self._connection.executescript(_SCHEMA)

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter."""
        with self._lock:
            self._add(name, by)

    def signature(self, credential: str, digest: bytes, make: Callable[[], bytes]) -> bytes:
        """Return the signature of a digest: a new one is charged, a known one is not.

        Signature and charge are committed together before anybody sees the signature. Two
        calls for one digest at a time are charged once.
        """
        with self._lock:
            known = None if self._charge_repeats else self._known(credential, digest)
            if known is not None:
                return known
            made = make()
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.execute(
                    "INSERT OR REPLACE INTO signatures VALUES (?, ?, ?)", (credential, digest, made)
                )
                self._connection.execute(
                    "INSERT INTO charges VALUES (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?, ?)",
                    (credential, digest),
                )
                self._add("charged", 1)
            return made

    def _known(self, credential: str, digest: bytes) -> bytes | None:
        row = self._connection.execute(
            "SELECT signature FROM signatures WHERE credential = ? AND digest = ?",
            (credential, digest),
        ).fetchone()
        return bytes(row[0]) if row else None

    def all(self) -> dict[str, int]:
        """Return all counters."""
        with self._lock:
            rows = self._connection.execute("SELECT name, value FROM counters").fetchall()
        return {"charged": 0, "sign_requests": 0, "timestamps": 0} | dict(rows)

    def listed(self) -> str:
        """Return what was charged as CSV, as providers list it to their customers."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT at, credential, hex(digest) FROM charges ORDER BY rowid"
            ).fetchall()
        lines = (f"{at},{credential},{digest.lower()},1\n" for at, credential, digest in rows)
        return "time,credential,digest,units\n" + "".join(lines)

    def _add(self, name: str, by: int) -> None:
        self._connection.execute(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + ?",
            (name, by, by),
        )
