"""Seals: what they look like, who may use them, and how they become pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from gateway.core.drawing import Drawing
from gateway.core.registry import ArtworkKind, RegisteredSeal


@dataclass(frozen=True)
class Artwork:
    """A seal's picture: SHA-256 of its bytes in hex, and its extent in pixels."""

    sha256: str
    width: int
    height: int


class SealArtwork(Protocol):
    """The bytes of seal artwork by their SHA-256, so that a pinned job finds them unchanged."""

    def keep(self, image: Path) -> Artwork:
        """Import a PNG (alpha kept); raises `ValueError` with a sentence when it cannot be used."""

    def store(self, content: bytes, kind: ArtworkKind) -> str:
        """Keep the bytes of artwork that was checked before, durably; return their SHA-256."""

    def path(self, sha256: str) -> Path:
        """Return the file, whose ending tells its kind.

        Raises `SiteFault` (`site.artifact-damaged`) when it is not intact.
        """


@dataclass(frozen=True)
class Wish:
    """How artwork is to be imported. Lengths in points, as printed."""

    width: float
    height: float | None = None
    """From the artwork's own shape when not given."""
    whiteness: Literal["keep", "transparent"] = "keep"
    """Of a raster picture: `transparent` takes white paper away (scans, JPEG)."""
    opacity: float = 1.0
    multiply: bool = False
    turn: float = 0.0
    """Degrees, counter-clockwise; the seal's extent grows so that nothing is cut off."""


@dataclass(frozen=True)
class MadePage:
    """A page as large as its seal, in points."""

    width: float
    height: float
    dots: float | None = None
    """Dots per inch of the coarsest picture in it, as printed; None when all is vector."""


class SealPages(Protocol):
    """Makes one-page PDFs of seals, in a child process: what people import is hostile, too."""

    def from_file(self, source: Path, page: Path, wish: Wish) -> MadePage:
        """Write PNG, JPEG, SVG or the first page of a PDF to `page`; vector stays vector.

        Raises `DocumentFault`: `seal.artwork-unreadable`, `seal.artwork-empty`,
        `seal.artwork-unsupported`, with what is wrong with it as detail.
        """

    def from_drawing(self, drawing: Drawing, page: Path) -> MadePage:
        """Write a drawing to `page`; its fonts are embedded as the subsets that they are."""


class SealArtist(Protocol):
    """Draws designs. Raises `DocumentFault` (`seal.glyph-missing`, `seal.text-too-long`), and
    `SiteFault` (`site.font-missing`)."""

    def draw(self, design: bytes, values: Mapping[str, str]) -> Drawing:
        """Draw a design (JSON) with the values of its changing lines, such as `date`."""


@dataclass(frozen=True)
class Use:
    """Who or what wants to use a seal, and when."""

    inbox: str
    rule: str
    user: str
    """Owner of the dropped file; empty when nobody knows."""
    at: datetime


class SealRegistry(Protocol):
    """Registered seals. Each change is one transaction with its entry in the signing log."""

    def all(self) -> tuple[RegisteredSeal, ...]:
        """Return every seal ever registered, by name."""

    def find(self, name: str) -> RegisteredSeal | None:
        """Return a seal, or None."""

    def save(
        self, seal: RegisteredSeal, event: str, details: Mapping[str, str], actor: str
    ) -> None:
        """Insert or replace a seal; versions may only be added. Logged as `event`."""

    def serial(self, seal: str, job: str) -> int:
        """Return the job's number in the seal's series, from 1; the same job, the same number."""
