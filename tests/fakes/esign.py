"""A service of the "E-sign API" kind: a document's digest in, a detached CMS out.

No vendor's wire format: such services differ in it. The CMS is made by pyHanko.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore
from werkzeug.wrappers import Request, Response

from tests.fakes.signer import TestSigner

KEY = "an-api-key-of-this-test"


class ESign:
    """The service; what it answers can be spoiled."""

    def __init__(self, signer: TestSigner, timestamper: TimeStamper | None = None) -> None:
        self.signer = signer
        self.timestamper = timestamper
        self.pss = False
        self.spoil: Callable[[bytes], bytes] = lambda answer: answer
        self.heard: list[bytes] = []

    def __call__(self, request: Request) -> Response:
        """Answer `POST /v1/seal {"hash": …, "algorithm": "SHA256"}` with `{"pkcs7": …}`."""
        self.heard.append(request.get_data())
        if request.path != "/v1/seal" or request.method != "POST":
            return _json(404, {"message": "no such resource"})
        if request.headers.get("X-Api-Key") != KEY:
            return _json(401, {"message": "unknown key"})
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


def _json(status: int, value: object) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
