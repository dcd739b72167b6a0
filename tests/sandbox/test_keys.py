"""The sandbox's files: private, made once, and fitting each other."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.core.site import SANDBOX_ORGANISATION
from gateway.sandbox.keys import prepare
from gateway.sandbox.pki import architecture


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepare a sandbox from several processes at once; return its folder."""
    state = tmp_path_factory.mktemp("keys") / "state"
    program = "import sys, pathlib; from gateway.sandbox.keys import prepare\n"
    program += "prepare(pathlib.Path(sys.argv[1]))"
    command = (sys.executable, "-c", program, str(state))
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: subprocess.run(command, check=False), range(3)))
    assert [process.returncode for process in done] == [0, 0, 0]
    return state / "sandbox"


def certificate(folder: Path, name: str) -> x509.Certificate:
    """Return one of the sandbox's certificates."""
    return x509.load_pem_x509_certificate(architecture(folder).certificate_pem(name))


def test_files_are_private(folder: Path) -> None:
    """Nobody but the owner can read keys, PIN and client secret."""
    assert folder.stat().st_mode & 0o777 == 0o700
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name
    assert len((folder / "pin").read_text()) == 8
    assert len((folder / "client-secret").read_text()) >= 20


def test_prepared_once(folder: Path) -> None:
    """Preparing again changes no byte."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    prepare(folder.parent)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_anchor_fits_the_keys(folder: Path) -> None:
    """The trust anchor on disk is the one that the certificates lead to."""
    root = x509.load_pem_x509_certificate((folder / "root.pem").read_bytes())
    root.verify_directly_issued_by(root)
    issuing = certificate(folder, "issuing")
    issuing.verify_directly_issued_by(root)
    certificate(folder, "tsa").verify_directly_issued_by(root)
    for name in ("sandbox-seal", "sandbox-seal-ec", "ocsp"):
        certificate(folder, name).verify_directly_issued_by(issuing)


def test_seal_certificates(folder: Path) -> None:
    """Seal certificates are for signing, say whose they are, and name OCSP and CRL of this site."""
    port = (folder / "port").read_text()
    for name, kind in (
        ("sandbox-seal", rsa.RSAPublicKey),
        ("sandbox-seal-ec", ec.EllipticCurvePublicKey),
    ):
        seal = certificate(folder, name)
        assert isinstance(seal.public_key(), kind)
        usage = seal.extensions.get_extension_for_class(x509.KeyUsage).value
        assert usage.digital_signature
        assert usage.content_commitment
        (owner,) = seal.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
        assert owner.value == SANDBOX_ORGANISATION
        access = seal.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        points = seal.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        for url in (access[0].access_location.value, points[0].full_name[0].value):
            assert url.startswith(f"http://127.0.0.1:{port}/")


def test_time_stamp_certificate(folder: Path) -> None:
    """The authority's certificate is for time-stamps only, critically (RFC 3161, 2.3)."""
    usage = certificate(folder, "tsa").extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical
    assert list(usage.value) == [x509.oid.ExtendedKeyUsageOID.TIME_STAMPING]
