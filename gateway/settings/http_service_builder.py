"""From a parsed `digest-raw` or `digest-cms` service to its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from gateway.core.request_template import check_body
from gateway.core.secret import Secret
from gateway.core.services import (
    AnswerSettings,
    ApiKeySettings,
    Authentication,
    AwsSettings,
    DigestCallSettings,
    DigestCmsSettings,
    DigestRawSettings,
    HeaderSettings,
    HmacSettings,
    JwtSettings,
    LoginSettings,
    OAuthSettings,
)
from gateway.settings.certificates import check_authority
from gateway.settings.http_service_models import (
    AuthPart,
    AwsPart,
    DigestCmsPart,
    DigestPart,
    DigestRawPart,
    HeaderValue,
    JwtPart,
)
from gateway.settings.parsing import Notes
from gateway.settings.problems import Objection
from gateway.settings.service_models import LoginPart, OAuthPart, SecretReference
from gateway.settings.yaml_file import Location

SIGNATURES = {
    None: "",
    "rsa-pkcs1": "rsassa_pkcs1v15",
    "rsa-pss": "rsassa_pss",
    "ecdsa": "ecdsa",
    "ed25519": "ed25519",
}
"""From what authors write to the names that asn1crypto has."""
_NO_SECRET = Secret("", "")
"""Stands where a secret cannot be had; that was noted."""


@dataclass(frozen=True)
class Shared:
    """What the builder of all services lends: each notes what is wrong and goes on."""

    notes: Notes
    locate: Callable[[str], Path]
    check_address: Callable[[Location, str], None]
    secret: Callable[[Location, SecretReference | None], Secret | None]
    oauth: Callable[[Location, OAuthPart], OAuthSettings]
    login: Callable[[Location, LoginPart], LoginSettings]


class DigestServiceBuilder:
    """Builds one service and notes every problem on the way."""

    def __init__(self, shared: Shared, here: Location) -> None:
        self._shared = shared
        self._here = here

    def raw(self, part: DigestRawPart) -> DigestRawSettings:
        """Return the settings of a service that returns raw signatures."""
        if part.algorithm.signature == "ed25519" and part.algorithm.digest != "sha512":
            what = "Ed25519 goes with SHA-512 (RFC 8419)."
            self._note(("algorithm", "digest"), what, "Write digest: sha512.")
        return DigestRawSettings(self._call(part))

    def cms(self, part: DigestCmsPart) -> DigestCmsSettings:
        """Return the settings of a service that returns a CMS."""
        return DigestCmsSettings(self._call(part), part.timestamped, part.reserve or 0)

    def _call(self, part: DigestPart) -> DigestCallSettings:
        self._shared.check_address((*self._here, "url"), part.url)
        self._check_request(part)
        if part.answer.encoding == "der" and part.answer.at:
            what = "DER is binary: it cannot stand within JSON."
            self._note(("answer", "encoding"), what, "Name the encoding of the text.")
        certificates = self._shared.locate(part.certificates)
        self._try(("certificates",), partial(check_authority, certificates))
        return DigestCallSettings(
            url=part.url,
            request=part.request,
            certificates=certificates,
            answer=AnswerSettings(**dict(part.answer)),
            method=part.method,
            query=tuple(part.query.items()),
            headers=tuple(self._header(*item) for item in part.headers.items()),
            content_type=part.content_type,
            idempotency_header=part.idempotency_header,
            digest_algorithm=part.algorithm.digest,
            signature_algorithm=SIGNATURES[part.algorithm.signature],
            authentication=self._authentication(part.auth) if part.auth else None,
        )

    def _check_request(self, part: DigestPart) -> None:
        try:
            check_body(part.request, part.content_type)
        except ValueError as error:
            text = str(error)
            what = f"The request cannot be sent: {text}."
            self._note(("request",), what, "Write it as the service's description shows.")

    def _header(self, name: str, value: HeaderValue) -> HeaderSettings:
        if isinstance(value, str):
            return HeaderSettings(name, value)
        return HeaderSettings(name, self._secret(("headers", name), value))

    def _authentication(self, part: AuthPart) -> Authentication:
        here = (*self._here, "auth")
        if part.oauth is not None:
            return self._shared.oauth((*here, "oauth"), part.oauth)
        if part.basic is not None:
            return self._shared.login((*here, "basic"), part.basic)
        if part.jwt is not None:
            return self._jwt(part.jwt)
        if part.aws is not None:
            return self._aws(part.aws)
        if part.hmac is not None:
            key = self._secret(("auth", "hmac", "key"), part.hmac.key)
            return HmacSettings(**(dict(part.hmac) | {"key": key}))
        assert part.api_key is not None  # noqa: S101  # the model lets exactly one be given
        key = self._secret(("auth", "api_key", "key"), part.api_key.key)
        return ApiKeySettings(part.api_key.header, key, part.api_key.prefix)

    def _jwt(self, part: JwtPart) -> JwtSettings:
        here: Location = ("auth", "jwt")
        if part.token_url:
            self._shared.check_address((*self._here, *here, "token_url"), part.token_url)
        key = self._secret((*here, "key"), part.key)
        if (key is not _NO_SECRET) and ("-----BEGIN" in key.value) == (part.algorithm == "HS256"):
            what = f"{part.algorithm} does not go with this kind of key."
            remedy = "HS256 takes a shared key, RS256 and ES256 a private key in PEM."
            self._note((*here, "algorithm"), what, remedy)
        return JwtSettings(**(dict(part) | {"key": key}))

    def _aws(self, part: AwsPart) -> AwsSettings:
        here: Location = ("auth", "aws")
        if find_spec("botocore") is None:
            what = "Signing requests for Amazon needs a library that is not installed."
            self._note(here, what, "pip install 'sealgate[aws]'")
        session = part.session_token
        return AwsSettings(
            access_key_id=self._secret((*here, "access_key_id"), part.access_key_id),
            secret_access_key=self._secret((*here, "secret_access_key"), part.secret_access_key),
            region=part.region,
            service=part.service,
            session_token=self._secret((*here, "session_token"), session) if session else None,
        )

    def _secret(self, way: Location, reference: SecretReference) -> Secret:
        return self._shared.secret((*self._here, *way), reference) or _NO_SECRET

    def _note(self, way: Location, what: str, remedy: str) -> None:
        self._shared.notes.add((*self._here, *way), "settings.wrong-value", what, remedy)

    def _try(self, way: Location, check: Callable[[], None]) -> None:
        try:
            check()
        except Objection as objection:
            self._shared.notes.add(
                (*self._here, *way), objection.code, objection.what, objection.remedy
            )
