"""Pauses after failures grow, and never beyond the longest."""

from __future__ import annotations

import pytest

from gateway.core.login_pauses import PausePolicy, pause_after

POLICY = PausePolicy(after=5, first=30, longest=900)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (9, 480), (10, 900), (10**9, 900)],
)
def test_pauses(failures: int, seconds: float) -> None:
    """Failures that are bearable begin none; each further one doubles it."""
    assert pause_after(failures, 5, POLICY) == seconds


def test_pauses_never_shrink() -> None:
    """One failure more never means a shorter pause, whatever the policy."""
    for first in (0.1, 1, 30, 900):
        for longest in (first, 900, 86400):
            policy = PausePolicy(first=first, longest=max(first, longest))
            pauses = [pause_after(failures, 3, policy) for failures in range(200)]
            assert pauses == sorted(pauses)
            assert max(pauses) == policy.longest
