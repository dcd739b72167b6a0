"""The contract of `ports.DigestService`, run over every implementation there is."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.core.errors import ServiceFault
from gateway.ports import AnswerForm, Credential, DigestService
from tests.contracts.digest_services import (
    BINDING,
    COUNTING,
    IMPLEMENTATIONS,
    SINGLE,
    Implementation,
)
from tests.services.conftest import Sandbox, sandbox, sandbox_state

__all__ = ["sandbox", "sandbox_state"]


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def implementation(
    request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Implementation]:
    """Return each implementation, with each kind of key."""
    folder = tmp_path_factory.mktemp("implementation")
    set_up = contextlib.contextmanager(IMPLEMENTATIONS[request.param])
    with set_up(sandbox, folder) as made:
        yield made


@pytest.fixture
def service(implementation: Implementation) -> DigestService:
    """Return its service."""
    return implementation.service


def content(number: int, seed: str) -> bytes:
    """Return what a digest is of."""
    return f"{seed} {number}".encode()


def digests(count: int, seed: str) -> tuple[bytes, ...]:
    """Return distinct SHA-256 digests."""
    return tuple(hashlib.sha256(content(number, seed)).digest() for number in range(count))


def verify(credential: Credential, number: int, seed: str, signature: bytes, folder: Path) -> None:
    """Check a signature or a CMS over one of `digests`; raises when it does not fit."""
    if credential.answer is AnswerForm.CMS:
        verify_cms(credential, content(number, seed), signature, folder)
        return
    digest = hashlib.sha256(content(number, seed)).digest()
    key = x509.load_der_x509_certificate(credential.chain[0]).public_key()
    hashed = utils.Prehashed(hashes.SHA256())
    if isinstance(key, rsa.RSAPublicKey):
        scheme: padding.AsymmetricPadding = padding.PKCS1v15()
        if credential.signature_algorithm == "rsassa_pss":
            scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        key.verify(signature, digest, scheme, hashed)
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signature, digest, ec.ECDSA(hashed))


def verify_cms(credential: Credential, signed: bytes, cms: bytes, folder: Path) -> None:
    """Let openssl judge a detached CMS, with the last certificate of the chain as anchor."""
    name = hashlib.sha256(signed).hexdigest()
    files = [folder / f"{name}.{kind}" for kind in ("bin", "der", "pem")]
    root = x509.load_der_x509_certificate(credential.chain[-1])
    contents = (signed, cms, root.public_bytes(Encoding.PEM))
    for file, data in zip(files, contents, strict=True):
        file.write_bytes(data)
    command = ("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any")
    told = subprocess.run(
        (*command, "-content", files[0], "-in", files[1], "-CAfile", files[2]),
        capture_output=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr


def test_credential_is_complete(service: DigestService) -> None:
    """A credential has a chain in which each certificate is issued by the next."""
    credential = service.credential()
    chain = [x509.load_der_x509_certificate(der) for der in credential.chain]
    assert len(chain) >= 2
    for certificate, issuer in itertools.pairwise(chain):
        certificate.verify_directly_issued_by(issuer)
    assert credential.digest_algorithm == "sha256"
    assert service.credential() == credential


def test_signatures_in_order(service: DigestService, tmp_path: Path) -> None:
    """As many digests as a call may carry are signed, and the answers stand in their order."""
    credential = service.credential()
    several = digests(min(5, credential.batch), credential.id)
    signatures = service.sign(service.authorize(several))
    assert len(signatures) == len(several)
    for number, signature in enumerate(signatures):
        assert isinstance(signature, bytes)
        verify(credential, number, credential.id, signature, tmp_path)


@pytest.mark.parametrize("implementation", SINGLE, indirect=True)
def test_more_than_one_is_refused(service: DigestService) -> None:
    """A service that takes one digest a call refuses two before anything is charged."""
    with pytest.raises(ServiceFault) as refused:
        service.authorize(digests(2, "many"))
    assert refused.value.code == "service.refused"


@pytest.mark.parametrize("implementation", BINDING, indirect=True)
def test_permission_is_for_these_digests_only(implementation: Implementation) -> None:
    """An authorisation does not sign another digest than it was given for."""
    service = implementation.service
    authorization = service.authorize(digests(1, "permitted"))
    other = type(authorization)(digests(1, "smuggled"), authorization.token)
    with pytest.raises(ServiceFault):
        service.sign(other)


@pytest.mark.parametrize("implementation", BINDING, indirect=True)
def test_permission_is_used_up(implementation: Implementation) -> None:
    """An authorisation signs once."""
    service = implementation.service
    authorization = service.authorize(digests(1, "once"))
    service.sign(authorization)
    with pytest.raises(ServiceFault):
        service.sign(authorization)


@pytest.mark.parametrize("implementation", COUNTING, indirect=True)
def test_repeated_digest_is_charged_once(implementation: Implementation) -> None:
    """A service that says it is idempotent answers a digest again for no further price."""
    assert implementation.charged is not None
    service = implementation.service
    assert service.idempotent
    same = digests(1, f"repeated {service.credential().id}")
    first = service.sign(service.authorize(same))
    charged = implementation.charged()
    assert service.sign(service.authorize(same)) == first
    assert implementation.charged() == charged


def test_many_threads(service: DigestService, tmp_path: Path) -> None:
    """Calls from eight threads at once each get their own answer."""
    failures: list[str] = []

    def work(number: int) -> None:
        seed = f"thread {number}"
        try:
            (signature,) = service.sign(service.authorize(digests(1, seed)))
            assert isinstance(signature, bytes)
            verify(service.credential(), 0, seed, signature, tmp_path)
        except Exception as error:
            failures.append(repr(error))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_secret_is_in_no_value(implementation: Implementation) -> None:
    """No secret shows in what the service returns, or in itself."""
    service = implementation.service
    shown = repr(service.credential()) + repr(vars(service))
    for secret in implementation.secrets:
        assert secret not in shown
