"""When work is tried again."""

from __future__ import annotations

import pytest

from gateway.core.retry import RetryPolicy

_POLICY = RetryPolicy(first=2.0, longest=300.0, cap=8)


def test_delay_doubles_up_to_its_ceiling() -> None:
    """Without luck either way the ceiling doubles from failure to failure."""
    delays = [_POLICY.delay(failures, 1.0) for failures in range(1, 11)]
    assert delays == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


@pytest.mark.parametrize("failures", [1, 5, 40, 10_000])
def test_jitter_stays_within_half(failures: int) -> None:
    """Half of the delay is certain, half is chance, however long a service is down."""
    assert _POLICY.delay(failures, 0.0) == _POLICY.delay(failures, 1.0) / 2
    assert _POLICY.delay(failures, 0.5) == _POLICY.delay(failures, 1.0) * 0.75


def test_what_the_service_asks_for_counts() -> None:
    """The service's own wish prolongs a delay, never shortens it, and has a limit."""
    assert _POLICY.delay(1, 0.0, asked=60) == 60
    assert _POLICY.delay(9, 0.0, asked=1) == 150
    assert _POLICY.delay(1, 0.0, asked=0) == 1
    assert _POLICY.delay(1, 0.0, asked=1e9) == 3000


def test_a_document_is_given_up_only_when_others_were_served() -> None:
    """A service that serves nobody makes no document fail, however often it was tried."""
    assert not _POLICY.gives_up(7, served_others=True)
    assert _POLICY.gives_up(8, served_others=True)
    assert not _POLICY.gives_up(1000, served_others=False)


def test_a_pause_from_before_the_clock_was_put_back_is_over() -> None:
    """A pause of possible length is kept; one that would last a day is none."""
    policy = RetryPolicy(longest=300.0)
    assert policy.reached(1000.0, 1000.0)
    assert not policy.reached(4000.0, 1000.0)
    assert policy.reached(1000.0 + 86400.0, 1000.0)
