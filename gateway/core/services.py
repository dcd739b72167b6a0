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
class ApiKeySettings:
    """A key in a header of its own."""

    header: str
    key: Secret
    prefix: str = ""
    """Stands before the key, such as `Bearer `."""


@dataclass(frozen=True)
class HmacSettings:
    """A keyed hash over the request (RFC 2104), in a header."""

    key: Secret
    header: str
    signed: str
    """Template of what is hashed."""
    algorithm: str = "sha256"
    encoding: str = "hex"
    """`hex`, `base64` or `base64url`."""
    prefix: str = ""
    """Template of what stands before the value."""


@dataclass(frozen=True)
class JwtSettings:
    """A bearer token that we sign (RFC 7519), or exchange for one (RFC 7523, 2.1)."""

    key: Secret
    """PEM of a private key, or the shared secret of HS256."""
    algorithm: str
    """`HS256`, `RS256` or `ES256`."""
    issuer: str
    audience: str
    subject: str = ""
    key_id: str = ""
    scope: str = ""
    lifetime: float = 300.0
    """Seconds."""
    token_url: str = ""
    """Where the token is exchanged; empty when the service takes ours."""


@dataclass(frozen=True)
class AwsSettings:
    """Amazon's Signature Version 4."""

    access_key_id: Secret
    secret_access_key: Secret
    region: str
    service: str = "kms"
    session_token: Secret | None = None


Authentication = (
    ApiKeySettings | LoginSettings | OAuthSettings | HmacSettings | JwtSettings | AwsSettings
)


@dataclass(frozen=True)
class HeaderSettings:
    """One header of a request: a template, or a secret."""

    name: str
    value: str | Secret


@dataclass(frozen=True)
class AnswerSettings:
    """Where in an answer the signature stands, and how it is written."""

    at: str = ""
    """JSON pointer (RFC 6901); empty for the whole body."""
    encoding: str = "base64"
    """`base64`, `base64url`, `hex`, `der` or `pem`."""
    prefix: str = ""
    """Stands before the signature and is taken off."""
    request_id: str = ""
    """JSON pointer to the service's name of the call, for complaints."""


@dataclass(frozen=True)
class DigestCallSettings:
    """A service that takes a digest in one HTTP request and answers at once."""

    url: str
    request: str
    """Template of the body."""
    certificates: Path
    """PEM with the chain, signer first."""
    answer: AnswerSettings = field(default_factory=AnswerSettings)
    method: str = "POST"
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[HeaderSettings, ...] = ()
    content_type: str = "application/json"
    idempotency_header: str = ""
    """Carries a value that is the same for the same digest."""
    digest_algorithm: str = "sha256"
    """As in `Credential`."""
    signature_algorithm: str = ""
    """As in `Credential`; empty for what fits the certificate's key."""
    authentication: Authentication | None = None


@dataclass(frozen=True)
class DigestRawSettings:
    """Digest of the signed attributes in, signature value out."""

    call: DigestCallSettings


@dataclass(frozen=True)
class DigestCmsSettings:
    """Digest of the document in, detached CMS out."""

    call: DigestCallSettings
    timestamped: bool = False
    """The CMS already brings its time-stamp."""
    reserve: int = 0
    """Bytes to keep for a CMS at least; more is kept when larger ones came."""


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
    signature_algorithm: str = ""
    """As in `ports.Credential`; empty for what is offered first."""
    digest_algorithm: str = ""
    asynchronous: bool = False
    """Ask for `operationMode: A` (version 2): the signatures are polled for."""
    extend: bool = False
    """Authorise once for as many signatures as the credential allows, then extend the SAD."""


@dataclass(frozen=True)
class LocalSettings:
    """A key in a PKCS#12 file; only for evaluation."""

    file: Path
    password: Secret


@dataclass(frozen=True)
class Pkcs11Settings:
    """A key in a token or HSM, by its PKCS#11 module."""

    module: Path
    """The shared library of the token's maker."""
    pin: Secret
    token: str = ""
    """Label; empty when there is exactly one token."""
    key: str = ""
    """Label of the key, and of its certificate."""
    key_id: bytes = b""
    certificates: Path | None = None
    """PEM of the chain, signer first; None to take it from the token."""
    signature_algorithm: str = ""
    """As in `ports.Credential`; empty for what goes with the key."""
    digest_algorithm: str = "sha256"


Family = CscSettings | LocalSettings | DigestRawSettings | DigestCmsSettings | Pkcs11Settings


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
    """Empty when a CSC service stamps."""
    name: str = "tsa"
    service: str = ""
    """Name of the CSC service whose `signatures/timestamp` is used."""
    access: HttpAccess = field(default_factory=lambda: HttpAccess(read_timeout=30.0))
    login: LoginSettings | None = None
    quota: QuotaSettings | None = None


@dataclass(frozen=True)
class RevocationSettings:
    """How revocation data is fetched for levels B-LT and B-LTA; durations in seconds."""

    access: HttpAccess = field(default_factory=lambda: HttpAccess(5.0, 15.0))
    crl_first: bool = False
    """Ask for a CRL before OCSP."""
    cache: float = 600.0
    """How long an answer is used again at most; never beyond its own next update."""
    watch: bool = True
    """The daemon looks after the certificates of all services, whatever the level."""
