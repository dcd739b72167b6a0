"""Lengths as people write them."""

from __future__ import annotations

import pytest

from gateway.core.lengths import ZERO, Length


@pytest.mark.parametrize(
    ("written", "points"),
    [
        ("25.4mm", 72),
        ("-25.4 mm", -72),
        ("42pt", 42),
        ("+.5in", 36),
        ("1.in", 72),
        (" 10% ", 20),
        ("-100%", -200),
        ("0mm", 0),
    ],
)
def test_length_in_points(written: str, points: float) -> None:
    """Each unit is carried into true points, per cent of the page's extent of 200."""
    assert Length.parse(written).points(200) == pytest.approx(points)


@pytest.mark.parametrize("written", ["", "10", "mm", "10cm", "1,5mm", "1e3mm", "--1mm", "10mm x"])
def test_what_is_no_length_is_explained(written: str) -> None:
    """The author is told what was written and what can be."""
    with pytest.raises(ValueError, match="write a number with mm, pt, in or %") as error:
        Length.parse(written)
    assert repr(written) in str(error.value)


@pytest.mark.parametrize("written", ["15mm", "-0.5in", "10%", "0mm"])
def test_length_is_written_as_it_was_read(written: str) -> None:
    """A length can be shown to its author."""
    assert str(Length.parse(written)) == written


def test_zero_has_no_extent() -> None:
    """The default is nothing, on any page."""
    assert ZERO.points(841.89) == 0
