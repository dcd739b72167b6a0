"""Lengths as rule authors write them: `15mm`, `42pt`, `0.5in`, `10%`."""

from __future__ import annotations

import re
from dataclasses import dataclass

POINTS_PER_MILLIMETRE = 72 / 25.4

_WRITTEN = re.compile(r"^\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*(mm|pt|in|%)\s*$")
_POINTS = {"mm": POINTS_PER_MILLIMETRE, "pt": 1.0, "in": 72.0}


@dataclass(frozen=True)
class Length:
    """A signed length; `%` is of the page's displayed width or height, along its own axis."""

    value: float
    unit: str

    @classmethod
    def parse(cls, written: str) -> Length:
        """Read a length with its unit.

        Raises `ValueError` with a sentence for the author when it is not one.
        """
        match = _WRITTEN.match(written)
        if match is None:
            raise ValueError(f"{written!r} is not a length: write a number with mm, pt, in or %")
        return cls(float(match.group(1)), match.group(2))

    @classmethod
    def on_paper(cls, written: str) -> Length:
        """Read the length of something that is printed; raises `ValueError` with a sentence."""
        length = cls.parse(written)
        if length.unit == "%" or length.value <= 0:
            raise ValueError(f"{written} is no length on paper: write it like 40mm")
        return length

    def points(self, extent: float) -> float:
        """Return the length in true points; `extent` is the page's, in points, for `%`."""
        if self.unit == "%":
            return self.value / 100 * extent
        return self.value * _POINTS[self.unit]

    def __str__(self) -> str:
        return f"{self.value:g}{self.unit}"


ZERO = Length(0.0, "mm")
