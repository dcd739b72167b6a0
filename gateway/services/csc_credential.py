"""May this credential sign for us, and how: what `credentials/info` must say before we ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.core.errors import ServiceFault
from gateway.ports import Credential
from gateway.services.certificate_check import refuse_outdated, refuse_sandbox
from gateway.services.csc_answers import CredentialInfo, from_base64

HASH_OIDS = {
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
"""Of digest algorithms, for `hashAlgorithmOID` (RFC 5754)."""

_RSA = (
    ("1.2.840.113549.1.1.11", "sha256"),
    ("1.2.840.113549.1.1.1", "sha256"),
    ("1.2.840.113549.1.1.12", "sha384"),
    ("1.2.840.113549.1.1.13", "sha512"),
)
"""Signature algorithms with their digest, in order of preference; the second is plain RSA."""
_ECDSA = {
    "sha256": ("1.2.840.10045.4.3.2", "1.2.840.10045.2.1"),
    "sha384": ("1.2.840.10045.4.3.3", "1.2.840.10045.2.1"),
    "sha512": ("1.2.840.10045.4.3.4", "1.2.840.10045.2.1"),
}
"""The digest that fits the curve comes first; some services list the plain key's OID."""


@dataclass(frozen=True)
class UsableCredential:
    """A credential with what the requests for its use must say."""

    credential: Credential
    algorithm: str
    """OID for `signAlgo`."""
    needs: tuple[str, ...]
    """Ids of the authentication objects to present."""


def usable(
    identity: str, told: CredentialInfo, now: datetime, *, sandbox_allowed: bool
) -> UsableCredential:
    """Check what a service says about a credential, and choose algorithms we share.

    Raises `ServiceFault`: `service.credential-unusable`, `service.sandbox-credential`,
    `service.protocol`.
    """
    if told.key.status != "enabled" or told.cert.status not in (None, "valid"):
        raise _unusable(f"key {told.key.status}, certificate {told.cert.status or 'not told'}")
    if told.auth.mode not in ("explicit", "implicit"):
        raise _unusable(f"its use is authorised by a person ({told.auth.mode})")
    chain = _chain(told)
    try:
        certificates = [x509.load_der_x509_certificate(der) for der in chain]
        refuse_sandbox(certificates, sandbox_allowed=sandbox_allowed)
        key = certificates[0].public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        what = "credentials/info: a certificate cannot be read"
        raise ServiceFault("service.protocol", what) from error
    refuse_outdated(certificates[0], now)
    if isinstance(key, rsa.RSAPublicKey):
        kind, (algorithm, digest) = "rsassa_pkcs1v15", _choose_rsa(told.key.algo)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        kind, (algorithm, digest) = "ecdsa", _choose_ecdsa(told.key.algo, key.curve.key_size)
    else:
        raise _unusable("a key that is neither RSA nor ECDSA")
    credential = Credential(identity, chain, kind, digest, max(1, told.multisign))
    needs = tuple(thing.id or thing.type for thing in told.auth.objects)
    return UsableCredential(credential, algorithm, needs)


def _chain(told: CredentialInfo) -> tuple[bytes, ...]:
    decoded = [from_base64(certificate) for certificate in told.cert.certificates]
    chain = tuple(der for der in decoded if der)
    if not chain or len(chain) != len(decoded):
        raise ServiceFault("service.protocol", "credentials/info: no certificate in Base64")
    return chain


def _choose_rsa(offered: tuple[str, ...]) -> tuple[str, str]:
    found = next((pair for pair in _RSA if pair[0] in offered), None)
    return found or _nothing_shared(offered)


def _choose_ecdsa(offered: tuple[str, ...], bits: int) -> tuple[str, str]:
    fitting = "sha256" if bits <= 256 else "sha384" if bits <= 384 else "sha512"
    for digest in dict.fromkeys((fitting, *_ECDSA)):
        for algorithm in _ECDSA[digest]:
            if algorithm in offered:
                return algorithm, digest
    return _nothing_shared(offered)


def _nothing_shared(offered: tuple[str, ...]) -> tuple[str, str]:
    raise _unusable(f"of its algorithms none can be used: {', '.join(offered)[:120] or 'none'}")


def _unusable(why: str) -> ServiceFault:
    return ServiceFault("service.credential-unusable", why)
