"""What may stand below `services:` and `timestamp:` in `gateway.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from gateway.settings.written import Part, PathText, Shares, Span, Text, Words


class SecretReference(Part):
    """Where a secret is; never the secret itself."""

    secret: Words | None = None
    """Name of a systemd credential, else of a variable SEALGATE_SECRET_NAME, else of a file in
    secrets/."""
    file: PathText | None = None
    """A file that only Sealgate's user can read."""
    environment: Words | None = None
    """An environment variable."""

    @model_validator(mode="after")
    def _exactly_one(self) -> SecretReference:
        if sum(value is not None for value in (self.secret, self.file, self.environment)) != 1:
            raise ValueError("say exactly one of secret, file and environment")
        return self


class HttpPart(Part):
    """How an HTTP peer is reached."""

    connect_timeout: Span = "10s"  # type: ignore[assignment]
    """How long to wait for a connection."""
    read_timeout: Span = "60s"  # type: ignore[assignment]
    """How long to wait for an answer."""
    ca_file: PathText | None = None
    """PEM of a private authority for TLS; the system's when not given."""
    proxy: Text = ""
    """Address of an HTTP proxy; none when not given."""
    client_certificate: PathText | None = None
    """PEM of our own certificate, for mutual TLS."""
    client_key: PathText | None = None
    """PEM of its private key, when it does not stand in the same file."""


class QuotaPart(Part):
    """A prepaid quota; packages are added with `sealgate services quota NAME --add`."""

    counts: Literal["hash", "call", "document"] = "hash"
    """What one unit buys: each digest, each call, or each document."""
    alarm_at: Annotated[Shares, Field(max_length=10)] = ("20%", "5%")  # type: ignore[assignment]
    """Shares of what was bought at which an alarm is raised when no more is left."""


class MeteredPart(Part):
    """What all digest services have in common."""

    idempotent: bool = False
    """The service answers the same digest again without charging again."""
    repeats: Annotated[int, Field(ge=0, le=100)] = 1
    """How often a digest is sent again by itself after a call that was never answered; then a
    person decides (sealgate retry). An idempotent service is asked until it answers."""
    quota: QuotaPart | None = None
    """A prepaid quota: work is held when it is used up."""
    calls: Annotated[int, Field(ge=1, le=256)] = 4
    """Calls that may be under way at the same time."""


class OAuthPart(Part):
    """OAuth 2.0 client credentials (RFC 6749, 4.4)."""

    token_url: Words
    """Where access tokens are asked for."""
    client_id: Words
    """Who we are to the service."""
    client_secret: SecretReference
    """What proves it."""
    scope: Text = "service"
    """The scope asked for."""


class LoginPart(Part):
    """A name and a password."""

    user: Words
    """Login name."""
    password: SecretReference
    """Goes with it."""


class CscPart(HttpPart, MeteredPart):
    """A digest service of the Cloud Signature Consortium API."""

    type: Literal["csc"]
    """csc: Cloud Signature Consortium API."""
    url: Words
    """Base address, such as https://host/csc/v2."""
    version: Literal["1", "2"] = "2"
    """Of the API: 1 for 1.0.4, 2 for 2.x."""
    credential: Text = ""
    """Its credentialID; empty when the service lists exactly one."""
    oauth: OAuthPart | None = None
    """How we log in."""
    login: LoginPart | None = None
    """How we log in where there is no OAuth: HTTP Basic, by auth/login."""
    pin: SecretReference | None = None
    """Authorises the use of the credential."""
    otp: SecretReference | None = None
    """A second factor that the service accepts from a machine, such as a fixed one-time code."""
    signature: Literal["rsa-pkcs1", "rsa-pss", "ecdsa"] | None = None
    """The signature algorithm; what the service offers first when not given."""
    digest: Literal["sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"] | None = None
    """The digest algorithm; what goes with the key when not given."""
    asynchronous: bool = False
    """Version 2: ask for operationMode A, and poll for the signatures."""
    extend: bool = False
    """Authorise once for as many signatures as the credential allows, and extend the SAD for
    each next digest; with calls: 1."""


class LocalPart(MeteredPart):
    """A key in a file, for evaluation: only with sandbox: true."""

    type: Literal["local"]
    """local: a PKCS#12 file."""
    file: PathText
    """The PKCS#12 file (.p12, .pfx) with key and certificates."""
    password: SecretReference
    """Its password."""


class TimestampPeerPart(HttpPart):
    """A time-stamp authority (RFC 3161)."""

    name: Annotated[Words, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")] = "tsa"
    """How messages, holds and its quota call it."""
    url: Text = ""
    """Its address."""
    service: Text = ""
    """Instead of url: name of the csc service whose signatures/timestamp is used."""
    read_timeout: Span = "30s"  # type: ignore[assignment]
    """How long to wait for an answer."""
    user: Text = ""
    """Login name; needs password."""
    password: SecretReference | None = None
    """Goes with user."""
    quota: QuotaPart | None = None
    """A prepaid quota of time-stamps."""

    @model_validator(mode="after")
    def _one_peer(self) -> TimestampPeerPart:
        if bool(self.url) == bool(self.service):
            raise ValueError("say either url or service")
        return self


class TimestampPart(TimestampPeerPart):
    """A time-stamp authority (RFC 3161), for profile level B-T and above."""

    failover: tuple[TimestampPeerPart, ...] = ()
    """Others, asked in this order when it does not answer."""


class RevocationPart(HttpPart):
    """How revocation data are fetched, for profile levels B-LT and B-LTA."""

    connect_timeout: Span = "5s"  # type: ignore[assignment]
    """How long to wait for a connection."""
    read_timeout: Span = "15s"  # type: ignore[assignment]
    """How long to wait for an answer."""
    prefer: Literal["ocsp", "crl"] = "ocsp"
    """What is asked for first; the other is tried after it."""
    cache: Span = "10m"  # type: ignore[assignment]
    """How long an answer is used again at most; never beyond its own next update."""
    watch: bool = True
    """Once an hour the daemon asks about the certificates of all services; a revoked one holds."""
