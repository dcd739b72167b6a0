"""Waiting until what was committed is on the server's disk, for many threads at a time.

A commit that waits for the disk would do so while it holds the one lock of all writers. So
transactions commit without waiting, which gives the lock to the next, and then wait here: one
thread commits something empty and waits for that; what the server has written before is on disk
then, too. The server does the same for several processes.
"""

from __future__ import annotations

import threading

from gateway.ledger.postgresql.connection import Raw

_EMPTY = b"SELECT pg_logical_emit_message(true, 'sealgate', '')"


class Flushing:
    """Lets threads share the server's waits for its disk."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._begun = 0
        self._done = 0
        """The last wait that has ended; each covers what was committed before it began."""
        self._leading = False

    def wait(self, raw: Raw) -> None:
        """Return when all that this session has committed is on disk; raises `psycopg.Error`."""
        with self._changed:
            needed = self._begun + 1
            while self._leading and self._done < needed:
                self._changed.wait()
            if self._done >= needed:
                return
            self._leading = True
            self._begun = mine = self._begun + 1
        try:
            raw.execute(_EMPTY)
        except BaseException:
            mine = 0
            raise
        finally:
            with self._changed:
                self._leading = False
                self._done = max(self._done, mine)
                self._changed.notify_all()
