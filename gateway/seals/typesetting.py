"""What all texts of seals share: how tall letters look, and the smallest that can be read."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.errors import DocumentFault
from gateway.seals.typefaces import Letter

SMALLEST = 1.2
"""Millimetres that capitals or Chinese characters are tall at least: about 5 points of type."""


@dataclass(frozen=True)
class Stature:
    """What the eye takes for the height of a text, in ems above its base line."""

    low: float
    high: float

    @property
    def height(self) -> float:
        """Return the height in ems."""
        return self.high - self.low


def stature(letters: tuple[Letter, ...]) -> Stature:
    """Return the stature of ideographs where there are any, else of capitals.

    It is that of the font, not of the text, so that two texts of one size stand alike.
    """
    ideograph = next((letter for letter in letters if letter.wide), None)
    if ideograph is not None:
        _, low, _, high = ideograph.typeface.ideograph
        return Stature(low, high)
    return Stature(0.0, letters[0].typeface.capital)


def has_wide(letters: tuple[Letter, ...]) -> bool:
    """Tell whether there is a Chinese character in a text."""
    return any(letter.wide for letter in letters)


def too_long(letters: tuple[Letter, ...]) -> DocumentFault:
    """Return the error that tells of a text that cannot be made small enough."""
    text = "".join(letter.character for letter in letters)
    shown = text if len(text) <= 60 else f"{text[:59]}…"
    return DocumentFault("seal.text-too-long", shown)
