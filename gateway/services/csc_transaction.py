"""A transaction: one authorisation for several signatures, extended digest by digest (11.8).

Worth having where each authorisation costs a one-time code. Each SAD takes the place of the
one before it, so a transaction is used by one call at a time.
"""

from __future__ import annotations

import threading

from gateway.ports import Clock

_EARLY = 10.0
"""Seconds before its end at which a SAD is not extended any more."""


class Transaction:
    """The transaction of one credential; safe to use from several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sad = ""
        self._left = 0
        self._until = 0.0

    def begin(self, sad: str, left: int, seconds: float) -> None:
        """Remember a fresh authorisation, with so many signatures left."""
        with self._lock:
            self._sad, self._left = sad, left
            self._until = self._clock.monotonic() + seconds - _EARLY

    def take(self, number: int) -> str | None:
        """Return the SAD to extend for so many more signatures; None when that cannot be."""
        with self._lock:
            if not self._sad or self._left < number or self._clock.monotonic() >= self._until:
                return None
            sad, self._sad = self._sad, ""
            self._left -= number
            return sad

    def follow(self, sad: str, seconds: float) -> None:
        """Remember the SAD that took the place of the one before."""
        with self._lock:
            self._sad = sad
            self._until = self._clock.monotonic() + seconds - _EARLY

    def end(self) -> None:
        """Forget the transaction: something went wrong in it."""
        with self._lock:
            self._sad, self._left = "", 0
