"""The contract of `ports.DigestService`, run over every implementation there is."""

from __future__ import annotations

import hashlib
import itertools
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from gateway.core.errors import ServiceFault
from gateway.ports import Credential, DigestService
from tests.services.conftest import Sandbox, sandbox, sandbox_state

__all__ = ["sandbox", "sandbox_state"]


@pytest.fixture(params=["sandbox-seal", "sandbox-seal-ec"])
def service(request: pytest.FixtureRequest, sandbox: Sandbox) -> DigestService:
    """Return each implementation, with each kind of key."""
    return sandbox.service(request.param)


def digests(count: int, seed: str) -> tuple[bytes, ...]:
    """Return distinct SHA-256 digests."""
    return tuple(hashlib.sha256(f"{seed} {number}".encode()).digest() for number in range(count))


def verify(credential: Credential, digest: bytes, signature: bytes) -> None:
    """Check a raw signature; raises when it does not fit."""
    key = x509.load_der_x509_certificate(credential.chain[0]).public_key()
    hashed = utils.Prehashed(hashes.SHA256())
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, digest, padding.PKCS1v15(), hashed)
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signature, digest, ec.ECDSA(hashed))


def test_credential_is_complete(service: DigestService) -> None:
    """A credential has a chain in which each certificate is issued by the next."""
    credential = service.credential()
    chain = [x509.load_der_x509_certificate(der) for der in credential.chain]
    assert len(chain) >= 2
    for certificate, issuer in itertools.pairwise(chain):
        certificate.verify_directly_issued_by(issuer)
    assert credential.digest_algorithm == "sha256"
    assert service.credential() == credential


def test_signatures_in_order(service: DigestService) -> None:
    """Several digests are signed in one call, and the answers stand in their order."""
    several = digests(5, service.credential().id)
    signatures = service.sign(service.authorize(several))
    assert len(signatures) == len(several)
    for digest, signature in zip(several, signatures, strict=True):
        verify(service.credential(), digest, signature)


def test_permission_is_for_these_digests_only(service: DigestService) -> None:
    """An authorisation does not sign another digest than it was given for."""
    authorization = service.authorize(digests(1, "permitted"))
    other = type(authorization)(digests(1, "smuggled"), authorization.token)
    with pytest.raises(ServiceFault):
        service.sign(other)


def test_permission_is_used_up(service: DigestService) -> None:
    """An authorisation signs once."""
    authorization = service.authorize(digests(1, "once"))
    service.sign(authorization)
    with pytest.raises(ServiceFault):
        service.sign(authorization)


def test_repeated_digest_is_charged_once(service: DigestService, sandbox: Sandbox) -> None:
    """A service that says it is idempotent answers a digest again for no further price."""
    assert service.idempotent
    same = digests(1, f"repeated {service.credential().id}")
    first = service.sign(service.authorize(same))
    charged = sandbox.usage()["charged"]
    assert service.sign(service.authorize(same)) == first
    assert sandbox.usage()["charged"] == charged


def test_many_threads(service: DigestService) -> None:
    """Calls from eight threads at once each get their own answer."""
    failures: list[str] = []

    def work(number: int) -> None:
        (digest,) = digests(1, f"thread {number}")
        try:
            (signature,) = service.sign(service.authorize((digest,)))
            verify(service.credential(), digest, signature)
        except Exception as error:
            failures.append(repr(error))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_secret_is_in_no_value(service: DigestService, sandbox: Sandbox) -> None:
    """Neither PIN nor client secret shows in what the service returns."""
    shown = repr(service.credential()) + repr(vars(service))
    for name in ("pin", "client-secret"):
        assert (sandbox.folder / name).read_text() not in shown
