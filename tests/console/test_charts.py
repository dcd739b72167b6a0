"""What charts draw."""

from __future__ import annotations

from datetime import date, timedelta

from gateway.console.charts import HEIGHT, WIDTH, burn_down

TODAY = date(2026, 3, 1)


def test_what_is_left_goes_down_to_nothing_on_the_forecast_day() -> None:
    """The line of the past ends today, where the forecast begins; that ends at nothing."""
    left = [(TODAY - timedelta(days=10 - day), 100 - 5 * day) for day in range(11)]
    drawn = burn_down(left, TODAY + timedelta(days=10))
    assert drawn.past.startswith("0.0,0.0 ")
    assert drawn.past.endswith(f"{WIDTH / 2:.1f},{HEIGHT / 2:.1f}")
    assert drawn.ahead == f"{WIDTH / 2:.1f},{HEIGHT / 2:.1f} {WIDTH:.1f},{HEIGHT:.1f}"
    assert (drawn.today, drawn.top, drawn.last) == (WIDTH / 2, 100, date(2026, 3, 11))


def test_a_forecast_is_drawn_as_far_as_can_be_seen() -> None:
    """What lasts for a year is drawn for eight weeks; what is not used stays level."""
    left = [(TODAY - timedelta(days=1), 80), (TODAY, 80)]
    far = burn_down(left, TODAY + timedelta(days=560))
    assert far.last == TODAY + timedelta(days=56)
    assert far.ahead.endswith(f",{HEIGHT * 0.1:.1f}")
    assert burn_down(left, None).ahead.endswith(f"{WIDTH:.1f},0.0")
    used = burn_down([(TODAY, 0)], TODAY)
    assert used.ahead == f"0.0,{HEIGHT:.1f} {WIDTH:.1f},{HEIGHT:.1f}"
