"""Tokens and HSMs by PKCS#11 (version 2.40), through python-pkcs11.

One session is kept and used by one thread at a time: tokens do one thing at a time anyway.
Logging in is part of `authorize`, so that a wrong PIN is found out before anything is sent;
it is never tried a second time by itself, because tokens lock.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

from asn1crypto import algos
from cryptography import x509

from gateway.core.errors import Charge, ServiceFault
from gateway.core.services import Pkcs11Settings, ServiceSettings
from gateway.ports import Authorization, Clock, Credential, Outcome
from gateway.services.certificate_file import credential_in, described
from gateway.services.signature_check import HASHES, checked

_BATCH = 64
"""Digests signed for one visit; a token takes them one after the other."""
_REFUSED = ("PinIncorrect", "PinLocked", "PinExpired", "PinInvalid", "PinLenRange")
_MISSING = ("NoSuchToken", "TokenNotPresent", "TokenNotRecognised", "SlotIDInvalid")
_UNUSABLE = (
    *("NoSuchKey", "MultipleObjectsReturned", "MechanismInvalid", "MechanismParamInvalid"),
    *("KeyTypeInconsistent", "KeySizeRange", "FunctionNotSupported", "DataLenRange"),
)


class Pkcs11Service:
    """One key of one token; safe to use from several threads."""

    def __init__(
        self,
        settings: ServiceSettings,
        family: Pkcs11Settings,
        clock: Clock,
        *,
        sandbox_allowed: bool,
    ) -> None:
        self.name = settings.name
        self.idempotent = settings.idempotent
        self._family = family
        self._clock = clock
        self._sandbox_allowed = sandbox_allowed
        self._lock = threading.Lock()
        self._session: Any = None
        self._key: Any = None

    def credential(self) -> Credential:
        """Return the credential, from the file of certificates or from the token."""
        family, now = self._family, self._clock.now()
        digest, signature = family.digest_algorithm, family.signature_algorithm
        if family.certificates is not None:
            found = credential_in(
                family.certificates, digest, signature, now, sandbox_allowed=self._sandbox_allowed
            )
        else:
            with self._using() as session:
                chain = _chain(session, family)
            found = described(
                family.key, chain, digest, signature, now, sandbox_allowed=self._sandbox_allowed
            )
        return Credential(
            found.id, found.chain, found.signature_algorithm, found.digest_algorithm, _BATCH
        )

    def authorize(self, digests: tuple[bytes, ...]) -> Authorization:
        """Log in, unless we are; raises `service.authorization-refused` for a wrong PIN."""
        with self._using():
            return Authorization(digests, "")

    def sign(self, authorization: Authorization) -> tuple[Outcome, ...]:
        """Sign the digests with the token's key, and check each signature."""
        credential = self.credential()
        with self._using():
            made = [_sign(self._key, credential, digest) for digest in authorization.digests]
        return tuple(
            checked(credential, digest, signature)
            for digest, signature in zip(authorization.digests, made, strict=True)
        )

    @contextmanager
    def _using(self) -> Iterator[Any]:
        """Lend the session, opened when there is none; drop it when anything goes wrong."""
        with self._lock, _translating(self._family):
            try:
                if self._session is None:
                    self._session = _open(self._family)
                    self._key = _private_key(self._session, self._family)
                yield self._session
            except Exception:
                self._drop()
                raise

    def _drop(self) -> None:
        """Forget the session, so that the next attempt begins anew."""
        session, self._session, self._key = self._session, None, None
        if session is not None:
            with suppress(_library().exceptions.PKCS11Error):
                session.close()


def _library() -> ModuleType:
    try:
        import pkcs11  # noqa: PLC0415  # an extra: only who has a token needs it
    except ImportError as error:
        what = "python-pkcs11 is not installed: pip install sealgate[pkcs11]"
        raise ServiceFault("service.unreachable", what) from error
    return pkcs11


def _open(family: Pkcs11Settings) -> Any:
    """Log in to the token; the session of an earlier login is closed by forgetting it."""
    module = _library().lib(str(family.module))
    if family.token:
        token = module.get_token(token_label=family.token)
    else:
        tokens = [slot.get_token() for slot in module.get_slots(token_present=True)]
        found = [one for one in tokens if one.flags & _library().TokenFlag.TOKEN_INITIALIZED]
        if len(found) != 1:
            what = f"the module shows {len(found)} tokens: name one in gateway.yaml"
            raise ServiceFault("service.unreachable", what)
        (token,) = found
    try:
        return token.open(user_pin=family.pin.value)
    except _library().exceptions.UserAlreadyLoggedIn:
        return token.open()  # a login is the process's: another service has the same token


def _private_key(session: Any, family: Pkcs11Settings) -> Any:
    return session.get_key(
        object_class=_library().ObjectClass.PRIVATE_KEY,
        label=family.key or None,
        id=family.key_id or None,
    )


def _chain(session: Any, family: Pkcs11Settings) -> list[x509.Certificate]:
    """Return the key's certificate, and then those of its issuers that the token holds."""
    library = _library()
    wanted = {library.Attribute.CLASS: library.ObjectClass.CERTIFICATE}
    held = [(one, _loaded(one)) for one in session.get_objects(wanted)]
    label, number = library.Attribute.LABEL, library.Attribute.ID
    own = [
        certificate
        for one, certificate in held
        if (family.key_id and one[number] == family.key_id)
        or (not family.key_id and one[label] == family.key)
    ]
    if len(own) != 1:
        what = f"the token holds {len(own)} certificates of the key: name a file of certificates"
        raise ServiceFault("service.credential-unusable", what)
    chain = own
    others = [certificate for _, certificate in held]
    while chain[-1].issuer != chain[-1].subject:
        issuer = next((one for one in others if one.subject == chain[-1].issuer), None)
        if issuer is None or issuer in chain:
            break
        chain = [*chain, issuer]
    return chain


def _loaded(found: Any) -> x509.Certificate:
    return x509.load_der_x509_certificate(bytes(found[_library().Attribute.VALUE]))


def _sign(key: Any, credential: Credential, digest: bytes) -> bytes:
    """Sign a digest by the mechanism that takes digests."""
    library = _library()
    mechanisms = library.Mechanism
    if credential.signature_algorithm == "rsassa_pss":
        name = credential.digest_algorithm.upper()
        parameters = (
            getattr(mechanisms, name),
            getattr(library.MGF, name),
            HASHES[credential.digest_algorithm].digest_size,
        )
        made = key.sign(digest, mechanism=mechanisms.RSA_PKCS_PSS, mechanism_param=parameters)
    elif credential.signature_algorithm == "rsassa_pkcs1v15":
        info = {"digest_algorithm": {"algorithm": credential.digest_algorithm}, "digest": digest}
        made = key.sign(algos.DigestInfo(info).dump(), mechanism=mechanisms.RSA_PKCS)
    elif credential.signature_algorithm == "ed25519":
        made = key.sign(digest, mechanism=mechanisms.EDDSA)
    else:
        made = key.sign(digest, mechanism=mechanisms.ECDSA)
    return bytes(made)


@contextmanager
def _translating(family: Pkcs11Settings) -> Iterator[None]:
    """Turn what the module says into faults; a token charges nothing, whatever happens."""
    library = _library()
    try:
        yield
    except library.exceptions.PKCS11Error as error:
        name = type(error).__name__
        code = "service.failed"
        if name == "PKCS11Error":  # of python-pkcs11 itself: the module cannot be loaded
            code, name = "service.unreachable", f"{family.module.name} cannot be used"
        elif name in _REFUSED:
            code = "service.authorization-refused"
        elif name in _MISSING:
            code = "service.unreachable"
        elif name in _UNUSABLE:
            code = "service.credential-unusable"
        detail = f"{family.token or family.module.name}: {name}"
        raise ServiceFault(code, detail, charge=Charge.NEVER) from error
    except (OSError, RuntimeError) as error:
        what = f"{family.module.name} cannot be used as a PKCS#11 module"
        raise ServiceFault("service.unreachable", what) from error
    except ValueError as error:
        raise ServiceFault("service.credential-unusable", str(error)[:200]) from error
