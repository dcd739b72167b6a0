"""A key in a PKCS#12 file: for evaluation and tests, never for real documents."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from gateway.core.errors import ServiceFault
from gateway.core.services import LocalSettings, ServiceSettings
from gateway.ports import Authorization, Credential, Outcome
from gateway.services.certificate_check import UNREADABLE
from gateway.services.signature_check import HASHES, checked, fitting_digest, rsa_padding

_LARGEST = 1 << 20
_BATCH = 16


class LocalService:
    """Signs in this process; safe to use from several threads."""

    def __init__(self, settings: ServiceSettings, family: LocalSettings) -> None:
        self.name = settings.name
        self.idempotent = True
        self._family = family
        self._lock = threading.Lock()

    def credential(self) -> Credential:
        """Return the credential of the file; raises `service.credential-unusable`."""
        with self._lock:
            return self._loaded[0]

    def authorize(self, digests: tuple[bytes, ...]) -> Authorization:
        """Permit everything: whoever can read the file may sign."""
        return Authorization(digests, "")

    def sign(self, authorization: Authorization) -> tuple[Outcome, ...]:
        """Sign the digests with the file's key."""
        with self._lock:
            credential, sign = self._loaded
        return tuple(checked(credential, digest, sign(digest)) for digest in authorization.digests)

    @cached_property
    def _loaded(self) -> tuple[Credential, Callable[[bytes], bytes]]:
        file = self._family.file
        try:
            with file.open("rb") as stream:
                content = stream.read(_LARGEST)
            password = self._family.password.value.encode()
            key, certificate, others = pkcs12.load_key_and_certificates(content, password)
        except (OSError, *UNREADABLE) as error:
            what = f"{file.name} cannot be opened with its password"
            raise ServiceFault("service.credential-unusable", what) from error
        if key is None or certificate is None:
            what = f"{file.name} holds no key with its certificate"
            raise ServiceFault("service.credential-unusable", what)
        chain = tuple(one.public_bytes(Encoding.DER) for one in (certificate, *others))
        return _signing(self._family.file.name, chain, key)


def _signing(
    file: str, chain: tuple[bytes, ...], key: object
) -> tuple[Credential, Callable[[bytes], bytes]]:
    if isinstance(key, rsa.RSAPrivateKey):
        credential = Credential(file, chain, "rsassa_pkcs1v15", "sha256", _BATCH)
        hashed = utils.Prehashed(HASHES["sha256"])
        return credential, lambda digest: key.sign(digest, rsa_padding(credential), hashed)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        digest_name = fitting_digest(key.curve.key_size)
        credential = Credential(file, chain, "ecdsa", digest_name, _BATCH)
        algorithm = ec.ECDSA(utils.Prehashed(HASHES[digest_name]))
        return credential, lambda digest: key.sign(digest, algorithm)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return Credential(file, chain, "ed25519", "sha512", _BATCH), key.sign
    what = f"{file} holds a key that is neither RSA, ECDSA nor Ed25519"
    raise ServiceFault("service.credential-unusable", what)
