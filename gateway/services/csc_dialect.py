"""The words in which versions 1 (1.0.4) and 2 (2.x) of the CSC API differ."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.errors import ServiceFault
from gateway.core.services import CscSettings


@dataclass(frozen=True)
class Dialect:
    """How one version calls things."""

    hashes: str
    hash_algorithm: str
    certificate_details: bool
    """`certInfo` is asked for, because `cert.status` comes with it."""
    named_authentication: bool
    """Authentication data are a list of ids and values, not members of their own."""

    def authentication(self, settings: CscSettings, needs: tuple[str, ...]) -> dict[str, object]:
        """Return what proves that we may use the credential: PIN and OTP, where there are any.

        `needs` are the ids of the credential's authentication objects. Raises `ServiceFault`
        (`service.authorization-refused`) when something is needed that is not configured:
        a service counts wrong attempts.
        """
        given = {
            name: secret.value
            for name, secret in (("PIN", settings.pin), ("OTP", settings.otp))
            if secret is not None
        }
        if needs and not given:
            what = f"the credential asks for {', '.join(needs)[:60]}, and no pin is configured"
            raise ServiceFault("service.authorization-refused", what)
        if not self.named_authentication:
            return dict(given)
        if len(needs) == 1 and len(given) == 1:
            given = {needs[0]: next(iter(given.values()))}
        return (
            {"authData": [{"id": name, "value": v} for name, v in given.items()]} if given else {}
        )


VERSIONS = {
    1: Dialect("hash", "hashAlgo", certificate_details=False, named_authentication=False),
    2: Dialect("hashes", "hashAlgorithmOID", certificate_details=True, named_authentication=True),
}
