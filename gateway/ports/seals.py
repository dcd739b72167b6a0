"""Seals: what they look like, who may use them, and how they become pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, Protocol

from gateway.core.drawing import Drawing
from gateway.core.job import Job
from gateway.core.registry import ArtworkKind, RegisteredSeal
from gateway.core.rules import Seal
from gateway.core.seal_use import Approval, Use

__all__ = [
    "Artwork",
    "MadePage",
    "SealArtist",
    "SealArtwork",
    "SealDesigns",
    "SealPages",
    "SealRegistry",
    "SealUse",
    "SealUses",
    "Use",
    "Wish",
]


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
        """Write PNG, JPEG, SVG or a PDF of one page to `page`; vector stays vector.

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
class ReadyTemplate:
    """A ready design, of which only the words are missing."""

    name: str
    what: str
    """In a sentence."""
    wants: tuple[str, ...]
    """Words that must be given."""
    takes: tuple[str, ...]
    """Words that may be given."""


class SealDesigns(Protocol):
    """Reads designs; a module with these functions will do."""

    def ready_templates(self) -> tuple[ReadyTemplate, ...]:
        """Return what `design_from_options` knows as templates."""

    def design_from_options(
        self,
        *,
        design: object | None = None,
        template: str = "",
        words: Mapping[str, str | tuple[str, ...]] | None = None,
        changes: Mapping[str, object] | None = None,
    ) -> bytes:
        """Return the JSON of a design, or of a template with its words, with changes made to it.

        Raises `ValueError` with a sentence for each objection.
        """

    def changing(self, design: bytes) -> frozenset[str]:
        """Return the names of its changing lines; empty when one drawing serves for ever.

        Raises `DocumentFault` when it is none.
        """


class SealRegistry(Protocol):
    """Registered seals. Each change is one transaction with its entry in the signing log."""

    def all(self) -> tuple[RegisteredSeal, ...]:
        """Return every seal ever registered, by name."""

    def find(self, name: str) -> RegisteredSeal | None:
        """Return a seal, or None."""

    def save(
        self,
        seal: RegisteredSeal,
        event: str,
        details: Mapping[str, str],
        actor: str,
        *,
        confirmed: tuple[int, str] | None = None,
    ) -> None:
        """Insert or replace a seal; versions may only be added. Logged as `event`.

        Jobs that wait for the seal look again. `confirmed` is the number of the request that it
        carries out, and who confirms that, as `KeeperRequests.close` does. Raises `UsageFault`:
        `usage.seal-exists`, `usage.seal-revoked`, `usage.seal-changed`.
        """

    def serial(self, seal: str, job: str) -> int:
        """Return the job's number in the seal's series, from 1; the same job, the same number."""

    def revisions(self) -> int:
        """Count the changes ever made to any seal; it grows with each."""


@dataclass(frozen=True)
class SealUse:
    """A document's use of a registered seal, wanted or made."""

    seal: str
    version: int
    job: str
    inbox: str
    rule: str
    user: str
    asked: str
    """UTC, ISO 8601: when the document was planned."""
    approval: Approval = Approval.NONE
    decided: str = ""
    """UTC, ISO 8601: when it was approved or rejected."""
    decider: str = ""
    why: str = ""
    used: str = ""
    """UTC, ISO 8601: when it was counted; empty until its digest is committed as sent."""


class SealUses(Protocol):
    """Uses of registered seals, one for each seal, job and document. `Jobs.send` counts them."""

    def ask(self, job: Job, seals: tuple[Seal, ...]) -> None:
        """Note which seals the plan of a job shows; those that are not registered are left out."""

    def permit(self, job: Job) -> None:
        """Refuse a job whose seals may not be used now, as `Jobs.send` would.

        Raises `DocumentFault` and `WaitingFault` as `core.seal_use` does, and `DocumentFault`
        (`seal.not-registered`).
        """

    def rest(self, job: Job) -> Job:
        """Follow HELD, and let the job wait for what it lacks, unless that has come meanwhile.

        Then the job is returned as it is. All in one transaction, so no approval is missed.
        """

    def decide(self, job: str, approval: Approval, why: str, actor: str) -> tuple[SealUse, ...]:
        """Approve or reject what a job waits for; logged as `seal.use-…`; return those uses.

        Raises `UsageFault` (`usage.not-waiting`).
        """

    def uses(self, *, seal: str = "", limit: int = 0) -> tuple[SealUse, ...]:
        """Return the uses of a seal, newest first; without one, those for which jobs wait."""

    def counted(self, seal: str, day: date) -> tuple[int, int]:
        """Return how often a seal was used on a day of UTC, and in its month."""
