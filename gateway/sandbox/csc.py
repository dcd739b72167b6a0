"""The CSC v2 methods of the sandbox, as the specification (2.0.0.2) has them."""

from __future__ import annotations

import base64
import binascii
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asn1crypto import tsp
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from gateway.sandbox.entities import CREDENTIALS, ENTITIES
from gateway.sandbox.faults import Fault
from gateway.sandbox.keys import folder_of
from gateway.sandbox.pki import Architecture
from gateway.sandbox.usage import Usage

_SHA256 = "2.16.840.1.101.3.4.2.1"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    _SHA256: hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
_PSS = "1.2.840.113549.1.1.10"
_RSA_ALGORITHMS = [
    *("1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13"),
    *("1.2.840.113549.1.1.1", _PSS),
]
_EC_ALGORITHMS = ["1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4"]
_SAD_SECONDS = 300
_MOST = 16
"""Signatures one authorisation may be for (multisign)."""

Body = dict[str, Any]


class Refused(Exception):
    """A refusal with its HTTP status and CSC error (10.1)."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.description = description


@dataclass
class _Permission:
    """What a SAD permits."""

    credential: str
    digests: frozenset[bytes]
    left: int
    until: float = field(default_factory=lambda: time.monotonic() + _SAD_SECONDS)


class _Later:
    """Answers that are not ready when first asked for, and are given once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Body] = {}
        self._asked: set[str] = set()

    def keep(self, answer: Body) -> str:
        """Keep an answer; return the handle to ask for it with."""
        handle = secrets.token_urlsafe(12)
        with self._lock:
            self._waiting[handle] = answer
        return handle

    def ask(self, parameter: str, body: Body) -> tuple[int, Body]:
        """Return 202 to the first question, the answer to the second."""
        handle = str(body.get(parameter))
        with self._lock:
            if handle not in self._waiting:
                raise Refused(400, "invalid_request", f"Invalid parameter {parameter}")
            if handle not in self._asked:
                self._asked.add(handle)
                return 202, {parameter: handle}
            return 200, self._waiting.pop(handle)


class Csc:
    """Credentials, permissions and signatures."""

    def __init__(self, state: Path, built: Architecture, usage: Usage, latency: float) -> None:
        folder = folder_of(state)
        self._pin = (folder / "pin").read_text()
        self._built = built
        self._usage = usage
        self._latency = latency
        self._keys = {name: _load(folder / f"{name}.key.pem") for name in CREDENTIALS}
        self._permissions: dict[str, _Permission] = {}
        self._authorized = _Later()
        self._signed = _Later()
        self._lock = threading.Lock()
        self.methods: dict[str, Callable[[Body, Fault | None], tuple[int, Body]]] = {
            "info": self._info,
            "credentials/list": self._list,
            "credentials/info": self._describe,
            "credentials/authorize": self._authorize,
            "credentials/authorizeCheck": self._authorize_check,
            "credentials/extendTransaction": self._extend,
            "signatures/signHash": self._sign_hash,
            "signatures/signPolling": self._sign_polling,
            "signatures/timestamp": self._timestamp,
        }

    def _info(self, body: Body, fault: Fault | None) -> tuple[int, Body]:
        return 200, {
            "specs": "2.0.0.2",
            "name": "Sealgate Sandbox",
            "region": "XX",
            "lang": "en",
            "authType": ["oauth2client"],
            "methods": sorted(self.methods),
        }

    def _list(self, body: Body, fault: Fault | None) -> tuple[int, Body]:
        return 200, {"credentialIDs": list(CREDENTIALS)}

    def _describe(self, body: Body, fault: Fault | None) -> tuple[int, Body]:
        name = _credential(body)
        elliptic = ENTITIES[name].elliptic
        key: Body = {
            "status": "enabled",
            "algo": _EC_ALGORITHMS if elliptic else _RSA_ALGORITHMS,
            "len": 256 if elliptic else 2048,
        }
        if elliptic:
            key["curve"] = "1.2.840.10045.3.1.7"
        chain = [base64.b64encode(der).decode() for der in self._built.chain(name)]
        return 200, {
            "key": key,
            "cert": {"status": "valid", "certificates": chain},
            "auth": {"mode": "explicit", "objects": [{"type": "Password", "id": "PIN"}]},
            "SCAL": "2",
            "multisign": _MOST,
        }

    def _authorize(self, body: Body, fault: Fault | None) -> tuple[int, Body]:
        name, digests = _credential(body), _digests(body)
        given = {item.get("id"): item.get("value") for item in body.get("authData", [])}
        wrong = fault is not None and fault.kind == "pin-wrong"
        if wrong or not secrets.compare_digest(str(given.get("PIN")), self._pin):
            raise Refused(400, "invalid_request", "The PIN is invalid")
        number = body.get("numSignatures")
        if not isinstance(number, int) or not len(digests) <= number <= _MOST:
            raise Refused(400, "invalid_request", "Invalid value for parameter numSignatures")
        sad = secrets.token_urlsafe(24)
        permission = _Permission(name, frozenset(digests), number)
        if fault is not None and fault.kind == "sad-expired":
            permission.until = 0.0
        with self._lock:
            self._permissions[sad] = permission
        answer: Body = {"SAD": sad, "expiresIn": _SAD_SECONDS}
        if fault is not None and fault.kind == "202-first":
            return 202, {"handle": self._authorized.keep(answer)}
        return 200, answer

    def _authorize_check(self, body: Body, fault: Fault | None) -> tuple[int, Body]:
        return self._authorized.ask("handle", body)

    def _extend(self, body: Body, fault: Fault | None) -> tuple[int, Body]:
        """Bind further digests to what is left of an authorisation (11.8)."""
        name, digests = _credential(body), _digests(body)
        with self._lock:
            former = self._permissions.pop(str(body.get("SAD")), None)
            if former is None or former.credential != name or former.until < time.monotonic():
                raise Refused(400, "invalid_request", "Invalid parameter SAD")
            if former.left < len(digests):
                raise Refused(400, "invalid_request", "Too many signatures for the SAD")
            sad = secrets.token_urlsafe(24)
            self._permissions[sad] = _Permission(name, frozenset(digests), former.left)
        return 200, {"SAD": sad, "expiresIn": _SAD_SECONDS}

    def _sign_hash(self, body: Body, fault: Fault | None) -> tuple[int, Body]:
        name, digests = _credential(body), _digests(body)
        elliptic = ENTITIES[name].elliptic
        if body.get("signAlgo") not in (_EC_ALGORITHMS if elliptic else _RSA_ALGORITHMS):
            raise Refused(400, "invalid_request", "Invalid parameter signAlgo")
        self._use(str(body.get("SAD")), name, digests)
        time.sleep(self._latency)
        made = [
            base64.b64encode(self._signature(name, digest, body)).decode() for digest in digests
        ]
        later = body.get("operationMode") == "A" or (fault is not None and fault.kind == "async")
        if later:
            return 202, {"responseID": self._signed.keep({"signatures": made})}
        return 200, {"signatures": made}

    def _sign_polling(self, body: Body, fault: Fault | None) -> tuple[int, Body]:
        return self._signed.ask("responseID", body)

    def _timestamp(self, body: Body, fault: Fault | None) -> tuple[int, Body]:
        """Stamp a digest; the parameters kept their names of version 1 (11.9)."""
        chosen = _HASHES.get(str(body.get("hashAlgo")))
        if chosen is None:
            raise Refused(400, "invalid_request", "Invalid parameter hashAlgo")
        digest = _decoded(body["hash"], chosen.digest_size)
        imprint = tsp.MessageImprint(
            {"hash_algorithm": {"algorithm": chosen.name}, "hashed_message": digest}
        )
        request = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True})
        if "nonce" in body:
            request["nonce"] = int(str(body["nonce"]), 16)
        response = tsp.TimeStampResp.load(self._built.time_stamp(request.dump()))
        self._usage.count("timestamps")
        token: bytes = response["time_stamp_token"].dump()
        return 200, {"timestamp": base64.b64encode(token).decode()}

    def _use(self, sad: str, name: str, digests: list[bytes]) -> None:
        """Let a SAD sign what it was given for, as often as it was given for."""
        with self._lock:
            permission = self._permissions.get(sad)
            if permission is None or permission.credential != name:
                raise Refused(400, "invalid_request", "Invalid parameter SAD")
            if permission.until < time.monotonic():
                raise Refused(400, "invalid_request", "SAD expired")
            if not permission.digests.issuperset(digests):
                raise Refused(400, "invalid_request", "Hash is not authorized by the SAD")
            if permission.left < len(digests):
                raise Refused(400, "invalid_request", "Too many signatures for the SAD")
            permission.left -= len(digests)

    def _signature(self, name: str, digest: bytes, body: Body) -> bytes:
        """Sign, or find the signature made before: an idempotent service charges once."""
        key, chosen = self._keys[name], _HASHES[body["hashAlgorithmOID"]]
        hashed = utils.Prehashed(chosen)
        scheme: padding.AsymmetricPadding = padding.PKCS1v15()
        if body["signAlgo"] == _PSS:
            scheme = padding.PSS(padding.MGF1(chosen), chosen.digest_size)

        def make() -> bytes:
            if isinstance(key, ec.EllipticCurvePrivateKey):
                return key.sign(digest, ec.ECDSA(hashed))
            return key.sign(digest, scheme, hashed)

        credential = f"{name} with {_PSS}" if body["signAlgo"] == _PSS else name
        return self._usage.signature(credential, digest, make)


def _load(path: Path) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path.name} holds a key of an unexpected kind")
    return key


def _credential(body: Body) -> str:
    name = body.get("credentialID")
    if name not in CREDENTIALS:
        raise Refused(400, "invalid_request", "Invalid parameter credentialID")
    return str(name)


def _digests(body: Body) -> list[bytes]:
    written = body.get("hashes")
    if not isinstance(written, list) or not written:
        raise Refused(400, "invalid_request", "Missing (or invalid type) array parameter hashes")
    chosen = _HASHES.get(str(body.get("hashAlgorithmOID")))
    if chosen is None:
        raise Refused(400, "invalid_request", "Invalid parameter hashAlgorithmOID")
    return [_decoded(text, chosen.digest_size) for text in written]


def _decoded(text: object, size: int = 32) -> bytes:
    try:
        digest = base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(400, "invalid_request", "Invalid Base64 hashes string") from None
    if len(digest) != size:
        raise Refused(400, "invalid_request", "Invalid digest value length")
    return digest
