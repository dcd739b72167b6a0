"""Printing reports: letters of the machine's fonts, and files made of pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway.core.drawing import FontSubset
from gateway.core.printed_page import Page


@dataclass(frozen=True)
class SetGlyph:
    """One glyph of a text that is set."""

    font: int
    """Index in the fonts."""
    number: int
    """In the font's own numbering."""
    shown: str
    """Whose glyph it is."""
    text: str
    """What it stands for here."""


class Lettering(Protocol):
    """Fonts for any text; a character that none has is shown by a stand-in.

    Raises `SiteFault` (`site.font-missing`) when there is no font at all.
    """

    def width(self, text: str, bold: bool) -> float:
        """Return how wide a text is, in ems."""

    def note(self, text: str, bold: bool) -> None:
        """Remember that these characters will be set."""

    def fonts(self) -> tuple[FontSubset, ...]:
        """Return the fonts cut down to what was noted."""

    def glyphs(self, text: str, bold: bool) -> tuple[SetGlyph, ...]:
        """Return the glyphs of a noted text, after `fonts`."""


@dataclass(frozen=True)
class Attached:
    """A file inside the file."""

    name: str
    """ASCII."""
    kind: str
    """Media type."""
    content: bytes


@dataclass(frozen=True)
class About:
    """What a file says of itself."""

    title: str
    author: str
    language: str
    """BCP 47."""
    attached: Attached | None = None


class Printer(Protocol):
    """Who makes a file of pages."""

    def print(
        self,
        pages: Callable[[int], Iterable[Page]],
        lettering: Lettering,
        about: About,
        target: Path,
    ) -> int:
        """Write a new PDF and return how many pages it has.

        `pages` is asked twice, so that no more than one page is in memory as marks: first with 0,
        for the characters, then with the number of pages, to be drawn. Raises `SiteFault`.
        """
