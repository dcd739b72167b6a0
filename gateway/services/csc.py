"""Digest services of the Cloud Signature Consortium API v2 (2.0.0.2), over `requests`.

The way of one signature: `credentials/info` (remembered for some minutes), `authorize` with
the very digests, so that the SAD permits nothing else, then `signatures/signHash`, the call
that is paid for. Every returned signature is checked against digest and certificate.

Only a failure after the request for signatures began to be sent carries an unknown charge:
whatever must be asked before (a login, the credential) is asked before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from gateway.core.errors import Charge, ServiceFault
from gateway.core.services import CscSettings, ServiceSettings
from gateway.ports import Authorization, Clock, Credential, Outcome
from gateway.services.csc_answers import (
    Authorized,
    CredentialInfo,
    CredentialList,
    Info,
    Signatures,
    from_base64,
    read,
    to_base64,
)
from gateway.services.csc_calls import CscCalls
from gateway.services.csc_credential import HASH_OIDS, UsableCredential, usable
from gateway.services.signature_check import matched

_REMEMBERED = 300.0
"""Seconds for which a credential's description is believed."""
_PIN = "PIN"
_NEEDED = ("credentials/info", "signatures/signHash")


class CscService:
    """One CSC service with one credential; safe to use from several threads."""

    def __init__(
        self,
        settings: ServiceSettings,
        family: CscSettings,
        clock: Clock,
        *,
        sandbox_allowed: bool,
        resolve: Callable[[str], str] = lambda url: url,
    ) -> None:
        self.name = settings.name
        self.idempotent = settings.idempotent
        self._family = family
        self._clock = clock
        self._sandbox_allowed = sandbox_allowed
        self._calls = CscCalls(family, settings.access, clock, resolve)
        self._lock = threading.Lock()
        self._known: UsableCredential | None = None
        self._methods: tuple[str, ...] = ()
        self._until = 0.0

    def credential(self) -> Credential:
        """Return the credential, from the service or a short-lived memory of it."""
        return self._usable().credential

    def authorize(self, digests: tuple[bytes, ...]) -> Authorization:
        """Obtain a SAD for exactly these digests (11.6); costs nothing."""
        use = self._usable()
        if len(digests) > use.credential.batch:
            what = (
                f"{len(digests)} digests, but one authorisation may be for {use.credential.batch}"
            )
            raise ServiceFault("service.refused", what)
        if "credentials/authorize" not in self._methods:
            return Authorization(digests, "")
        body: dict[str, object] = {
            "credentialID": use.credential.id,
            "numSignatures": len(digests),
            "hashes": to_base64(digests),
            "hashAlgorithmOID": HASH_OIDS[use.credential.digest_algorithm],
        }
        if presented := self._presented(use.needs):
            body["authData"] = presented
        answer = self._calls.call("credentials/authorize", body)
        told = read(Authorized, answer)
        if not told.sad and told.handle:
            told = self._await_authorization(told.handle)
        if not told.sad:
            raise answer.protocol_fault("credentials/authorize: no SAD")
        return Authorization(digests, told.sad)

    def sign(self, authorization: Authorization) -> tuple[Outcome, ...]:
        """Send the digests (11.10) and return checked signatures in their order."""
        use = self._usable()
        body: dict[str, object] = {
            "credentialID": use.credential.id,
            "hashes": to_base64(authorization.digests),
            "hashAlgorithmOID": HASH_OIDS[use.credential.digest_algorithm],
            "signAlgo": use.algorithm,
            "operationMode": "S",
        }
        if authorization.token:
            body["SAD"] = authorization.token
        answer = self._calls.call("signatures/signHash", body, paid=True, sad=authorization.token)
        told = read(Signatures, answer)
        if told.signatures is None and told.response_id:
            told = self._await_signatures(told.response_id)
        answers = tuple(from_base64(text) for text in told.signatures or ())
        try:
            return matched(use.credential, authorization.digests, answers)
        except ServiceFault:
            self._forget(use)
            raise

    def _usable(self) -> UsableCredential:
        with self._lock:
            if self._known is None or self._clock.monotonic() >= self._until:
                self._known = self._describe()
                self._until = self._clock.monotonic() + _REMEMBERED
            return self._known

    def _forget(self, use: UsableCredential) -> None:
        """Look again next time: the service may have renewed the certificate."""
        with self._lock:
            if self._known is use:
                self._known = None

    def _describe(self) -> UsableCredential:
        """Ask what the service can do and what the credential is (11.1, 11.4, 11.5)."""
        methods = read(Info, self._calls.call("info", {})).methods
        for method in _NEEDED:
            if method not in methods:
                raise ServiceFault("service.refused", f"the service does not offer {method}")
        self._methods = methods
        identity = self._family.credential or self._only_credential(methods)
        body = {"credentialID": identity, "certificates": "chain", "certInfo": True}
        told = read(CredentialInfo, self._calls.call("credentials/info", body))
        allowed = self._sandbox_allowed
        return usable(identity, told, self._clock.now(), sandbox_allowed=allowed)

    def _only_credential(self, methods: tuple[str, ...]) -> str:
        found: tuple[str, ...] = ()
        if "credentials/list" in methods:
            answer = self._calls.call("credentials/list", {})
            found = read(CredentialList, answer).credential_ids
        if len(found) != 1:
            what = f"the service lists {len(found)} credentials: name one in gateway.yaml"
            raise ServiceFault("service.credential-unusable", what)
        return found[0]

    def _presented(self, needs: tuple[str, ...]) -> list[dict[str, str]]:
        """Return what proves that we may use the credential: the PIN, where there is one."""
        pin = self._family.pin
        if pin is not None:
            return [{"id": needs[0] if len(needs) == 1 else _PIN, "value": pin.value}]
        if needs:
            what = f"the credential asks for {', '.join(needs)[:60]}, and no pin is configured"
            raise ServiceFault("service.authorization-refused", what)
        return []

    def _await_authorization(self, handle: str) -> Authorized:
        """Ask until an authorisation that is confirmed elsewhere is there (11.7)."""
        answer = self._calls.poll("credentials/authorizeCheck", {"handle": handle})
        if answer is None:
            raise ServiceFault("service.authorization-expired", "it was not confirmed in time")
        return read(Authorized, answer)

    def _await_signatures(self, response_id: str) -> Signatures:
        """Ask until signatures that take longer are there (11.12)."""
        answer = self._calls.poll("signatures/signPolling", {"responseID": response_id}, paid=True)
        if answer is None:
            raise ServiceFault("service.no-answer", "no signatures in time", charge=Charge.UNKNOWN)
        return read(Signatures, answer)
