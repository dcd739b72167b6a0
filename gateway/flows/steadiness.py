"""Whether the wall clock can be believed: one that has just jumped ahead may jump back.

A deadline that has passed cannot be undone, so nothing is decided by a clock that went ahead of
the time that has really gone by, until it has stayed so for a while. One that was put back only
makes deadlines later, and what was missed while nothing ran is made up at once.
"""

from __future__ import annotations

from datetime import datetime

from gateway.ports import Clock

_AHEAD = 60.0
"""Seconds by which a clock may go ahead between two looks: it is set gently by time services."""
_PATIENCE = 60.0
"""Seconds after which a clock that went ahead is believed."""


class Steadiness:
    """Compares the wall clock with the one that never goes back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: tuple[datetime, float] | None = None
        self._doubted_until = 0.0

    def steady(self) -> bool:
        """Tell whether the wall clock has not jumped ahead lately."""
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        if self._seen is not None:
            before, then = self._seen
            ahead = (wall - before).total_seconds() - (monotonic - then)
            if ahead > _AHEAD:
                self._doubted_until = monotonic + _PATIENCE
            elif ahead < -_AHEAD:
                self._doubted_until = 0.0  # put right again
        self._seen = (wall, monotonic)
        return monotonic >= self._doubted_until
