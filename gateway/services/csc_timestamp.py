"""Time-stamps from a CSC service: `signatures/timestamp` (1.0.4 and 2.x, 11.9)."""

from __future__ import annotations

import base64
import secrets

from asn1crypto import tsp
from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.core.errors import ServiceFault
from gateway.services.csc_algorithms import HASH_OIDS
from gateway.services.csc_answers import from_base64
from gateway.services.csc_calls import CscCalls
from gateway.services.token_check import checked_token
from gateway.services.tsa_faults import asking, reading_token

_METHOD = "signatures/timestamp"


class _Told(BaseModel):
    """The answer."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    timestamp: str


class CscTimestamper:
    """The authority behind one CSC service; safe to use from several threads."""

    def __init__(self, name: str, calls: CscCalls, *, paid: bool) -> None:
        self.name = name
        self._calls = calls
        self._paid = paid

    def timestamp(self, digest: bytes, digest_algorithm: str) -> bytes:
        """Return the DER time-stamp token over `digest`, checked against the request."""
        nonce = secrets.randbits(63)
        body = {
            "hash": base64.b64encode(digest).decode(),
            "hashAlgo": HASH_OIDS[digest_algorithm],
            "nonce": f"{nonce:x}",
        }
        with asking():
            answer = self._calls.call(_METHOD, body, paid=self._paid)
            told = answer.json()
        try:
            written = _Told.model_validate(told).timestamp
        except ValidationError as error:
            what = "signatures/timestamp: no token"
            raise ServiceFault("tsa.wrong-token", what, charge=answer.charge) from error
        with reading_token(answer.charge):
            token = tsp.ContentInfo.load(from_base64(written) or b"", strict=True)
            return checked_token(token, digest, digest_algorithm, nonce)
