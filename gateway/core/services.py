"""What `gateway.yaml` says of digest services and time-stamp authorities, checked and frozen.

A service is what all families share (`ServiceSettings`) and what is its family's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from gateway.core.secret import Secret


@dataclass(frozen=True)
class HttpAccess:
    """How an HTTP peer is reached; durations in seconds."""

    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    ca_file: Path | None = None
    """PEM of a private authority for TLS; None for the system's."""
    proxy: str = ""
    """Address of an HTTP proxy; empty for a direct connection."""
    client_certificate: Path | None = None
    """PEM of our own certificate for mutual TLS, with its chain."""
    client_key: Path | None = None
    """PEM of its private key; None when it stands in the same file."""


class Counted(StrEnum):
    """What one unit of a prepaid quota buys."""

    HASH = "hash"
    """Each digest of each call."""
    CALL = "call"
    """Each call, however many digests it carries."""
    DOCUMENT = "document"
    """Each document, however often its digest is sent."""


@dataclass(frozen=True)
class QuotaSettings:
    """A prepaid quota; its packages are told to the ledger, not to the configuration."""

    counts: Counted = Counted.HASH
    alarm_at: tuple[float, ...] = (0.2, 0.05)
    """Fractions of what was bought and is valid, at which an alarm is raised when left."""


@dataclass(frozen=True)
class OAuthSettings:
    """OAuth 2.0 client credentials (RFC 6749, 4.4)."""

    token_url: str
    client_id: str
    client_secret: Secret
    scope: str = "service"


@dataclass(frozen=True)
class LoginSettings:
    """A name and a password, for HTTP Basic or `auth/login` of CSC."""

    user: str
    password: Secret


@dataclass(frozen=True)
class CscSettings:
    """A service of the Cloud Signature Consortium API."""

    url: str
    """Base address, such as `https://host/csc/v2`; `sandbox://csc/v2` is the site's own sandbox."""
    credential: str = ""
    """credentialID; empty when the service lists exactly one."""
    version: int = 2
    """Of the API: 1 (1.0.4) or 2."""
    oauth: OAuthSettings | None = None
    login: LoginSettings | None = None
    pin: Secret | None = None
    otp: Secret | None = None


@dataclass(frozen=True)
class LocalSettings:
    """A key in a PKCS#12 file; only for evaluation."""

    file: Path
    password: Secret


Family = CscSettings | LocalSettings


@dataclass(frozen=True)
class ServiceSettings:
    """A digest service: what all families share, and what is its family's own."""

    name: str
    family: Family
    access: HttpAccess = field(default_factory=HttpAccess)
    idempotent: bool = False
    """The same digest sent again is answered again without being charged again."""
    repeats: int = 1
    """Times a digest is sent again by itself after a call that was never answered."""
    quota: QuotaSettings | None = None
    calls: int = 4
    """Calls that may be under way at the same time."""


@dataclass(frozen=True)
class TimestampSettings:
    """An RFC 3161 authority."""

    url: str
    name: str = "tsa"
    access: HttpAccess = field(default_factory=lambda: HttpAccess(read_timeout=30.0))
    login: LoginSettings | None = None
    quota: QuotaSettings | None = None
