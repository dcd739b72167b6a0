"""Signature algorithms of CSC credentials: what both sides can do, and how it is asked for."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from asn1crypto import algos

from gateway.core.errors import ServiceFault
from gateway.services.signature_check import fitting_digest

HASH_OIDS = {
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
    "sha3_256": "2.16.840.1.101.3.4.2.8",
    "sha3_384": "2.16.840.1.101.3.4.2.9",
    "sha3_512": "2.16.840.1.101.3.4.2.10",
}
"""Of digest algorithms, for `hashAlgorithmOID` (RFC 5754, RFC 8702); older ones are refused."""

_PLAIN_RSA = "1.2.840.113549.1.1.1"
_PSS = "1.2.840.113549.1.1.10"
_PLAIN_EC = "1.2.840.10045.2.1"
_RSA = {
    "sha256": "1.2.840.113549.1.1.11",
    "sha384": "1.2.840.113549.1.1.12",
    "sha512": "1.2.840.113549.1.1.13",
    "sha3_256": "2.16.840.1.101.3.4.3.14",
    "sha3_384": "2.16.840.1.101.3.4.3.15",
    "sha3_512": "2.16.840.1.101.3.4.3.16",
}
_ECDSA = {
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4",
    "sha3_256": "2.16.840.1.101.3.4.3.10",
    "sha3_384": "2.16.840.1.101.3.4.3.11",
    "sha3_512": "2.16.840.1.101.3.4.3.12",
}


@dataclass(frozen=True)
class Chosen:
    """An algorithm both sides know."""

    signature: str
    """As in `ports.Credential`."""
    digest: str
    oid: str
    """For `signAlgo`."""
    parameters: str = ""
    """For `signAlgoParams`: Base64 of DER, where the algorithm has some."""


def choose_rsa(offered: tuple[str, ...], signature: str = "", digest: str = "") -> Chosen:
    """Choose for an RSA key; PKCS#1 v1.5 unless PSS is wanted, or the only one offered.

    Raises `ServiceFault` (`service.credential-unusable`).
    """
    wanted = (digest,) if digest else tuple(_RSA)
    if signature != "rsassa_pss":
        for name in wanted:
            for oid in (_RSA[name], _PLAIN_RSA):
                if oid in offered:
                    return Chosen("rsassa_pkcs1v15", name, oid)
    if signature in ("", "rsassa_pss") and _PSS in offered:
        return Chosen("rsassa_pss", wanted[0], _PSS, _pss_parameters(wanted[0]))
    raise _nothing_shared(offered)


def choose_ecdsa(offered: tuple[str, ...], bits: int, digest: str = "") -> Chosen:
    """Choose for a curve of so many bits; the digest that fits the curve comes first."""
    for name in (digest,) if digest else dict.fromkeys((fitting_digest(bits), *_ECDSA)):
        for oid in (_ECDSA[name], _PLAIN_EC):
            if oid in offered:
                return Chosen("ecdsa", name, oid)
    raise _nothing_shared(offered)


def _pss_parameters(digest: str) -> str:
    """Return RSASSA-PSS-params (RFC 4055, 3.1) with the salt as long as the digest."""
    hashed = {"algorithm": digest}
    parameters = algos.RSASSAPSSParams(
        {
            "hash_algorithm": hashed,
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": hashed},
            "salt_length": hashlib.new(digest).digest_size,
        }
    )
    return base64.b64encode(parameters.dump()).decode()


def _nothing_shared(offered: tuple[str, ...]) -> ServiceFault:
    what = f"of its algorithms none can be used: {', '.join(offered)[:120] or 'none'}"
    return ServiceFault("service.credential-unusable", what)
