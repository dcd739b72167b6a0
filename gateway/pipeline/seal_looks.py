"""What a version of a seal looks like: imported from a file, or drawn from a design."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.core.errors import UsageFault
from gateway.core.lengths import POINTS_PER_MILLIMETRE, Length
from gateway.core.registry import ArtworkKind
from gateway.ports import MadePage, SealArtist, SealArtwork, SealDesigns, SealPages, Wish

FEWEST_DOTS = 150
"""Dots per inch, as printed, below which the edges of a seal's picture show steps."""
_SMALLEST, _LARGEST = 5.0, 300.0
"""Millimetres, as for seals of `gateway.yaml`."""
_TOLERANCE = 0.01


def points(noun: str, written: str) -> float:
    """Return a seal's width or height as somebody wrote it.

    Raises `UsageFault` (`usage.seal-option`).
    """
    try:
        return Length.on_paper(written).points(0.0)
    except ValueError as error:
        raise UsageFault("usage.seal-option", f"{noun}: {error}") from error


@dataclass(frozen=True)
class SealLook:
    """Stored artwork, its size in points, and where it came from."""

    artwork: str
    kind: ArtworkKind
    width: float
    height: float
    source: str
    """In words."""
    design: str = ""
    """SHA-256 of the stored design, when it was drawn from one."""


@dataclass(frozen=True)
class SealWorkshop:
    """Makes looks."""

    artwork: SealArtwork
    pages: SealPages

    def imported(self, file: Path, wish: Wish) -> SealLook:
        """Import PNG, JPEG, SVG or a PDF of one page.

        Raises `UsageFault` (`usage.seal-too-coarse`, `usage.seal-option`), and `DocumentFault`
        as `SealPages.from_file` does.
        """
        with self._page() as page:
            made = self.pages.from_file(file, page, wish)
            _check_size(made.width, made.height)
            _check_dots(made, wish)
            stored = self._stored(page.read_bytes(), ArtworkKind.PDF)
        return SealLook(stored, ArtworkKind.PDF, made.width, made.height, f"file {file.name}")

    def drawn(
        self, artist: SealArtist, designs: SealDesigns, design: bytes, source: str, now: datetime
    ) -> SealLook:
        """Draw a design: once for ever, or, if some of its lines change, a sample to check it.

        Raises `UsageFault` (`usage.seal-option`), and `DocumentFault` and `SiteFault` as
        `SealArtist.draw` does.
        """
        changes = bool(designs.changing(design))
        drawing = artist.draw(design, sample_values(now) if changes else {})
        _check_size(drawing.width, drawing.height)
        with self._page() as page:
            made = self.pages.from_drawing(drawing, page)
            kept = self._stored(design, ArtworkKind.DESIGN)
            if changes:
                artwork, kind = kept, ArtworkKind.DESIGN
            else:
                artwork, kind = self._stored(page.read_bytes(), ArtworkKind.PDF), ArtworkKind.PDF
        return SealLook(artwork, kind, made.width, made.height, source, kept)

    def _stored(self, content: bytes, kind: ArtworkKind) -> str:
        try:
            return self.artwork.store(content, kind)
        except ValueError as error:
            raise UsageFault("usage.seal-option", str(error)) from error

    @contextmanager
    def _page(self) -> Iterator[Path]:
        """Yield a path for a page, in a folder that goes away with it."""
        with tempfile.TemporaryDirectory(prefix="sealgate-seal-") as folder:
            yield Path(folder) / "seal.pdf"


def sample_values(now: datetime) -> dict[str, str]:
    """Return a value for everything that a changing line may tell, for a sample of a seal."""
    return {
        "moment": now.isoformat(timespec="seconds"),
        "serial": "1",
        "signer": "Signer",
        "reason": "Reason",
        "hash": "0123456789abcdef" * 4,
        "receipt": "receipt.json",
        "name": "document",
    }


def _check_size(width: float, height: float) -> None:
    for noun, points in (("wide", width), ("high", height)):
        millimetres = points / POINTS_PER_MILLIMETRE
        if not _SMALLEST - _TOLERANCE <= millimetres <= _LARGEST + _TOLERANCE:
            detail = (
                f"a seal is between 5 and 300 mm, this one would be {millimetres:.4g} mm {noun}"
            )
            raise UsageFault("usage.seal-option", detail)


def _check_dots(made: MadePage, wish: Wish) -> None:
    if made.dots is not None and made.dots < FEWEST_DOTS:
        most = wish.width * made.dots / FEWEST_DOTS / POINTS_PER_MILLIMETRE
        asked = wish.width / POINTS_PER_MILLIMETRE
        # Rounded down, so that the width that is told does do.
        detail = (
            f"{made.dots:.0f} dots per inch at {asked:.4g} mm, of at least {FEWEST_DOTS}; "
            f"it would do up to {int(most * 10) / 10:g} mm wide"
        )
        raise UsageFault("usage.seal-too-coarse", detail)
