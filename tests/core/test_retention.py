"""How long something is kept, by the calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.core.retention import Retention


@pytest.mark.parametrize(
    ("written", "now", "before"),
    [
        ("90d", "2026-11-25T12:00", "2026-08-27T12:00"),
        ("1mo", "2026-03-31T12:00", "2026-02-28T12:00"),
        ("18mo", "2026-01-15T00:00", "2024-07-15T00:00"),
        ("1y", "2024-02-29T06:00", "2023-02-28T06:00"),
        ("10y", "2026-11-25T12:00", "2016-11-25T12:00"),
    ],
)
def test_passes_by_the_calendar(written: str, now: str, before: str) -> None:
    """Months and years are the calendar's; a short month's last day stands for a longer one's."""
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(before).replace(tzinfo=UTC)
    assert Retention.parse(written).passed_before(moment) == expected


@pytest.mark.parametrize("written", ["", "10", "10m", "0d", "-1y", "1.5y", "201y", "99999d", "ten"])
def test_what_is_no_retention(written: str) -> None:
    """What is not understood, or means nothing, is refused in words."""
    with pytest.raises(ValueError, match=r"write 90d|leave the key out"):
        Retention.parse(written)
