"""Read OCSP responses (RFC 6960) and CRLs (RFC 5280, 5): genuine, fresh, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.core.errors import ServiceFault
from gateway.services.certificate_check import UNREADABLE

_SKEW = timedelta(minutes=5)
"""By which another's clock may be ahead of ours."""
_WITHOUT_END = timedelta(hours=1)
"""How long an OCSP response is fresh that names no next update (RFC 6960, 4.2.2.1)."""


class Unusable(Exception):
    """Why an answer says nothing, in words."""


@dataclass(frozen=True)
class Proof:
    """A genuine answer that says that a certificate is good."""

    until: datetime
    """When a newer one is due."""
    ocsp: bytes = b""
    crl: bytes = b""
    certificates: tuple[bytes, ...] = ()
    """Of a responder that signs for the authority."""


def read_ocsp(
    body: bytes, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
) -> Proof:
    """Return the proof in an OCSP response.

    Raises `Unusable`; `ServiceFault` (`revocation.revoked`) when the certificate is revoked.
    """
    try:
        response = ocsp.load_der_ocsp_response(body)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise Unusable(f"the responder says {response.response_status.name.lower()}")
        single = next(
            (one for one in response.responses if one.serial_number == certificate.serial_number),
            None,
        )
        if single is None:
            raise Unusable("the responder speaks of another certificate")
        extra = _check_responder(response, issuer, now)
        status, this_update = single.certificate_status, single.this_update_utc
        until = single.next_update_utc or this_update + _WITHOUT_END
        revoked_at = single.revocation_time_utc
    except (InvalidSignature, *UNREADABLE) as error:
        raise Unusable("the responder's answer cannot be read or is not genuine") from error
    _check_time(this_update, until, now)
    if status is ocsp.OCSPCertStatus.REVOKED:
        raise revoked(certificate, revoked_at)
    if status is not ocsp.OCSPCertStatus.GOOD:
        raise Unusable("the responder does not know the certificate")
    return Proof(until, ocsp=body, certificates=extra)


def read_crl(
    body: bytes, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
) -> Proof:
    """Return the proof in a CRL, DER or PEM; raises as `read_ocsp`."""
    try:
        pem = body.lstrip().startswith(b"-----BEGIN")
        found = x509.load_pem_x509_crl(body) if pem else x509.load_der_x509_crl(body)
        genuine = found.issuer == issuer.subject and found.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
        entry = found.get_revoked_certificate_by_serial_number(certificate.serial_number)
    except UNREADABLE as error:
        raise Unusable("the CRL cannot be read") from error
    if not genuine:
        raise Unusable("the CRL is not the authority's")
    until = found.next_update_utc
    if until is None:
        raise Unusable("the CRL does not say when the next one is due")
    _check_time(found.last_update_utc, until, now)
    if entry is not None:
        raise revoked(certificate, entry.revocation_date_utc)
    return Proof(until, crl=found.public_bytes(Encoding.DER))


def revoked(certificate: x509.Certificate, since: datetime | None) -> ServiceFault:
    """Return the fault for a revoked certificate."""
    when = f" since {since:%Y-%m-%d %H:%M}Z" if since is not None else ""
    return ServiceFault("revocation.revoked", f"{named(certificate)}{when}")


def named(certificate: x509.Certificate) -> str:
    """Return what to call a certificate."""
    return f"{certificate.subject.rfc4514_string()[:100]}, {certificate.serial_number:x}"


def _check_time(this_update: datetime, until: datetime, now: datetime) -> None:
    if this_update > now + _SKEW:
        raise Unusable("the answer is from the future")
    if until < now:
        raise Unusable(f"the answer is out of date since {until:%Y-%m-%d %H:%M}Z")


def _check_responder(
    response: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime
) -> tuple[bytes, ...]:
    """Check who signed: the authority, or one it has named for that (RFC 6960, 4.2.2.2)."""
    signer = issuer
    extra: tuple[bytes, ...] = ()
    for certificate in response.certificates:
        if certificate == issuer:
            continue
        if not _is_appointed(certificate):
            continue
        certificate.verify_directly_issued_by(issuer)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise Unusable("the responder's certificate is out of its time")
        signer, extra = certificate, (certificate.public_bytes(Encoding.DER),)
        break
    _verify(signer, response)
    return extra


def _is_appointed(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage.value


def _verify(signer: x509.Certificate, response: ocsp.OCSPResponse) -> None:
    key, data = signer.public_key(), response.tbs_response_bytes
    chosen = response.signature_hash_algorithm
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(response.signature, data)
    elif isinstance(key, rsa.RSAPublicKey) and chosen is not None:
        key.verify(response.signature, data, padding.PKCS1v15(), chosen)
    elif isinstance(key, ec.EllipticCurvePublicKey) and chosen is not None:
        key.verify(response.signature, data, ec.ECDSA(chosen))
    else:
        raise Unusable("the responder signs in a way that is not known here")
