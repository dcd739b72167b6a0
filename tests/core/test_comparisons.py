"""Conditions on numbers."""

from __future__ import annotations

import pytest

from gateway.core.rules import Comparison


@pytest.mark.parametrize(
    ("written", "holds", "fails"),
    [
        ("3", (3,), (2, 4)),
        ("=3", (3,), (2, 4)),
        ("!=3", (2, 4), (3,)),
        (">= 2", (2, 3), (1,)),
        ("<=2", (1, 2), (3,)),
        (">2", (3,), (2, 1)),
        (" <2 ", (1,), (2, 3)),
    ],
)
def test_signs(written: str, holds: tuple[int, ...], fails: tuple[int, ...]) -> None:
    """Each sign means what it says; without one the number must be the same."""
    comparison = Comparison.parse(written)
    assert all(comparison.holds(number) for number in holds)
    assert not any(comparison.holds(number) for number in fails)
    assert comparison.written == written.strip()


@pytest.mark.parametrize(
    ("written", "size"),
    [
        (">1kB", 1000),
        (">1.5 MB", 1_500_000),
        (">2gb", 2_000_000_000),
        (">1KiB", 1024),
        (">1mib", 1_048_576),
        (">7", 7),
    ],
)
def test_units_of_bytes(written: str, size: int) -> None:
    """Decimal and binary units are told apart, whatever their case."""
    comparison = Comparison.parse(written, sizes=True)
    assert comparison.holds(size + 1)
    assert not comparison.holds(size)


@pytest.mark.parametrize("written", ["", ">", "two", "=>2", "2..3", ">=2 pages", "-1", ">1MB"])
def test_what_is_no_comparison_is_explained(written: str) -> None:
    """The author is shown how to write one."""
    with pytest.raises(ValueError, match="write it like '>=2'"):
        Comparison.parse(written)


def test_unknown_unit_is_explained() -> None:
    """Where sizes are meant, the example is one of a size."""
    with pytest.raises(ValueError, match="write it like '>1MB'"):
        Comparison.parse(">1 furlong", sizes=True)
