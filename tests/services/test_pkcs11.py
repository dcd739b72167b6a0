"""Tokens by PKCS#11, with SoftHSM2: every kind of key, and what a token may refuse."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from gateway.core.errors import Charge, ServiceFault
from gateway.core.secret import Secret
from gateway.core.services import Pkcs11Settings, ServiceSettings
from gateway.services.pkcs11 import Pkcs11Service
from gateway.wiring import SystemClock
from tests.fakes import softhsm
from tests.fakes.signer import TestSigner
from tests.pipeline.site import FileSite

DIGEST = hashlib.sha256(b"document").digest()
KEYS = {
    "rsa": (rsa.generate_private_key(65537, 2048), "", "sha256"),
    "rsa-512": (rsa.generate_private_key(65537, 3072), "", "sha512"),
    "pss": (rsa.generate_private_key(65537, 2048), "rsassa_pss", "sha256"),
    "p256": (ec.generate_private_key(ec.SECP256R1()), "", "sha256"),
    "p384": (ec.generate_private_key(ec.SECP384R1()), "", "sha384"),
    "p521": (ec.generate_private_key(ec.SECP521R1()), "", "sha512"),
    "ed25519": (ed25519.Ed25519PrivateKey.generate(), "", "sha512"),
}


def service_of(family: Pkcs11Settings) -> Pkcs11Service:
    """Return a service for a token."""
    settings = ServiceSettings("token", family)
    return Pkcs11Service(settings, family, SystemClock(), sandbox_allowed=False)


def fault_of(family: Pkcs11Settings) -> ServiceFault:
    """Sign, and return the fault that comes of it: nothing was charged, no PIN is shown."""
    service = service_of(family)
    with pytest.raises(ServiceFault) as failed:
        service.sign(service.authorize((DIGEST,)))
    assert failed.value.charge is Charge.NEVER
    assert softhsm.PIN not in str(failed.value)
    return failed.value


@pytest.fixture(scope="module")
def signer() -> TestSigner:
    """Return a signer with an RSA key."""
    return TestSigner.make()


@pytest.fixture(scope="module")
def family(signer: TestSigner, tmp_path_factory: pytest.TempPathFactory) -> Pkcs11Settings:
    """Return a token with that key."""
    return softhsm.token("faults", signer, tmp_path_factory.mktemp("token"))


@pytest.mark.parametrize("kind", KEYS)
def test_every_kind_of_key(kind: str, tmp_path: Path) -> None:
    """Each kind signs, several digests a visit, with the chain that the token holds."""
    key, scheme, digest = KEYS[kind]
    made = softhsm.token(f"kind-{kind}", TestSigner.make(key), tmp_path)
    service = service_of(replace(made, signature_algorithm=scheme, digest_algorithm=digest))
    assert len(service.credential().chain) == 2
    several = tuple(hashlib.new(digest, bytes((n,))).digest() for n in range(3))
    signatures = service.sign(service.authorize(several))
    assert [type(signature) for signature in signatures] == [bytes] * 3, "each was verified"


def test_wrong_pin(family: Pkcs11Settings) -> None:
    """A wrong PIN is found out by the authorisation, before anything counts as sent."""
    service = service_of(replace(family, pin=Secret("pin", "wrong"), certificates=None))
    with pytest.raises(ServiceFault) as refused:
        service.authorize((DIGEST,))
    assert refused.value.code == "service.authorization-refused"


def test_token_that_is_not_there(family: Pkcs11Settings) -> None:
    """A token that was pulled out is a service that cannot be reached."""
    assert fault_of(replace(family, token="elsewhere")).code == "service.unreachable"


def test_module_that_is_none(family: Pkcs11Settings, tmp_path: Path) -> None:
    """A file that is no PKCS#11 module is named."""
    module = tmp_path / "module.so"
    module.write_text("no library")
    fault = fault_of(replace(family, module=module))
    assert (fault.code, "module.so" in fault.detail) == ("service.unreachable", True)


def test_key_that_is_not_there(family: Pkcs11Settings, signer: TestSigner, tmp_path: Path) -> None:
    """A label that no key has is the credential's fault, not the document's."""
    chain = signer.pem(tmp_path / "chain.pem")
    fault = fault_of(replace(family, key="another", certificates=chain))
    assert fault.code == "service.credential-unusable"


def test_certificate_of_another_key(family: Pkcs11Settings, tmp_path: Path) -> None:
    """A signature that does not fit the configured certificate never reaches a document."""
    chain = TestSigner.make().pem(tmp_path / "chain.pem")
    service = service_of(replace(family, certificates=chain))
    with pytest.raises(ServiceFault) as failed:
        service.sign(service.authorize((DIGEST,)))
    assert failed.value.code == "service.wrong-signature"


def test_session_that_ended_is_opened_anew(family: Pkcs11Settings) -> None:
    """After the token has ended our session, the next attempt logs in again."""
    service = service_of(family)
    service.sign(service.authorize((DIGEST,)))
    service._session.close()
    with pytest.raises(ServiceFault):
        service.sign(service.authorize((DIGEST,)))
    assert isinstance(service.sign(service.authorize((DIGEST,)))[0], bytes)


def test_sealed_by_a_token(signer: TestSigner, family: Pkcs11Settings, tmp_path: Path) -> None:
    """A site whose key lives in a token seals a document that pdfsig finds valid."""
    if shutil.which("pdfsig") is None:
        pytest.skip("not installed: pdfsig")
    site = FileSite(tmp_path / "site", signer)
    site.secret("pin", softhsm.PIN)
    site.configure(
        f"""\
        signing:
          type: pkcs11
          module: {family.module}
          token: faults
          key: seal
          pin: {{secret: pin}}
        """
    )
    site.drop("one")
    assert len(site.sweep().delivered) == 1
    (result,) = site.results()
    told = subprocess.run(("pdfsig", result), capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in told
