"""Services that take the digest of the signed attributes and return a raw signature."""

from __future__ import annotations

from collections.abc import Callable

from gateway.core.errors import ServiceFault
from gateway.core.services import DigestRawSettings, ServiceSettings
from gateway.ports import Authorization, Clock, Credential, Outcome
from gateway.services.digest_call import DigestCall
from gateway.services.signature_check import checked


class DigestRawService:
    """One key of one service, a digest a call; safe to use from several threads."""

    def __init__(
        self,
        settings: ServiceSettings,
        family: DigestRawSettings,
        clock: Clock,
        *,
        sandbox_allowed: bool,
        resolve: Callable[[str], str] = lambda url: url,
    ) -> None:
        self.name = settings.name
        self.idempotent = settings.idempotent
        self._call = DigestCall(
            family.call, settings.access, clock, resolve, sandbox_allowed=sandbox_allowed
        )

    def credential(self) -> Credential:
        """Return the credential that the file of certificates describes."""
        return self._call.credential()

    def authorize(self, digests: tuple[bytes, ...]) -> Authorization:
        """Permit what one call can carry: the service asks for no permission of its own."""
        return one_digest(digests)

    def sign(self, authorization: Authorization) -> tuple[Outcome, ...]:
        """Send the digest and return its checked signature."""
        (digest,) = authorization.digests
        credential = self.credential()
        found = self._call.send(digest)
        try:
            return (checked(credential, digest, found.signature),)
        except ServiceFault as fault:
            raise ServiceFault(
                fault.code, f"{fault.detail}{found.call}", charge=fault.charge
            ) from fault


def one_digest(digests: tuple[bytes, ...]) -> Authorization:
    """Return the permission for one digest; raises `service.refused` for more."""
    if len(digests) != 1:
        raise ServiceFault("service.refused", f"{len(digests)} digests, but a call carries one")
    return Authorization(digests, "")
