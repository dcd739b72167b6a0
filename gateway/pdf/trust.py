"""Which certificates this site trusts; nothing is ever fetched here.

This room has no network, and promise 1 covers validation too: no responder learns of a
document because we looked at its signature.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from asn1crypto import pem, x509
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.path import ValidationPath

from gateway.core.errors import ServiceFault

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
        "trust_roots": [x509.Certificate.load(_der(anchor)) for anchor in anchors],
        "allow_fetching": False,
        "moment": moment,
        "revocation_mode": "require" if required else "soft-fail",
        "retroactive_revinfo": True,
    }


def check_credential(chain: tuple[bytes, ...], anchors: tuple[bytes, ...]) -> ValidationPath:
    """Refuse, before anything is paid for, a signer that the release gate would refuse.

    Returns the path from an anchor to the signer. Raises `ServiceFault`
    (`service.credential-untrusted`).
    """
    signer, *others = (x509.Certificate.load(der) for der in chain)
    validator = CertificateValidator(
        signer, intermediate_certs=others, validation_context=context(anchors, None)
    )
    try:
        path = asyncio.run(validator.async_validate_path())
        KEY_USAGE.validate(path.leaf)
        return path
    except (PathError, ValidationError, ValueError) as error:
        raise ServiceFault("service.credential-untrusted", str(error)[:200]) from error


def _der(certificate: bytes) -> bytes:
    if pem.detect(certificate):
        _, _, certificate = pem.unarmor(certificate)
    return certificate
