"""Which certificates this site trusts; nothing is ever fetched here.

This room has no network, and promise 1 covers validation too: no responder learns of a
document because we looked at its signature.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from asn1crypto import pem, x509
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.path import ValidationPath

from gateway.core.errors import ServiceFault
from gateway.pdf.coroutines import result_of

KEY_USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"})
"""Either suffices: seals are certified with the one or the other."""


def context(anchors: tuple[bytes, ...], moment: datetime | None) -> ValidationContext:
    """Return pyHanko's validation context for the site's anchors (PEM or DER), as of `moment`."""
    return ValidationContext(**settings_of(anchors, moment, required=False))


def settings_of(
    anchors: tuple[bytes, ...], moment: datetime | None, *, required: bool
) -> dict[str, Any]:
    """Return the keywords of a context; with `required`, revocation data must be at hand.

    Data that are younger than `moment` count: that they were fetched later is their point.
    """
    return {
        "trust_roots": [certificate(_der(anchor)) for anchor in anchors],
        "allow_fetching": False,
        "moment": moment,
        "revocation_mode": "require" if required else "soft-fail",
        "retroactive_revinfo": True,
    }


@lru_cache(maxsize=256)
def certificate(der: bytes) -> x509.Certificate:
    """Parse a certificate once for all documents of this process: it is the same for all."""
    return x509.Certificate.load(der)


_PATHS: dict[tuple[tuple[bytes, ...], tuple[bytes, ...]], ValidationPath] = {}
"""Paths that were found good, by chain and anchors."""
_MOST_PATHS = 64


def check_credential(chain: tuple[bytes, ...], anchors: tuple[bytes, ...]) -> ValidationPath:
    """Refuse, before anything is paid for, a signer that the release gate would refuse.

    Returns the path from an anchor to the signer. Nothing is fetched and no revocation data are at
    hand, so a path that was good stays good for as long as its certificates last. Raises
    `ServiceFault` (`service.credential-untrusted`).
    """
    known = _PATHS.get((chain, anchors))
    if known is not None and _lasts(known):
        return known
    path = _validated(chain, anchors)
    if len(_PATHS) >= _MOST_PATHS:
        _PATHS.clear()
    _PATHS[chain, anchors] = path
    return path


def _lasts(path: ValidationPath) -> bool:
    now = datetime.now(UTC)
    return all(one.not_valid_before <= now <= one.not_valid_after for one in path.iter_certs(True))


def _validated(chain: tuple[bytes, ...], anchors: tuple[bytes, ...]) -> ValidationPath:
    signer, *others = map(certificate, chain)
    validator = CertificateValidator(
        signer, intermediate_certs=others, validation_context=context(anchors, None)
    )
    try:
        path = result_of(validator.async_validate_path())
        KEY_USAGE.validate(path.leaf)
        return path
    except (PathError, ValidationError, ValueError) as error:
        raise ServiceFault("service.credential-untrusted", str(error)[:200]) from error


def _der(certificate: bytes) -> bytes:
    if pem.detect(certificate):
        _, _, certificate = pem.unarmor(certificate)
    return certificate
