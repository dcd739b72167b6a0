"""May this credential sign for us, and how: what `credentials/info` must say before we ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.core.errors import ServiceFault
from gateway.core.services import CscSettings
from gateway.ports import Credential
from gateway.services.certificate_check import (
    UNREADABLE,
    refuse_outdated,
    refuse_sandbox,
    unusable,
)
from gateway.services.csc_algorithms import Chosen, choose_ecdsa, choose_rsa
from gateway.services.csc_answers import CredentialInfo, from_base64

_OTHER_KEY = "a key that is neither RSA nor ECDSA"


@dataclass(frozen=True)
class UsableCredential:
    """A credential with what the requests for its use must say."""

    credential: Credential
    chosen: Chosen
    needs: tuple[str, ...]
    """Ids of the authentication objects to present."""


def usable(
    identity: str,
    told: CredentialInfo,
    now: datetime,
    *,
    sandbox_allowed: bool,
    settings: CscSettings,
) -> UsableCredential:
    """Check what a service says about a credential, and choose algorithms we share.

    Raises `ServiceFault`: `service.credential-unusable`, `service.sandbox-credential`,
    `service.protocol`.
    """
    if told.key.status != "enabled" or told.cert.status not in (None, "valid"):
        raise unusable(f"key {told.key.status}, certificate {told.cert.status or 'not told'}")
    mode = told.auth_mode or told.auth.mode
    if mode not in ("explicit", "implicit"):
        raise unusable(f"its use is authorised by a person ({mode})")
    chain = _chain(told)
    try:
        certificates = [x509.load_der_x509_certificate(der) for der in chain]
        refuse_sandbox(certificates, sandbox_allowed=sandbox_allowed)
        key = certificates[0].public_key()
        refuse_outdated(certificates[0], now)
    except UNREADABLE as error:
        what = "credentials/info: a certificate cannot be read"
        raise ServiceFault("service.protocol", what) from error
    chosen = _choose(key, told.key.algo, settings)
    batch = max(1, told.multisign)
    credential = Credential(identity, chain, chosen.signature, chosen.digest, batch)
    return UsableCredential(credential, chosen, _needs(told))


def _choose(key: object, offered: tuple[str, ...], settings: CscSettings) -> Chosen:
    wanted = settings.signature_algorithm
    if isinstance(key, rsa.RSAPublicKey) and wanted in ("", "rsassa_pkcs1v15", "rsassa_pss"):
        return choose_rsa(offered, wanted, settings.digest_algorithm)
    if isinstance(key, ec.EllipticCurvePublicKey) and wanted in ("", "ecdsa"):
        return choose_ecdsa(offered, key.curve.key_size, settings.digest_algorithm)
    raise unusable(f"a key that is not for {wanted}" if wanted else _OTHER_KEY)


def _needs(told: CredentialInfo) -> tuple[str, ...]:
    """Return the ids of what must be presented, as either version tells it."""
    named = tuple(thing.id or thing.type for thing in told.auth.objects)
    older = (("PIN", told.pin), ("OTP", told.otp))
    return named or tuple(name for name, one in older if one.presence == "true")


def _chain(told: CredentialInfo) -> tuple[bytes, ...]:
    decoded = [from_base64(certificate) for certificate in told.cert.certificates]
    chain = tuple(der for der in decoded if der)
    if not chain or len(chain) != len(decoded):
        raise ServiceFault("service.protocol", "credentials/info: no certificate in Base64")
    return chain
