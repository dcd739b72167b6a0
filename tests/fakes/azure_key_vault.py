"""Azure Key Vault's `sign`, with the token endpoint before it: follows the published API.

`POST {vault}/keys/{name}/{version}/sign?api-version=7.4` with `{alg, value}`, both texts in
base64url. It refuses what Key Vault refuses: no api-version, no bearer token, an algorithm
that the key does not have, a digest of another length.
"""

from __future__ import annotations

import base64
import json

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from werkzeug.wrappers import Request, Response

from tests.fakes.signer import TestSigner

CLIENT, SECRET = "11111111-2222-3333-4444-555555555555", "a-client-secret-of-this-test"
_TOKEN = "an.access.token-of-this-test"
_SCOPE = "https://vault.azure.net/.default"
_KEY = "/keys/company-seal/0123456789abcdef0123456789abcdef"
_RSA = {"RS256": "sha256", "RS384": "sha384", "RS512": "sha512"}
_PSS = {"PS256": "sha256", "PS384": "sha384", "PS512": "sha512"}
_SIZES = {"sha256": 32, "sha384": 48, "sha512": 64}


class AzureKeyVault:
    """A vault with one key, and the tenant's token endpoint."""

    def __init__(self, signer: TestSigner) -> None:
        self.signer = signer

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        if request.path == "/my-tenant/oauth2/v2.0/token":
            return _token(request)
        if request.path != f"{_KEY}/sign" or request.method != "POST":
            return _error(404, "KeyNotFound", "A key with this name or version was not found.")
        if request.headers.get("Authorization") != f"Bearer {_TOKEN}":
            return _error(401, "Unauthorized", "AKV10000: Request is missing a Bearer token.")
        if request.args.get("api-version") != "7.4":
            return _error(400, "BadParameter", "api-version must be specified")
        asked = json.loads(request.get_data())
        value = asked["value"]
        if "=" in value or "+" in value or "/" in value:
            return _error(400, "BadParameter", "Property value is not base64url")
        digest = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        return self._sign(asked["alg"], digest)

    def _sign(self, name: str, digest: bytes) -> Response:
        key, salt = self.signer.key, None
        if isinstance(key, rsa.RSAPrivateKey) and name in _RSA:
            algorithm = _RSA[name]
        elif isinstance(key, rsa.RSAPrivateKey) and name in _PSS:
            algorithm, salt = _PSS[name], len(digest)
        elif isinstance(key, ec.EllipticCurvePrivateKey) and name == "ES256":
            algorithm = "sha256"
        else:
            return _error(400, "BadParameter", f"Algorithm {name} is not supported by this key")
        if len(digest) != _SIZES[algorithm]:
            return _error(400, "BadParameter", "Invalid length of value")
        signature = self.signer.sign(digest, algorithm, pss=salt)
        if name == "ES256":  # r and s side by side, as in JWS
            signature = b"".join(
                part.to_bytes(32, "big") for part in decode_dss_signature(signature)
            )
        text = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
        answer = {"kid": f"https://company.vault.azure.net{_KEY}", "value": text}
        return Response(json.dumps(answer), content_type="application/json")


def _token(request: Request) -> Response:
    login = request.authorization
    if (
        request.form.get("grant_type") != "client_credentials"
        or request.form.get("scope") != _SCOPE
        or login is None
        or (login.username, login.password) != (CLIENT, SECRET)
    ):
        body = json.dumps({"error": "invalid_client"})
        return Response(body, 401, content_type="application/json")
    answer = {"token_type": "Bearer", "expires_in": 3599, "access_token": _TOKEN}
    return Response(json.dumps(answer), content_type="application/json")


def _error(status: int, code: str, message: str) -> Response:
    body = json.dumps({"error": {"code": code, "message": message}})
    return Response(body, status, content_type="application/json")
