"""A clock for tests in which no time passes by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class StandingClock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 29, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time."""
        return self.moment

    def monotonic(self) -> float:
        """Return the same as seconds."""
        return self.moment.timestamp()

    def turn(self, **span: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**span)
