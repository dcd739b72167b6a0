"""Documents that go out to be signed elsewhere: fields made in advance, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway.core.flow_definition import OutsideSigner
from gateway.core.flow_fields import FieldInAdvance


@dataclass(frozen=True)
class Awaited:
    """What a file that comes back is held against."""

    signer: OutsideSigner
    anchors: tuple[bytes, ...]
    """The site's own, PEM or DER: for the signer where it names none, and for time-stamps."""
    field: str = ""
    """Where the signature must be; empty for a new field, or any that waits for nobody else."""
    others: tuple[str, ...] = ()
    """Fields that wait for other steps."""
    last: bool = False
    """No further signature will follow, so that this one may lock the document."""


@dataclass(frozen=True)
class Returned:
    """The one new signature of a file that was accepted, and the file."""

    signer: str
    """Common name, or the whole subject."""
    fingerprint: str
    """SHA-256 of the certificate, in hex."""
    field: str
    signed_at: str
    """ISO 8601; the time-stamp's time when there is one, else the signer's claim, if any."""
    timestamped: bool
    level: str
    """PAdES baseline level, or `CMS` for a signature that is no PAdES."""
    sha256: str
    """Of the whole file, in hex."""


class ReturnedFiles(Protocol):
    """What parties bring back after signing elsewhere."""

    def check_return(self, sent: Path, returned: Path, awaited: Awaited) -> Returned:
        """Accept a file that is `sent` plus exactly one good signature, and nothing else.

        `returned` is a private copy that nobody else can write. Raises `DocumentFault`
        (`outside.…`) with what is wrong, whatever the file holds.
        """


class FieldMaking(Protocol):
    """Empty signature fields that are made before anybody signs."""

    def prepare_fields(
        self, original: Path, draft: Path, fields: tuple[FieldInAdvance, ...]
    ) -> None:
        """Write the document with these fields to `draft`, original first and unchanged.

        Raises `DocumentFault`: `pdf.…`, `flow.field-taken`, and `pdf.cannot-extend` when the
        document is built so that nobody could tell later what was changed in it.
        """
