"""Google Cloud KMS `asymmetricSign`, with the token endpoint before it: follows the published API.

`POST /v1/projects/…/cryptoKeyVersions/N:asymmetricSign` with `{"digest": {"sha256": …}}`. It
refuses what KMS refuses: no token, another resource, a digest of another algorithm or length.
The token endpoint takes a service account's signed JWT (RFC 7523), as Google describes it.
"""

from __future__ import annotations

import base64
import json

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.wrappers import Request, Response

from tests.fakes.signer import TestSigner

ACCOUNT = "sealgate@my-project.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/cloudkms"
_TOKEN = "ya29.a-token-of-this-test"
_KEY = (
    "/v1/projects/my-project/locations/europe-west3/keyRings/seals"
    "/cryptoKeys/company-seal/cryptoKeyVersions/1"
)
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_AUDIENCE = "https://oauth2.googleapis.com/token"


class GoogleKms:
    """A key of purpose ASYMMETRIC_SIGN and SHA-256, and the token endpoint."""

    def __init__(self, signer: TestSigner, account: rsa.RSAPrivateKey) -> None:
        self.signer = signer
        self.account = account

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        if request.path == "/token":
            return self._token(request)
        if request.headers.get("Authorization") != f"Bearer {_TOKEN}":
            return _error(401, "UNAUTHENTICATED", "Request is missing required credentials.")
        if request.path != f"{_KEY}:asymmetricSign" or request.method != "POST":
            return _error(404, "NOT_FOUND", "CryptoKeyVersion not found.")
        asked = json.loads(request.get_data())
        digest = asked.get("digest", {})
        if set(asked) != {"digest"} or set(digest) != {"sha256"}:
            return _error(400, "INVALID_ARGUMENT", "The digest must be the key version's: sha256.")
        value = base64.b64decode(digest["sha256"], validate=True)
        if len(value) != 32:
            return _error(400, "INVALID_ARGUMENT", "The digest has the wrong length.")
        signature = base64.b64encode(self.signer.sign(value)).decode()
        answer = {"signature": signature, "name": _KEY[4:], "protectionLevel": "HSM"}
        return Response(json.dumps(answer), content_type="application/json")

    def _token(self, request: Request) -> Response:
        try:
            if request.form.get("grant_type") != _GRANT:
                raise jwt.InvalidTokenError("unsupported_grant_type")
            needed = ["iss", "scope", "aud", "exp", "iat"]
            claims = jwt.decode(
                request.form["assertion"],
                self.account.public_key(),
                algorithms=["RS256"],
                audience=_AUDIENCE,
                issuer=ACCOUNT,
                options={"require": needed},
            )
            if claims["scope"] != SCOPE or claims["exp"] - claims["iat"] > 3600:
                raise jwt.InvalidTokenError("invalid_scope")
        except jwt.PyJWTError as error:
            body = json.dumps({"error": "invalid_grant", "error_description": str(error)})
            return Response(body, 400, content_type="application/json")
        answer = {"access_token": _TOKEN, "expires_in": 3599, "token_type": "Bearer"}
        return Response(json.dumps(answer), content_type="application/json")


def _error(status: int, name: str, message: str) -> Response:
    body = json.dumps({"error": {"code": status, "message": message, "status": name}})
    return Response(body, status, content_type="application/json")
