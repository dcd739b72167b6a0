"""When work that could not be done is tried again, and when it is given up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential backoff with full jitter; seconds."""

    first: float = 2.0
    longest: float = 300.0
    cap: int = 8
    """Failed attempts of one document, while the service served others, until it is given up."""

    def delay(self, failures: int, chance: float, asked: float | None = None) -> float:
        """Return the seconds to wait after the `failures`-th failure in a row (from 1).

        `chance` is a random number in [0, 1): half of the delay is fixed, half is jitter.
        `asked` is what the service itself asked for; it is honoured up to ten times `longest`.
        """
        ceiling = min(self.longest, self.first * 2.0 ** min(failures - 1, 30))
        chosen = ceiling / 2 + ceiling / 2 * chance
        return max(chosen, min(asked, self.longest * 10)) if asked is not None else chosen

    def reached(self, moment: float, now: float) -> bool:
        """Tell whether a pause that ends at `moment` is over; seconds since the epoch.

        One that would last longer than any was written down before the clock was put back.
        """
        return moment <= now or moment - now > self.longest * 10 + 1

    def gives_up(self, attempts: int, served_others: bool) -> bool:
        """Tell whether one document is to blame: it failed `cap` times and others did not."""
        return served_others and attempts >= self.cap
