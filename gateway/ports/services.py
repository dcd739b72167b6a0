"""Digest services, time-stamps and revocation data: they see digests, never a document."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.core.errors import ServiceFault


class AnswerForm(StrEnum):
    """What a digest service returns."""

    RAW = "raw"
    """The signature value over the digest of the signed attributes."""
    CMS = "cms"
    """A detached CMS (PKCS#7) over the digest of the document, with attributes of its own."""


@dataclass(frozen=True)
class Credential:
    """A signing credential as its service describes it."""

    id: str
    chain: tuple[bytes, ...]
    """DER certificates, signer first."""
    signature_algorithm: str
    """As asn1crypto names it: `rsassa_pkcs1v15`, `rsassa_pss`, `ecdsa` or `ed25519`."""
    digest_algorithm: str
    """`sha256`, `sha384`, `sha512` or their `sha3_` kin: of the digests to be sent."""
    batch: int = 1
    """How many digests one call may carry."""
    answer: AnswerForm = AnswerForm.RAW
    timestamped: bool = False
    """A CMS answer is expected to bring its own time-stamp."""
    reserve: int = 0
    """Bytes for which a file must keep room for a CMS answer; 0 for raw answers."""


@dataclass(frozen=True)
class Authorization:
    """Permission to sign exactly these digests (CSC: the SAD); empty where a service has none."""

    digests: tuple[bytes, ...]
    token: str
    """Secret: never logged."""


Outcome = bytes | ServiceFault
"""What became of one digest of a call: its signature, or why there is none."""


class DigestService(Protocol):
    """A remote service that signs digests. All errors are `ServiceFault`.

    What is sent for Ed25519, which hashes by itself (RFC 8419), are the signed attributes:
    they hold digests, and nothing of the document.
    """

    name: str
    idempotent: bool
    """The same digest sent again is answered again without being charged again."""

    def credential(self) -> Credential:
        """Return the credential, from the service or a short-lived memory of it."""

    def authorize(self, digests: tuple[bytes, ...]) -> Authorization:
        """Obtain permission to sign; costs nothing."""

    def sign(self, authorization: Authorization) -> tuple[Outcome, ...]:
        """Send the digests and return what became of each, in their order: the paid call.

        Every signature returned fits its digest and the certificate: a value, or a CMS where
        `Credential.answer` says so. Raises when all of the digests share one fate.
        """


class Timestamper(Protocol):
    """An RFC 3161 time-stamp authority. All errors are `ServiceFault` with a `tsa.` code."""

    name: str

    def timestamp(self, digest: bytes, digest_algorithm: str) -> bytes:
        """Return the DER time-stamp token (a CMS ContentInfo) over `digest`."""


@dataclass(frozen=True)
class Evidence:
    """What proves later that certificates were good: DER, each part without doubles."""

    certificates: tuple[bytes, ...]
    """The chain that was asked about, leaf first, then others that are needed."""
    ocsps: tuple[bytes, ...] = ()
    """OCSP responses (RFC 6960, 4.2.1), as they came."""
    crls: tuple[bytes, ...] = ()


class EvidenceSource(Protocol):
    """Revocation data of certificates; responders learn their serial numbers, no more.

    Raises `ServiceFault`: `revocation.unavailable`, `revocation.revoked`.
    """

    def of_chain(self, chain: tuple[bytes, ...]) -> Evidence:
        """Return evidence for a chain of DER certificates, leaf first."""

    def of_token(self, token: bytes) -> Evidence:
        """Return evidence for the signer of a DER time-stamp token."""
