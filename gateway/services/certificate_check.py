"""What a signer's certificates must not be before anybody pays for a signature."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from gateway.core.errors import ServiceFault
from gateway.core.site import SANDBOX_ORGANISATION

UNREADABLE = (
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError),
    *(UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension),
    x509.UnsupportedGeneralNameType,
)
"""What cryptography and asn1crypto raise at what cannot be read, sooner or later."""


def refuse_outdated(signer: x509.Certificate, now: datetime) -> None:
    """Refuse a certificate out of its time; raises `service.credential-unusable`."""
    if now < signer.not_valid_before_utc:
        raise unusable(f"its certificate is valid from {signer.not_valid_before_utc:%Y-%m-%d}")
    if now > signer.not_valid_after_utc:
        raise unusable(f"its certificate expired on {signer.not_valid_after_utc:%Y-%m-%d}")


def refuse_sandbox(certificates: Iterable[x509.Certificate], *, sandbox_allowed: bool) -> None:
    """Refuse a sandbox's certificates elsewhere; raises `service.sandbox-credential`."""
    organisations = {
        attribute.value
        for certificate in certificates
        for name in (certificate.subject, certificate.issuer)
        for attribute in name.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    }
    if SANDBOX_ORGANISATION in organisations and not sandbox_allowed:
        raise ServiceFault("service.sandbox-credential")


def unusable(why: str) -> ServiceFault:
    """Return the fault for a credential that cannot sign."""
    return ServiceFault("service.credential-unusable", why)
