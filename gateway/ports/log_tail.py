"""Following the signing log while it grows."""

from __future__ import annotations

from typing import Protocol

from gateway.core.chain import LogEntry


class LogTail(Protocol):
    """The end of the signing log, as it is read by whoever repeats it."""

    def head(self) -> int:
        """Return the sequence number of the last entry; 0 when there is none."""

    def after(self, sequence: int, most: int) -> tuple[LogEntry, ...]:
        """Return the entries that follow one, the first of them."""
