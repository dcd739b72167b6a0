"""Digest services of the Cloud Signature Consortium API v2 (2.0.0.2), over `requests`.

The way of one signature: `credentials/info` (remembered for some minutes), `authorize` with
the very digests, so that the SAD permits nothing else, then `signatures/signHash`, the call
that is paid for. Every returned signature is checked against digest and certificate.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.core.errors import Charge, ServiceFault
from gateway.core.site import ServiceSettings
from gateway.ports import Authorization, Clock, Credential
from gateway.services.csc_answers import (
    Authorized,
    CredentialInfo,
    CredentialList,
    Info,
    Signatures,
    from_base64,
    read,
)
from gateway.services.csc_errors import PENDING, error_of, refusal
from gateway.services.http import Answer, HttpSession
from gateway.services.oauth import ClientCredentials
from gateway.services.signature_check import checked

SANDBOX_ORGANISATION = "Sealgate Sandbox"
"""Organisation in every certificate of the sandbox; such signers are refused in production."""

_REMEMBERED = 300.0
"""Seconds for which a credential's description is believed."""
_POLL_SECONDS = 120.0
_POLL_PAUSE = 0.5
_HASH_OIDS = {
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
_RSA = "1.2.840.113549.1.1.1"
_RSA_WITH = {"sha256": "1.2.840.113549.1.1.11"}
_ECDSA = "1.2.840.10045.2.1"
_ECDSA_WITH = {"sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3"}


class CscService:
    """One CSC service with one credential; safe to use from several threads."""

    def __init__(
        self,
        settings: ServiceSettings,
        clock: Clock,
        *,
        sandbox_allowed: bool,
        resolve: Callable[[str], str] = lambda url: url,
    ) -> None:
        self.name = settings.name
        self.idempotent = settings.idempotent
        self._settings = settings
        self._clock = clock
        self._sandbox_allowed = sandbox_allowed
        self._http = HttpSession(
            resolve, settings.connect_timeout, settings.read_timeout, settings.ca_file
        )
        self._login = (
            ClientCredentials(settings.oauth, self._http, clock) if settings.oauth else None
        )
        self._lock = threading.Lock()
        self._credential: Credential | None = None
        self._algorithm = ""
        self._until = 0.0

    def credential(self) -> Credential:
        """Return the credential, from the service or a short-lived memory of it."""
        with self._lock:
            if self._credential is None or self._clock.monotonic() >= self._until:
                self._credential = self._describe()
                self._until = self._clock.monotonic() + _REMEMBERED
            return self._credential

    def authorize(self, digests: tuple[bytes, ...]) -> Authorization:
        """Obtain a SAD for exactly these digests (11.6); costs nothing."""
        credential = self.credential()
        body: dict[str, object] = {
            "credentialID": credential.id,
            "numSignatures": len(digests),
            "hashes": _encoded(digests),
            "hashAlgorithmOID": _HASH_OIDS[credential.digest_algorithm],
        }
        if self._settings.pin is not None:
            body["authData"] = [{"id": "PIN", "value": self._settings.pin.value}]
        method = "credentials/authorize"
        answer = self._call(method, body)
        told = read(Authorized, answer)
        if answer.status == 202 or (told.handle and not told.sad):
            told = self._await_authorization(told.handle)
        if not told.sad:
            raise ServiceFault("service.protocol", f"{method}: no SAD")
        return Authorization(digests, told.sad)

    def sign(self, authorization: Authorization) -> tuple[bytes, ...]:
        """Send the digests (11.10) and return checked signatures in their order."""
        credential = self.credential()
        body = {
            "credentialID": credential.id,
            "SAD": authorization.token,
            "hashes": _encoded(authorization.digests),
            "hashAlgorithmOID": _HASH_OIDS[credential.digest_algorithm],
            "signAlgo": self._algorithm,
        }
        answer = self._call("signatures/signHash", body, paid=True)
        told = read(Signatures, answer)
        if told.response_id and not told.signatures:
            told = self._await_signatures(told.response_id)
        if len(told.signatures) != len(authorization.digests):
            raise ServiceFault(
                "service.protocol",
                f"{len(told.signatures)} signatures for {len(authorization.digests)} digests",
                charge=Charge.UNKNOWN,
            )
        return tuple(
            checked(credential, digest, from_base64(signature))
            for digest, signature in zip(authorization.digests, told.signatures, strict=True)
        )

    def _describe(self) -> Credential:
        """Ask what the service can do and what the credential is (11.1, 11.4, 11.5)."""
        info = read(Info, self._call("info", {}))
        for method in ("credentials/info", "credentials/authorize", "signatures/signHash"):
            if method not in info.methods:
                raise ServiceFault("service.refused", f"the service does not offer {method}")
        identity = self._settings.credential or self._only_credential()
        body = {"credentialID": identity, "certificates": "chain", "certInfo": True}
        told = read(CredentialInfo, self._call("credentials/info", body))
        if told.key.status != "enabled" or told.cert.status not in (None, "valid"):
            state = f"key {told.key.status}, certificate {told.cert.status}"
            raise ServiceFault("service.credential-unusable", state)
        if not told.cert.certificates:
            raise ServiceFault("service.protocol", "credentials/info: no certificate")
        chain = tuple(from_base64(certificate) for certificate in told.cert.certificates)
        signature, digest = self._choose(chain, told.key.algo)
        return Credential(identity, chain, signature, digest, max(1, told.multisign))

    def _only_credential(self) -> str:
        listed = read(CredentialList, self._call("credentials/list", {})).credential_ids
        if len(listed) != 1:
            raise ServiceFault(
                "service.credential-unusable",
                f"the service lists {len(listed)} credentials: name one in gateway.yaml",
            )
        return listed[0]

    def _choose(self, chain: tuple[bytes, ...], offered: tuple[str, ...]) -> tuple[str, str]:
        """Check the signer's certificate and choose algorithms it and the service share."""
        try:
            certificates = [x509.load_der_x509_certificate(der) for der in chain]
            key = certificates[0].public_key()
        except ValueError as error:
            raise ServiceFault("service.protocol", "a certificate cannot be read") from error
        self._refuse_unfit(certificates)
        if isinstance(key, rsa.RSAPublicKey):
            wanted = (_RSA_WITH["sha256"], _RSA)
            signature, digest = "rsassa_pkcs1v15", "sha256"
        elif isinstance(key, ec.EllipticCurvePublicKey):
            digest = "sha384" if key.curve.key_size > 256 else "sha256"
            wanted = (_ECDSA_WITH[digest], _ECDSA)
            signature = "ecdsa"
        else:
            raise ServiceFault("service.credential-unusable", "a key of an unexpected kind")
        found = next((oid for oid in wanted if oid in offered), None)
        if found is None:
            raise ServiceFault("service.credential-unusable", f"it offers {', '.join(offered)}")
        self._algorithm = found
        return signature, digest

    def _refuse_unfit(self, certificates: list[x509.Certificate]) -> None:
        now, signer = datetime.now(UTC), certificates[0]
        if not signer.not_valid_before_utc <= now <= signer.not_valid_after_utc:
            raise ServiceFault("service.credential-unusable", "its certificate is not valid today")
        organisations = {
            attribute.value
            for certificate in certificates
            for name in (certificate.subject, certificate.issuer)
            for attribute in name.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
        }
        if SANDBOX_ORGANISATION in organisations and not self._sandbox_allowed:
            raise ServiceFault("service.sandbox-credential")

    def _await_authorization(self, handle: str) -> Authorized:
        """Ask until an authorisation that a person gives elsewhere is there (11.7)."""
        deadline = time.monotonic() + _POLL_SECONDS
        while time.monotonic() < deadline:
            time.sleep(_POLL_PAUSE)
            answer = self._post("credentials/authorizeCheck", {"handle": handle})
            if _pending(answer):
                continue
            if answer.status != 200:
                raise refusal(answer, "credentials/authorizeCheck")
            return read(Authorized, answer)
        raise ServiceFault("service.authorization-expired", "nobody authorised in time")

    def _await_signatures(self, response_id: str) -> Signatures:
        """Ask until signatures that take longer are there (11.12)."""
        deadline = time.monotonic() + _POLL_SECONDS
        while time.monotonic() < deadline:
            time.sleep(_POLL_PAUSE)
            answer = self._post("signatures/signPolling", {"responseID": response_id})
            if _pending(answer):
                continue
            if answer.status != 200:
                raise refusal(answer, "signatures/signPolling", paid=True)
            return read(Signatures, answer)
        raise ServiceFault("service.no-answer", "polling ended", charge=Charge.UNKNOWN)

    def _call(self, method: str, body: Mapping[str, object], *, paid: bool = False) -> Answer:
        answer = self._post(method, body)
        if answer.status not in (200, 202):
            raise refusal(answer, method, paid=paid)
        return answer

    def _post(self, method: str, body: Mapping[str, object]) -> Answer:
        """Post with the bearer token; once more with a new one if it is not accepted."""
        url = f"{self._settings.url.rstrip('/')}/{method}"
        if self._login is None:
            return self._http.post_json(url, body)
        token = self._login.token()
        answer = self._http.post_json(url, body, {"Authorization": f"Bearer {token}"})
        if answer.status == 401 and error_of(answer).error in ("", "invalid_token"):
            self._login.forget(token)
            fresh = {"Authorization": f"Bearer {self._login.token()}"}
            answer = self._http.post_json(url, body, fresh)
        return answer


def _encoded(digests: tuple[bytes, ...]) -> list[str]:
    return [base64.b64encode(digest).decode() for digest in digests]


def _pending(answer: Answer) -> bool:
    return answer.status == 202 or error_of(answer).error == PENDING
