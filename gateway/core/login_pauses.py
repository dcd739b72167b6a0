"""How long somebody has to wait who failed to log in: pauses that grow."""

from __future__ import annotations

from dataclasses import dataclass

_MOST_DOUBLINGS = 30
"""Beyond it every pause is the longest."""


@dataclass(frozen=True)
class PausePolicy:
    """When attempts to log in have to wait; durations in seconds."""

    after: int = 5
    """Failures in a row of one login after which each further one begins a pause."""
    after_of_address: int = 20
    """The same of one address, whatever login it tries."""
    first: float = 30.0
    """Each later pause is twice as long."""
    longest: float = 900.0
    forgotten_after: float = 86_400.0
    """So long after the last failure they are forgotten."""


def pause_after(failures: int, bearable: int, policy: PausePolicy) -> float:
    """Return the seconds to wait after so many failures in a row; 0 while they are bearable."""
    if failures < bearable:
        return 0.0
    doublings = min(failures - bearable, _MOST_DOUBLINGS)
    return min(policy.longest, policy.first * 2.0**doublings)
