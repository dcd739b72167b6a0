"""Digest services of the Cloud Signature Consortium API, 1.0.4 and 2.x, over `requests`.

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
from gateway.services.csc_algorithms import HASH_OIDS
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
from gateway.services.csc_credential import UsableCredential, usable
from gateway.services.csc_dialect import VERSIONS
from gateway.services.csc_transaction import Transaction
from gateway.services.signature_check import matched

_REMEMBERED = 300.0
"""Seconds for which a credential's description is believed."""
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
        self._dialect = VERSIONS[family.version]
        self._transaction = Transaction(clock)
        self._calls = CscCalls(family, settings.access, clock, resolve)
        self._lock = threading.Lock()
        self._known: UsableCredential | None = None
        self._methods: tuple[str, ...] = ()
        self._until = 0.0

    def credential(self) -> Credential:
        """Return the credential, from the service or a short-lived memory of it."""
        return self._usable().credential

    @property
    def calls(self) -> CscCalls:
        """Return the calls to this service, for its time-stamps."""
        return self._calls

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
        extended = self._transaction.take(len(digests)) if self._family.extend else None
        if extended is not None:
            return Authorization(digests, self._extended(use, digests, extended))
        return Authorization(digests, self._authorized(use, digests))

    def _authorized(self, use: UsableCredential, digests: tuple[bytes, ...]) -> str:
        """Present PIN and OTP, for these digests, or for a transaction that begins with them."""
        number = use.credential.batch if self._family.extend else len(digests)
        body: dict[str, object] = {
            "credentialID": use.credential.id,
            "numSignatures": number,
            self._dialect.hashes: to_base64(digests),
        }
        if self._dialect.named_authentication:
            body[self._dialect.hash_algorithm] = HASH_OIDS[use.chosen.digest]
        body |= self._dialect.authentication(self._family, use.needs)
        answer = self._calls.call("credentials/authorize", body)
        told = read(Authorized, answer)
        if not told.sad and told.handle:
            told = self._await_authorization(told.handle)
        if not told.sad:
            raise answer.protocol_fault("credentials/authorize: no SAD")
        self._transaction.begin(told.sad, number - len(digests), told.expires_in)
        return told.sad

    def _extended(self, use: UsableCredential, digests: tuple[bytes, ...], sad: str) -> str:
        """Bind further digests to a transaction that was authorised before (11.8)."""
        body: dict[str, object] = {
            "credentialID": use.credential.id,
            self._dialect.hashes: to_base64(digests),
            "SAD": sad,
        }
        if self._dialect.named_authentication:
            body[self._dialect.hash_algorithm] = HASH_OIDS[use.chosen.digest]
        answer = self._calls.call("credentials/extendTransaction", body, sad=sad)
        told = read(Authorized, answer)
        if not told.sad:
            raise answer.protocol_fault("credentials/extendTransaction: no SAD")
        self._transaction.follow(told.sad, told.expires_in)
        return told.sad

    def sign(self, authorization: Authorization) -> tuple[Outcome, ...]:
        """Send the digests (11.10) and return checked signatures in their order."""
        use = self._usable()
        body: dict[str, object] = {
            "credentialID": use.credential.id,
            self._dialect.hashes: to_base64(authorization.digests),
            self._dialect.hash_algorithm: HASH_OIDS[use.chosen.digest],
            "signAlgo": use.chosen.oid,
        }
        if self._dialect.named_authentication:
            body["operationMode"] = "A" if self._family.asynchronous else "S"
        if use.chosen.parameters:
            body["signAlgoParams"] = use.chosen.parameters
        if authorization.token:
            body["SAD"] = authorization.token
        try:
            answer = self._calls.call(
                "signatures/signHash", body, paid=True, sad=authorization.token
            )
        except ServiceFault:
            self._transaction.end()
            raise
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
        body: dict[str, object] = {"credentialID": identity, "certificates": "chain"}
        if self._dialect.certificate_details:
            body["certInfo"] = True
        told = read(CredentialInfo, self._calls.call("credentials/info", body))
        return usable(
            identity,
            told,
            self._clock.now(),
            sandbox_allowed=self._sandbox_allowed,
            settings=self._family,
        )

    def _only_credential(self, methods: tuple[str, ...]) -> str:
        found: tuple[str, ...] = ()
        if "credentials/list" in methods:
            answer = self._calls.call("credentials/list", {})
            found = read(CredentialList, answer).credential_ids
        if len(found) != 1:
            what = f"the service lists {len(found)} credentials: name one in gateway.yaml"
            raise ServiceFault("service.credential-unusable", what)
        return found[0]

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
