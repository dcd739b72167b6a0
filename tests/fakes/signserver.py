"""Keyfactor SignServer's REST interface with client-side hashing: follows the published API.

`POST /signserver/rest/v1/workers/{name}/process` of a PlainSigner that allows client-side
hashing for SHA-256. It refuses what SignServer refuses: no `X-Keyfactor-Requested-With`, an
unknown worker, a digest algorithm that is not accepted, a digest of another length.
"""

from __future__ import annotations

import base64
import json

from cryptography.hazmat.primitives.serialization import Encoding
from werkzeug.wrappers import Request, Response

from tests.fakes.signer import TestSigner


class SignServer:
    """One worker: a PlainSigner with ALLOW_CLIENTSIDEHASHING_OVERRIDE."""

    def __init__(self, signer: TestSigner) -> None:
        self.signer = signer

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        if refusal := _refusal(request):
            return refusal
        digest = base64.b64decode(json.loads(request.get_data())["data"], validate=True)
        if len(digest) != 32:
            return _error(400, "Client-side hashed data length must match digest length")
        certificate = self.signer.certificate.public_bytes(Encoding.DER)
        answer = {
            "archiveId": "022a0fee43ba76ed26605cc87c090afb9ea66b07",
            "data": base64.b64encode(self.signer.sign(digest)).decode(),
            "metaData": {},
            "requestId": "-1361181487",
            "signerCertificate": base64.b64encode(certificate).decode(),
        }
        return Response(json.dumps(answer), content_type="application/json")


def _refusal(request: Request) -> Response | None:  # noqa: PLR0911  # one a line
    if request.path != "/signserver/rest/v1/workers/PlainSigner/process":
        return _error(404, "No such worker")
    if not request.headers.get("X-Keyfactor-Requested-With"):
        return _error(403, "Forbidden")
    if request.method != "POST" or request.mimetype != "application/json":
        return _error(415, "Unsupported Media Type")
    asked = json.loads(request.get_data())
    told = asked.get("metaData", {})
    if told.get("USING_CLIENTSUPPLIED_HASH") != "true":
        return _error(400, "Client-side hashing data must be supplied")
    if told.get("CLIENTSIDE_HASHDIGESTALGORITHM") != "SHA-256":
        return _error(400, "Client specified a non-accepted digest hash algorithm")
    if asked.get("encoding", "NONE") != "BASE64":
        return _error(400, "Client-side hashed data length must match digest length")
    return None


def _error(status: int, message: str) -> Response:
    return Response(json.dumps({"error": message}), status, content_type="application/json")
