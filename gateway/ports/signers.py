"""Who has signed a PDF, as its signatures themselves say: what can be asked about them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class SignatureParts:
    """One signature, or one document time-stamp, taken apart; nothing in it is validated."""

    field: str
    chain: tuple[bytes, ...]
    """DER certificates, the signer's first, then all others that the signature brings."""
    token: bytes = b""
    """The DER time-stamp token within it, or the whole of a document time-stamp."""
    document_stamp: bool = False
    askable: bool = False
    """The signer's certificate says where its revocation data are."""


class SignatureReading(Protocol):
    """Signatures of PDF documents, in child processes."""

    def signature_parts(self, path: Path) -> tuple[SignatureParts, ...]:
        """Return every signature of a document, in no certain order.

        Raises `DocumentFault` when one of them cannot be taken apart.
        """
