"""HashiCorp Vault's transit engine, as far as signing goes: follows the published API.

`POST /v1/transit/sign/:name(/:hash_algorithm)` (Vault API documentation, Transit, Sign Data).
It refuses what Vault refuses: no token, another path, an unknown key or algorithm, input that
is not Base64 or, when prehashed, not a digest of that algorithm.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import uuid

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from werkzeug.wrappers import Request, Response

from tests.fakes.signer import HASHES, TestSigner

TOKEN = "hvs.a-token-of-this-test"
_ALGORITHMS = {"sha2-256": "sha256", "sha2-384": "sha384", "sha2-512": "sha512"}
_LARGEST_SALT = {"sha256": 222, "sha384": 206, "sha512": 190}
"""Bytes of salt in a 2048-bit PSS signature when its length is `auto`."""


class VaultTransit:
    """One transit engine with one key."""

    def __init__(self, signer: TestSigner, key: str = "company-seal") -> None:
        self.signer = signer
        self.key = key

    def __call__(self, request: Request) -> Response:  # noqa: PLR0911  # one for each refusal
        """Answer one request."""
        if request.headers.get("X-Vault-Token") != TOKEN:
            return _errors(403, "permission denied")
        steps = request.path.strip("/").split("/")
        if steps[:3] != ["v1", "transit", "sign"] or len(steps) not in (4, 5):
            return _errors(404)
        if request.method not in ("POST", "PUT"):
            return _errors(405, "unsupported operation")
        if steps[3] != self.key:
            return _errors(400, "signing key not found")
        try:
            asked = json.loads(request.get_data())
            data = base64.b64decode(asked["input"], validate=True)
        except (ValueError, KeyError, binascii.Error) as error:
            return _errors(400, f"unable to decode input as base64: {error}")
        name = steps[4] if len(steps) == 5 else asked.get("hash_algorithm", "sha2-256")
        if name not in _ALGORITHMS:
            return _errors(400, f"unsupported hash algorithm {name}")
        return self._sign(data, _ALGORITHMS[name], asked)

    def _sign(self, data: bytes, algorithm: str, asked: dict[str, object]) -> Response:
        if isinstance(self.signer.key, ed25519.Ed25519PrivateKey):
            if asked.get("prehashed"):
                return _errors(400, "only Pure Ed25519 signatures supported")
            return _signed(self.signer.sign(data))
        digest = data if asked.get("prehashed") else _hash(data, algorithm)
        if len(digest) != HASHES[algorithm].digest_size:
            return _errors(400, "crypto/rsa: input must be hashed message")
        salt = None
        if isinstance(self.signer.key, rsa.RSAPrivateKey):
            scheme = asked.get("signature_algorithm", "pss")
            if scheme not in ("pss", "pkcs1v15"):
                return _errors(400, f"unsupported rsa signature algorithm {scheme}")
            if scheme == "pss":
                hashed = asked.get("salt_length", "auto") == "hash"
                salt = len(digest) if hashed else _LARGEST_SALT[algorithm]
        elif asked.get("marshaling_algorithm", "asn1") != "asn1":
            return _errors(400, "this fake marshals as asn1 only")
        return _signed(self.signer.sign(digest, algorithm, pss=salt))


def _signed(signature: bytes) -> Response:
    text = base64.b64encode(signature).decode()
    data = {"signature": f"vault:v1:{text}", "key_version": 1}
    answer = {"request_id": str(uuid.uuid4()), "lease_id": "", "data": data}
    return Response(json.dumps(answer), content_type="application/json")


def _hash(data: bytes, algorithm: str) -> bytes:
    return hashlib.new(algorithm, data).digest()


def _errors(status: int, *said: str) -> Response:
    return Response(json.dumps({"errors": said}), status, content_type="application/json")
