"""A service of the "E-sign API" kind: a document's digest in, a detached CMS out.

No vendor's wire format: such services differ in it. The CMS is made by pyHanko.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore
from werkzeug.wrappers import Request, Response

from tests.fakes.signer import TestSigner

KEY = "an-api-key-of-this-test"
SHARED_KEY = "a-shared-key-of-this-test"
_HMAC = re.compile(r"HMAC id=example-ltd, time=(\d+), signature=([A-Za-z0-9+/]+=*)")


class ESign:
    """The service; what it answers can be spoiled."""

    def __init__(self, signer: TestSigner, timestamper: TimeStamper | None = None) -> None:
        self.signer = signer
        self.timestamper = timestamper
        self.pss = False
        self.extra: list[x509.Certificate] = []
        """Certificates that it puts in besides those of the chain."""
        self.spoil: Callable[[bytes], bytes] = lambda answer: answer
        self.refuses: Callable[[Request], str] = api_key_refusal
        self.heard: list[bytes] = []

    def __call__(self, request: Request) -> Response:
        """Answer `POST /v1/seal {"hash": …, "algorithm": "SHA256"}` with `{"pkcs7": …}`."""
        self.heard.append(request.get_data())
        if request.path != "/v1/seal" or request.method != "POST":
            return _json(404, {"message": "no such resource"})
        if refusal := self.refuses(request):
            return _json(401, {"message": refusal})
        asked = json.loads(request.get_data())
        digest = base64.b64decode(asked["hash"])
        if asked["algorithm"] != "SHA256" or len(digest) != 32:
            return _json(400, {"message": "a SHA-256 hash is expected"})
        content = self.spoil(self.cms(digest))
        return _json(200, {"pkcs7": base64.b64encode(content).decode(), "id": "call-17"})

    def cms(self, digest: bytes, algorithm: str = "sha256") -> bytes:
        """Make the CMS."""
        private = self.signer.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        store = SimpleCertificateStore()
        store.register(asn1_x509.Certificate.load(self.signer.root))
        others = [one.public_bytes(serialization.Encoding.DER) for one in self.extra]
        store.register_multiple(asn1_x509.Certificate.load(other) for other in others)
        certificate = self.signer.certificate.public_bytes(serialization.Encoding.DER)
        made = SimpleSigner(
            signing_cert=asn1_x509.Certificate.load(certificate),
            signing_key=keys.PrivateKeyInfo.load(private),
            cert_registry=store,
            prefer_pss=self.pss,
            embed_roots=True,
        )
        content = asyncio.run(
            made.async_sign(digest, algorithm, use_pades=True, timestamper=self.timestamper)
        )
        der: bytes = content.dump()
        return der


def api_key_refusal(request: Request) -> str:
    """Want the API key."""
    return "" if request.headers.get("X-Api-Key") == KEY else "unknown key"


def hmac_refusal(request: Request) -> str:
    """Want a keyed hash over time, method, path and the hash of the body, and a call's name."""
    found = _HMAC.fullmatch(request.headers.get("Authorization", ""))
    if found is None or abs(int(found[1]) - time.time()) > 60:
        return "no signature, or an old one"
    if not request.headers.get("Idempotency-Key"):
        return "no idempotency key"
    body = hashlib.sha256(request.get_data()).hexdigest()
    text = f"{found[1]}\n{request.method}\n{request.path}\n{body}"
    expected = hmac.new(SHARED_KEY.encode(), text.encode(), hashlib.sha256).digest()
    return "" if hmac.compare_digest(base64.b64decode(found[2]), expected) else "wrong signature"


def _json(status: int, value: object) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
