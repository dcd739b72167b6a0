"""Check a raw signature before anybody relies on it, and bring it into the form CMS wants."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from gateway.core.errors import Charge, ServiceFault
from gateway.ports import Credential

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def checked(credential: Credential, digest: bytes, signature: bytes) -> bytes:
    """Return the signature, an ECDSA one as DER, if it fits digest and certificate.

    Raises `ServiceFault` (`service.wrong-signature`); the call was carried out all the same.
    """
    hashed = utils.Prehashed(_HASHES[credential.digest_algorithm])
    key = x509.load_der_x509_certificate(credential.chain[0]).public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, digest, padding.PKCS1v15(), hashed)
            return signature
        if isinstance(key, ec.EllipticCurvePublicKey):
            return _elliptic(key, digest, signature, hashed)
    except (InvalidSignature, ValueError) as error:
        raise _wrong("it does not verify") from error
    raise _wrong("its certificate has a key of an unexpected kind")


def _elliptic(
    key: ec.EllipticCurvePublicKey, digest: bytes, signature: bytes, hashed: utils.Prehashed
) -> bytes:
    """Accept DER, or r and s side by side (IEEE P1363), as services give either."""
    try:
        key.verify(signature, digest, ec.ECDSA(hashed))
    except (InvalidSignature, ValueError):
        half = (key.curve.key_size + 7) // 8
        if len(signature) != 2 * half:
            raise
        numbers = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
        signature = utils.encode_dss_signature(*numbers)
        key.verify(signature, digest, ec.ECDSA(hashed))
    return signature


def _wrong(why: str) -> ServiceFault:
    return ServiceFault("service.wrong-signature", why, charge=Charge.UNKNOWN)
