"""Lines of printed pages, and the bars of their charts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.core.log_report import Span, use_of
from gateway.core.printed_page import shortened, wrapped


def _ruler(text: str, bold: bool) -> float:
    """Every character is half an em wide, bold ones a whole."""
    return len(text) * (1.0 if bold else 0.5)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("short", ["short"]),
        ("some words that go on", ["some words", "that go on"]),
        ("path/of/a/file.pdf", ["path/of/a/", "file.pdf"]),
        ("0123456789abcdef", ["0123456789", "abcdef"]),
        ("a 0123456789abcdef", ["a 01234567", "89abcdef"]),
        ("a b c d e f g h i j k l m n o p q r s t u v", ["a b c d e", "f g h i j", "k l m n o…"]),
    ],
)
def test_wrapping(text: str, lines: list[str]) -> None:
    """Lines end after words where they can, within words where they must, and are not too many."""
    assert wrapped(text, 5.0, _ruler, 3) == lines


def test_shortening() -> None:
    """A text that is too long says so, in the width that there is."""
    assert shortened("0123456789", 5.0, _ruler, bold=False) == "0123456789"
    assert shortened("0123456789", 5.0, _ruler, bold=True) == "0123…"


@pytest.mark.parametrize(
    ("days", "span"), [(1, Span.DAY), (45, Span.DAY), (46, Span.WEEK), (1000, Span.MONTH)]
)
def test_bars_cover_every_day_once(days: int, span: Span) -> None:
    """Spans grow with the period; no day is lost or counted twice, and none is left out."""
    first = date(2024, 1, 31)
    counted = [(first + timedelta(days=day), 1) for day in range(days)]
    use = use_of(counted, sealed=True)
    assert use.span is span
    assert sum(count for _, count in use.bars) == days
    assert len(use.bars) <= 45


def test_days_without_anything_are_bars_of_nothing() -> None:
    """A gap is seen as a gap, and a single day among the two weeks that end with it."""
    days = [(date(2026, 11, 1), 2), (date(2026, 11, 4), 1)]
    assert [count for _, count in use_of(days, sealed=True).bars] == [0] * 10 + [2, 0, 0, 1]
    assert use_of([], sealed=False).bars == ()
