"""What an OpenID provider answers when somebody logs in by it."""

from __future__ import annotations

import base64
import json
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.core.people_settings import OidcSettings
from gateway.core.secret import Secret
from gateway.services.oidc import OidcProvider
from tests.fuzz.answering import BETWEEN, answered, script
from tests.fuzz.mutating import JSON_VALUE
from tests.fuzz.target import Target

_ISSUER = "https://id.example"
_NONCE = "n-0S6_WzA2Mj"
_TOKEN = b"@ID-TOKEN@"
"""Stands in an answer for the ID token: what the last part of an input says, signed."""


def _plain(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


@cache
def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def _signed(told: bytes) -> bytes:
    """Return a JWS (RFC 7515): the first line of what is told is its header."""
    header, _, claims = told.partition(b"\n")
    signed = _plain(header) + b"." + _plain(claims)
    return signed + b"." + _plain(_key().sign(signed))


def _oidc(data: bytes) -> None:
    """Send a browser to the provider, and take what it says of who comes back."""
    settings = OidcSettings(
        _ISSUER, "sealgate", Secret("s", "open sesame"), groups=(("there", "here"),)
    )
    answers, _, told = data.rpartition(BETWEEN)
    provider = OidcProvider(settings, "https://seal.example/back")
    with answered(answers.replace(_TOKEN, _signed(told))):
        assert provider.authorization("state", _NONCE, "verifier").encode()
        claims = provider.claims("code", _NONCE, "verifier")
    assert claims.subject
    for name in ("preferred_username", "name", "email"):
        claims.text(name)
    claims.texts("groups")


def _oidc_seeds() -> tuple[bytes, ...]:
    public = _key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    endpoints = {
        name: f"{_ISSUER}/{name}"
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
    }
    key = {"kty": "OKP", "crv": "Ed25519", "kid": "1", "use": "sig", "x": _plain(public).decode()}
    point = {"kty": "EC", "crv": "P-256", "kid": "2", "x": "AA", "y": "AA"}
    modulus = {"kty": "RSA", "kid": "3", "n": "AQAB", "e": "AQAB"}
    claims = {
        "iss": _ISSUER,
        "sub": "248289761001",
        "aud": ["sealgate"],
        "azp": "sealgate",
        "exp": 32503680000,
        "iat": 1311280970,
        "nonce": _NONCE,
        "preferred_username": "anna",
        "name": "Anna",
    }
    answers = (
        {"issuer": _ISSUER, "token_endpoint_auth_methods_supported": ["none"]} | endpoints,
        {"access_token": "t", "token_type": "Bearer", "id_token": _TOKEN.decode()},
        {"keys": [key, point, modulus]},
        {"sub": "248289761001", "groups": ["there"], "email": "a@b.example"},
    )
    written = script(*(json.dumps(one).encode() for one in answers))
    said = json.dumps(claims).encode()
    heads = (
        b'{"alg": "EdDSA", "kid": "1"}',
        b'{"alg": "ES256", "kid": "2"}',
        b'{"alg": "RS256", "kid": "3"}',
    )
    return tuple(BETWEEN.join((written, b"%s\n%s" % (head, said))) for head in heads)


PEOPLE_TARGETS = (
    Target("oidc", _oidc, _oidc_seeds, (b"https://[", b"\\ud800", b'"kty": ', BETWEEN), JSON_VALUE),
)
