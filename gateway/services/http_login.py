"""Ways to prove to an HTTP service who we are: each adds headers to a finished request."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from gateway.core.errors import ServiceFault
from gateway.core.request_template import ENCODINGS, fill
from gateway.core.services import (
    ApiKeySettings,
    Authentication,
    AwsSettings,
    HmacSettings,
    JwtSettings,
    LoginSettings,
    OAuthSettings,
)
from gateway.ports import Clock
from gateway.services.http import HttpSession
from gateway.services.jwt_login import ExchangedToken, SignedToken
from gateway.services.oauth import ClientCredentials, KeptToken


@dataclass(frozen=True)
class Outgoing:
    """A request that is complete but for the proof of who sends it."""

    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    values: Mapping[str, str]
    """Of the placeholders of this call."""


class Login(Protocol):
    """One way to log in; safe to use from several threads."""

    def prove(self, request: Outgoing) -> Mapping[str, str]:
        """Return the headers to add; raises `ServiceFault` when a login fails before the call."""

    def refused(self, proof: Mapping[str, str]) -> bool:
        """Learn that a proof was refused; tell whether a new one may do better."""


def login_of(settings: Authentication | None, http: HttpSession, clock: Clock) -> Login:
    """Return the way to log in that is configured."""
    if settings is None:
        return _Fixed({})
    match settings:
        case ApiKeySettings():
            return _Fixed({settings.header: settings.prefix + settings.key.value})
        case LoginSettings():
            pair = f"{settings.user}:{settings.password.value}".encode()
            return _Fixed({"Authorization": f"Basic {base64.b64encode(pair).decode()}"})
        case HmacSettings():
            return _Keyed(settings)
        case AwsSettings():
            return _Amazon(settings)
        case _:
            return _bearer(settings, http, clock)


def _bearer(settings: OAuthSettings | JwtSettings, http: HttpSession, clock: Clock) -> Login:
    if isinstance(settings, OAuthSettings):
        return _Kept(ClientCredentials(settings, http, clock))
    if settings.token_url:
        return _Kept(ExchangedToken(settings, http, clock))
    return _Signed(SignedToken(settings, clock))


class _Fixed:
    """Headers that are always the same."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def prove(self, request: Outgoing) -> Mapping[str, str]:
        return self._headers

    def refused(self, proof: Mapping[str, str]) -> bool:
        return False


class _Kept:
    """A bearer token that was given to us for some time (RFC 6750)."""

    def __init__(self, kept: KeptToken) -> None:
        self._kept = kept

    def prove(self, request: Outgoing) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._kept.token()}"}

    def refused(self, proof: Mapping[str, str]) -> bool:
        self._kept.forget(proof["Authorization"].removeprefix("Bearer "))
        return True


class _Signed:
    """A bearer token of our own."""

    def __init__(self, token: SignedToken) -> None:
        self._token = token

    def prove(self, request: Outgoing) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token.make()}"}

    def refused(self, proof: Mapping[str, str]) -> bool:
        return False


class _Keyed:
    """A keyed hash over what the template names (RFC 2104)."""

    def __init__(self, settings: HmacSettings) -> None:
        self._settings = settings

    def prove(self, request: Outgoing) -> Mapping[str, str]:
        settings, parts = self._settings, urlsplit(request.url)
        hashed = hashlib.sha256(request.body).digest()
        values = {
            **request.values,
            "method": request.method,
            "host": parts.netloc,
            "path": parts.path or "/",
            "query": parts.query,
            "body": request.body.decode(),
            "body.sha256.hex": hashed.hex(),
            "body.sha256.base64": base64.b64encode(hashed).decode(),
        }
        text = fill(settings.signed, values).encode()
        value = hmac.new(settings.key.value.encode(), text, settings.algorithm).digest()
        prefix = fill(settings.prefix, request.values)
        return {settings.header: prefix + ENCODINGS[settings.encoding](value)}

    def refused(self, proof: Mapping[str, str]) -> bool:
        return False


class _Amazon:
    """Signature Version 4, by Amazon's own library: it is only loaded where it is needed."""

    def __init__(self, settings: AwsSettings) -> None:
        self._settings = settings

    def prove(self, request: Outgoing) -> Mapping[str, str]:
        try:
            from botocore.auth import SigV4Auth  # noqa: PLC0415
            from botocore.awsrequest import AWSRequest  # noqa: PLC0415
            from botocore.credentials import Credentials  # noqa: PLC0415
        except ImportError as error:
            what = "signing requests for Amazon needs: pip install sealgate[aws]"
            raise ServiceFault("service.login-refused", what) from error
        settings, session = self._settings, self._settings.session_token
        credentials = Credentials(
            settings.access_key_id.value,
            settings.secret_access_key.value,
            session.value if session is not None else None,
        )
        signed = AWSRequest(request.method, request.url, dict(request.headers), request.body)
        SigV4Auth(credentials, settings.service, settings.region).add_auth(signed)
        return {
            name: value for name, value in signed.headers.items() if name not in request.headers
        }

    def refused(self, proof: Mapping[str, str]) -> bool:
        return False
