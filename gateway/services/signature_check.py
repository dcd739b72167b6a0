"""Check a raw signature before anybody relies on it, and bring it into the form CMS wants."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from gateway.core.errors import Charge, ServiceFault
from gateway.ports import Credential, Outcome

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
    "sha3_256": hashes.SHA3_256(),
    "sha3_384": hashes.SHA3_384(),
    "sha3_512": hashes.SHA3_512(),
}
"""Digest algorithms a signature may be made with; older ones are refused everywhere."""


def fitting_digest(curve_bits: int) -> str:
    """Return the digest algorithm that fits a curve of so many bits."""
    return "sha256" if curve_bits <= 256 else "sha384" if curve_bits <= 384 else "sha512"


def rsa_padding(credential: Credential) -> padding.AsymmetricPadding:
    """Return the padding of a credential's RSA signatures.

    PSS with the salt as long as the digest and MGF1 with the same hash, as RFC 4055 (3.1)
    recommends and what `RSASSA-PSS-params` in our CMS say.
    """
    if credential.signature_algorithm == "rsassa_pss":
        chosen = HASHES[credential.digest_algorithm]
        return padding.PSS(padding.MGF1(chosen), chosen.digest_size)
    return padding.PKCS1v15()


def checked(credential: Credential, digest: bytes, signature: bytes) -> bytes:
    """Return the signature, an ECDSA one as DER, if it fits digest and certificate.

    Raises `ServiceFault` (`service.wrong-signature`); the call was carried out all the same.
    """
    key = x509.load_der_x509_certificate(credential.chain[0]).public_key()
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, digest)
            return signature
        hashed = utils.Prehashed(HASHES[credential.digest_algorithm])
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, digest, rsa_padding(credential), hashed)
            return signature
        if isinstance(key, ec.EllipticCurvePublicKey):
            return _elliptic(key, digest, signature, hashed)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as error:
        raise _wrong("it does not verify") from error
    raise _wrong("its certificate has a key of an unexpected kind")


def matched(
    credential: Credential, digests: tuple[bytes, ...], answers: tuple[bytes | None, ...]
) -> tuple[Outcome, ...]:
    """Return what became of each digest, whatever the order and number of the answers.

    An answer is the signature of the digest that it verifies with: a service that leaves some
    out, or gives them in another order, cannot make us put one in the wrong document. None
    stands for an answer that could not be decoded. Raises `ServiceFault` when no answer fits.
    """
    free = [answer for answer in answers if answer is not None]
    outcomes: list[Outcome] = []
    for index, digest in enumerate(digests):
        own = answers[index] if index < len(answers) else None
        order = sorted(free, key=lambda answer: answer != own)  # used at once
        outcome = _first_fitting(credential, digest, order)
        if isinstance(outcome, ServiceFault) and own is None:
            what = f"{len(answers)} answers, of which {len(free)} can be read, for {len(digests)}"
            outcome = ServiceFault("service.protocol", what, charge=Charge.UNKNOWN)
        outcomes.append(outcome)
    return all_or_some(outcomes)


def all_or_some(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """Return the outcomes of a call; raise the first fault when there is nothing else."""
    if all(isinstance(outcome, ServiceFault) for outcome in outcomes):
        raise next(outcome for outcome in outcomes if isinstance(outcome, ServiceFault))
    return tuple(outcomes)


def _first_fitting(credential: Credential, digest: bytes, answers: list[bytes]) -> Outcome:
    for answer in answers:
        try:
            return checked(credential, digest, answer)
        except ServiceFault:
            continue
    return _wrong("it does not verify")


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
