"""What may stand below a service of `type: digest-raw` or `digest-cms` in `gateway.yaml`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from gateway.core import json_pointer
from gateway.core.request_template import BODY, SIGNED, check
from gateway.settings.service_models import (
    HttpPart,
    LoginPart,
    MeteredPart,
    OAuthPart,
    SecretReference,
)
from gateway.settings.written import FileSize, Part, PathText, Span, Text, Words

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_OURS = ("connection", "content-length", "content-type", "host", "transfer-encoding")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _pointer(value: str) -> str:
    json_pointer.parse(value)
    return value


def _header_name(value: str) -> str:
    if not _HEADER.fullmatch(value):
        raise ValueError("no header can have this name")
    if value.lower() in _OURS:
        raise ValueError("this header is written by itself; there is content_type for the type")
    return value


def _template(known: tuple[str, ...]) -> Callable[[str], str]:
    def examine(value: str) -> str:
        check(value, known)
        return value

    return examine


def _header_value(value: object) -> object:
    if not isinstance(value, str):
        try:
            return SecretReference.model_validate(value)
        except ValidationError:
            raise ValueError("write a text, or where a secret is: {secret: NAME}") from None
    if _CONTROL.search(value):
        raise ValueError("a header is one line")
    check(value, BODY)
    return value


Pointer = Annotated[Text, AfterValidator(_pointer)]
HeaderName = Annotated[Words, AfterValidator(_header_name)]
HeaderValue = Annotated[Text | SecretReference, BeforeValidator(_header_value)]
BodyTemplate = Annotated[Words, AfterValidator(_template(BODY))]
PrefixTemplate = Annotated[Text, AfterValidator(_template(BODY))]
SignedTemplate = Annotated[Words, AfterValidator(_template(SIGNED))]


class AnswerPart(Part):
    """Where in the answer the signature stands."""

    at: Pointer = ""
    """JSON pointer (RFC 6901), such as /data/signature; the whole body when not given."""
    encoding: Literal["base64", "base64url", "hex", "der", "pem"] = "base64"
    """How it is written; der only as the whole body."""
    prefix: Text = ""
    """What stands before it and is taken off, such as vault:v1:."""
    request_id: Pointer = ""
    """JSON pointer to the service's name of the call, which complaints then mention."""


class AlgorithmPart(Part):
    """What the service signs with."""

    digest: Literal["sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"] = "sha256"
    """Of the digest that is sent."""
    signature: Literal["rsa-pkcs1", "rsa-pss", "ecdsa", "ed25519"] | None = None
    """What fits the certificate's key when not given; rsa-pss must be said."""


class ApiKeyPart(Part):
    """A key in a header of its own."""

    header: HeaderName
    """Name of the header."""
    key: SecretReference
    """The key."""
    prefix: Text = ""
    """What stands before the key."""


class HmacPart(Part):
    """A keyed hash over the request (RFC 2104)."""

    key: SecretReference
    """The shared key."""
    header: HeaderName
    """Name of the header that carries the hash."""
    signed: SignedTemplate = "{body}"
    """What is hashed: a template."""
    algorithm: Literal["sha256", "sha384", "sha512"] = "sha256"
    """The hash."""
    encoding: Literal["hex", "base64", "base64url"] = "hex"
    """How it is written."""
    prefix: PrefixTemplate = ""
    """What stands before it: a template."""


class JwtPart(Part):
    """A bearer token that we sign (RFC 7519)."""

    key: SecretReference
    """PEM of a private key, or the shared key of HS256."""
    algorithm: Literal["HS256", "RS256", "ES256"]
    """What signs the token."""
    issuer: Words
    """Who we are: the claim iss."""
    audience: Words
    """For whom the token is: the claim aud."""
    subject: Text = ""
    """The claim sub, when the service wants one."""
    scope: Text = ""
    """The claim scope, when the service wants one."""
    key_id: Text = ""
    """Name of the key, for the token's head: kid."""
    lifetime: Span = "5m"  # type: ignore[assignment]
    """For how long the token is good."""
    token_url: Text = ""
    """Where the token is exchanged for another (RFC 7523); when not given, the service takes it."""


class AwsPart(Part):
    """Amazon's Signature Version 4; needs the extra sealgate[aws]."""

    access_key_id: SecretReference
    """Which key."""
    secret_access_key: SecretReference
    """The key."""
    session_token: SecretReference | None = None
    """Goes with temporary keys."""
    region: Words
    """Such as eu-central-1."""
    service: Words = "kms"
    """The service's short name."""


class AuthPart(Part):
    """How we log in: one of these."""

    api_key: ApiKeyPart | None = None
    """A key in a header."""
    basic: LoginPart | None = None
    """HTTP Basic."""
    oauth: OAuthPart | None = None
    """OAuth 2.0 client credentials."""
    hmac: HmacPart | None = None
    """A keyed hash over the request."""
    jwt: JwtPart | None = None
    """A token that we sign."""
    aws: AwsPart | None = None
    """Amazon's way of signing requests."""

    @model_validator(mode="after")
    def _exactly_one(self) -> AuthPart:
        if sum(value is not None for _, value in self) != 1:
            raise ValueError("say exactly one of api_key, basic, oauth, hmac, jwt and aws")
        return self


class DigestPart(HttpPart, MeteredPart):
    """A service that takes a digest in one HTTP request and answers at once."""

    url: Words
    """Its address."""
    method: Literal["POST", "PUT"] = "POST"
    """Of the request."""
    query: dict[Words, Text] = Field(default_factory=dict, max_length=20)
    """What follows the address after a question mark, such as api-version."""
    headers: dict[Words, HeaderValue] = Field(default_factory=dict, max_length=50)
    """Headers of the request: each a template, or a secret."""
    request: BodyTemplate
    """The body: a template that holds the digest."""
    content_type: Words = "application/json"
    """Its type; JSON is checked to be JSON."""
    answer: AnswerPart = AnswerPart()
    """Where in the answer the signature stands."""
    certificates: PathText
    """PEM file of the signer's certificate and the chain above it, signer first."""
    algorithm: AlgorithmPart = AlgorithmPart()
    """What the service signs with."""
    auth: AuthPart | None = None
    """How we log in; nothing but mutual TLS when not given."""
    idempotency_header: Annotated[
        Text, AfterValidator(lambda name: name and _header_name(name))
    ] = ""
    """A header to carry a value that is the same for the same digest."""

    @field_validator("headers")
    @classmethod
    def _names(cls, headers: dict[str, object]) -> dict[str, object]:
        for name in headers:
            _header_name(name)
        return headers


class DigestRawPart(DigestPart):
    """Digest of the signed attributes in, raw signature out."""

    type: Literal["digest-raw"]
    """digest-raw: digest in, signature out."""


class DigestCmsPart(DigestPart):
    """Digest of the document in, detached CMS (PKCS#7) out."""

    type: Literal["digest-cms"]
    """digest-cms: document digest in, CMS out."""
    timestamped: bool = False
    """The CMS brings its time-stamp already."""
    reserve: FileSize | None = None
    """Room to keep for a CMS at least; learnt from the service's answers when not given."""
