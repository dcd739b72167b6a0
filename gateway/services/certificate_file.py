"""The credential of a service that does not describe its own: from a file of certificates.

A signing certificate is itself a signed attribute, so it must be known before anything is
signed. The file is read at every use, so that a renewed certificate needs no restart.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from asn1crypto import keys, pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.core.errors import ServiceFault
from gateway.ports import Credential
from gateway.services.certificate_check import (
    UNREADABLE,
    refuse_outdated,
    refuse_sandbox,
    unusable,
)

CHINESE = "1.2.156.10197."
"""Begins the object identifiers of SM2, SM3 and what is built with them (GM/T 0006)."""

_LARGEST = 1 << 20
_FITTING = {"rsassa_pkcs1v15": "RSA", "rsassa_pss": "RSA", "ecdsa": "ECDSA", "ed25519": "Ed25519"}


def credential_in(
    file: Path, digest: str, signature: str, now: datetime, *, sandbox_allowed: bool
) -> Credential:
    """Return the credential that a file of certificates describes.

    `signature` may be empty: what goes with the key is taken then. Raises `ServiceFault`:
    `service.credential-unusable`, `service.sandbox-credential`, `service.sm2-not-supported`.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(_LARGEST)
        _refuse_sm2(content)
        certificates = x509.load_pem_x509_certificates(content)
        return described(
            file.name, certificates, digest, signature, now, sandbox_allowed=sandbox_allowed
        )
    except (OSError, *UNREADABLE) as error:
        raise unusable(f"{file.name} holds no certificates that can be read") from error


def described(
    name: str,
    certificates: list[x509.Certificate],
    digest: str,
    signature: str,
    now: datetime,
    *,
    sandbox_allowed: bool,
) -> Credential:
    """Return the credential of a chain, signer first; raises as `credential_in`."""
    refuse_sandbox(certificates, sandbox_allowed=sandbox_allowed)
    refuse_outdated(certificates[0], now)
    kind, fitting = _kind(certificates[0].public_key())
    chosen = signature or fitting
    if _FITTING[chosen] != kind:
        raise unusable(f"{chosen} is configured, but the key in {name} is {kind}")
    chain = tuple(certificate.public_bytes(Encoding.DER) for certificate in certificates)
    return Credential(name, chain, chosen, digest)


def _kind(key: object) -> tuple[str, str]:
    """Return what to call a key, and the signature algorithm that goes with it."""
    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", "rsassa_pkcs1v15"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "ECDSA", "ecdsa"
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "Ed25519", "ed25519"
    raise unusable("its certificate has a key that is neither RSA, ECDSA nor Ed25519")


def _refuse_sm2(content: bytes) -> None:
    """Recognise an SM2 certificate by its names, before a library says less about it."""
    for _, _, der in pem.unarmor(content, multiple=True):
        if is_sm2(asn1_x509.Certificate.load(der)):
            raise ServiceFault("service.sm2-not-supported", "the certificate has an SM2 key")


def is_sm2(certificate: asn1_x509.Certificate) -> bool:
    """Tell whether a certificate's key or signature is of the SM2 kind."""
    algorithm = certificate["tbs_certificate"]["subject_public_key_info"]["algorithm"]
    names = [algorithm["algorithm"].dotted, certificate["signature_algorithm"]["algorithm"].dotted]
    parameters = algorithm["parameters"]
    if isinstance(parameters, keys.ECDomainParameters) and parameters.name == "named":
        names.append(parameters.chosen.dotted)
    return any(name.startswith(CHINESE) for name in names)
