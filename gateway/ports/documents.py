"""PDF documents, always handled in a child process."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from gateway.core.facts import NOTHING, DocumentFacts, Wanted
from gateway.core.plan import SealingPlan
from gateway.ports.services import Credential, Evidence


@dataclass(frozen=True)
class Prepared:
    """What the seam carries from prepare to embed, besides the placeholder file."""

    digest: bytes
    """Of the DER-encoded signed attributes, or of the document where the service makes those:
    the only thing that leaves the site."""
    seam: bytes
    """JSON that `embed` reads back."""
    notes: tuple[str, ...] = ()
    """What was left out of the seals because the document forbids it, in words."""


class Proof(StrEnum):
    """What a file brings with which a signature in it can be validated without asking anybody."""

    NONE = ""
    EVIDENCE = "LT"
    """Certificates and revocation data."""
    ARCHIVED = "LTA"
    """The same, under a document time-stamp."""


@dataclass(frozen=True)
class Extension:
    """What is carried from extending a file to filling in its document time-stamp."""

    digest: bytes
    """SHA-256, for the time-stamp authority."""
    hole: bytes
    """JSON that `fill` reads back."""


@dataclass(frozen=True)
class SignatureReport:
    """One signature of a validated PDF."""

    field: str
    signer: str
    """Common name, or the whole subject."""
    serial: str
    """Of the signer's certificate, in hex."""
    fingerprint: str
    """SHA-256 of the signer's certificate, in hex."""
    signed_at: str
    """ISO 8601; the time-stamp's time when there is one, else the signer's claim."""
    timestamped: bool
    intact: bool
    """Digest and signature value fit."""
    trusted: bool
    """The certificate was valid and leads to a trust anchor of the site."""
    covers_all: bool
    """Nothing was appended after it, or only what it allows."""
    problem: str
    """In words; empty when all is well."""
    proof: Proof = Proof.NONE
    """What the file itself brings to prove it later."""
    ends: str = ""
    """ISO 8601: when the certificate that the proof rests on ends."""
    seals: str = ""
    """Which seals it was made with, and which look of each, if Sealgate made it."""
    document_stamp: bool = False
    """It is a time-stamp over the document, not somebody's signature."""

    @property
    def good(self) -> bool:
        """Tell whether the signature is valid, trusted and undisturbed."""
        return self.intact and self.trusted and self.covers_all


@dataclass(frozen=True)
class Expectation:
    """What the release gate holds a sealed file against."""

    original: Path
    plan: SealingPlan
    certificate: bytes
    """DER certificate of the signer."""
    seam: bytes = b""
    """What `prepare` returned for this original, if the ledger says that it compared the pages:
    bytes that are the same are not drawn again. Empty: they are drawn."""


@dataclass(frozen=True)
class Signer:
    """Who will sign, and whom the site trusts (certificates in PEM or DER)."""

    credential: Credential
    anchors: tuple[bytes, ...]


class Documents(Protocol):
    """PDF documents. All faults of a file are `DocumentFault`."""

    def examine(self, path: Path, wanted: Wanted = NOTHING) -> DocumentFacts:
        """Read a document's facts, and where the wanted words are."""

    def prepare(
        self,
        original: Path,
        draft: Path,
        plan: SealingPlan,
        artwork: tuple[Path, ...],
        signer: Signer,
    ) -> Prepared:
        """Write the placeholder file, original first and unchanged, to `draft`.

        `artwork` has the PNG or one-page PDF of each of the plan's seals, in their order.

        Everything that the release gate could refuse and that can be known before a signature
        is paid for is refused here; pages are drawn and compared, before and after. Raises
        `DocumentFault` when the seal would disturb an earlier signature or anything else on a
        page, `ServiceFault`
        (`service.credential-untrusted`) when the site does not trust the signer.
        """

    def to_stamp(self, seam: bytes, signature: bytes) -> bytes | None:
        """Return the signature value that a time-stamp is to be over; None when it has one."""

    def embed(
        self, prepared: Path, draft: Path, seam: bytes, signature: bytes, timestamp: bytes | None
    ) -> None:
        """Write the signed file to `draft`; the same input gives the same bytes."""

    def extend(
        self, signed: Path, draft: Path, evidence: Evidence, *, vri_field: str, stamp: bool
    ) -> Extension | None:
        """Write the file with validation data to `draft`; with `stamp`, room for a time-stamp.

        With `vri_field`, the data are also listed for the signature in that field.
        """

    def fill(self, extended: Path, draft: Path, hole: bytes, token: bytes) -> None:
        """Write the extended file to `draft`, with its document time-stamp's token."""

    def last_token(self, path: Path) -> bytes:
        """Return the token of the newest document time-stamp; empty when there is none."""

    def verify(
        self, path: Path, anchors: tuple[bytes, ...], expected: Expectation | None = None
    ) -> tuple[SignatureReport, ...]:
        """Validate every signature; with `expected`, raise `DocumentFault` (`gate.…`) on doubt."""

    def preview(
        self,
        path: Path,
        plan: SealingPlan,
        artwork: tuple[Path, ...],
        *,
        png: Path | None = None,
        pdf: Path | None = None,
    ) -> None:
        """Draw the pages that a plan touches, with their seals as they will be.

        Each seal is outlined, and told of below its page: coordinates, anchor, rule. `png` gets
        one sheet with the first pages, `pdf` every page.
        """


class Repairing(Protocol):
    """Documents whose structure is damaged. All faults of a file are `DocumentFault`."""

    def repair(self, original: Path, draft: Path) -> tuple[str, ...]:
        """Write the same document with a sound structure to `draft`; return what was done.

        Nothing is lost, nobody has signed it, and pages look and read as before; otherwise
        raises `DocumentFault` (`pdf.not-repairable`).
        """


class PagePictures(Protocol):
    """Single pages as pictures. All faults of a file are `DocumentFault`."""

    def draw(
        self, path: Path, page: int, png: Path, *, longest: int = 1600, paper: bool = True
    ) -> None:
        """Draw a page (index from 0, from the end when negative) to `png`.

        `longest` is its longer side in pixels. Without `paper`, what is not drawn is transparent.
        """

    def draw_sealed(
        self,
        path: Path,
        plan: SealingPlan,
        artwork: tuple[Path, ...],
        page: int,
        png: Path,
        *,
        longest: int = 1600,
    ) -> None:
        """Draw a page (index from 0) to `png` with the seals that a plan puts on it."""
