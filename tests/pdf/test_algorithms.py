"""Every algorithm a service may sign with, from seam to release gate, judged by others."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from asn1crypto import cms as asn1_cms
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, utils

from gateway.ports import Credential, Signer
from gateway.services.signature_check import HASHES, checked, rsa_padding
from tests.e2e.pages import write_pdf
from tests.e2e.test_judged_by_others import signature_parts
from tests.pdf.conftest import Bench, Key, make_key

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class ChosenKey(Key):
    """A key that signs with a chosen algorithm."""

    scheme: str = ""
    digest: str = ""

    @property
    def signer(self) -> Signer:
        """Return the signer as the pdf room is told of it."""
        credential = Credential("test", (self.certificate,), self.scheme, self.digest)
        return Signer(credential, (self.certificate,))

    def sign(self, digest: bytes) -> bytes:
        """Sign what was prepared, and check it as every service's answer is checked."""
        return checked(self.signer.credential, digest, self._signature(digest))

    def _signature(self, digest: bytes) -> bytes:
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(digest)
        hashed = utils.Prehashed(HASHES[self.digest])
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            return self.private.sign(digest, ec.ECDSA(hashed))
        return self.private.sign(digest, rsa_padding(self.signer.credential), hashed)


KEYS: dict[str, PrivateKey] = {
    "rsa": rsa.generate_private_key(65537, 3072),
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "p521": ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}
SIZES = (256, 384, 512)
CASES = [
    *(("rsa", "rsassa_pkcs1v15", f"sha{size}") for size in SIZES),
    *(("rsa", "rsassa_pss", f"sha{size}") for size in SIZES),
    *(("p256", "ecdsa", f"sha{size}") for size in SIZES),
    ("p384", "ecdsa", "sha384"),
    ("p521", "ecdsa", "sha512"),
    ("ed25519", "ed25519", "sha512"),
    ("rsa", "rsassa_pkcs1v15", "sha3_256"),
    ("rsa", "rsassa_pss", "sha3_384"),
    ("p256", "ecdsa", "sha3_256"),
    ("p521", "ecdsa", "sha3_512"),
]


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a judge."""
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(("name", "scheme", "digest"), CASES)
def test_algorithm(bench: Bench, tmp_path: Path, name: str, scheme: str, digest: str) -> None:
    """Our gate and openssl accept it; pdfsig too, where its library knows the algorithm."""
    made = make_key(KEYS[name], f"Test {name}")
    key = ChosenKey(made.private, made.certificate, scheme, digest)
    sealed, _, reports = bench.seal(write_pdf(tmp_path / "a.pdf", ("One",)), key)
    assert [report.good for report in reports] == [True]
    cms, covered = signature_parts(sealed, tmp_path)
    anchor = tmp_path / "anchor.pem"
    anchor.write_bytes(_pem(key.certificate))
    told = _judged_by_openssl(cms, covered, anchor, by_attributes=name == "ed25519")
    assert told.returncode == 0, told.stderr
    judged = run("pdfsig", sealed).stdout
    if digest.startswith("sha3_") or name == "ed25519":
        assert "ETSI.CAdES.detached" in judged
    else:
        assert "Signature is Valid" in judged, judged


def _judged_by_openssl(
    cms: Path, covered: Path, anchor: Path, *, by_attributes: bool
) -> subprocess.CompletedProcess[str]:
    """Let openssl verify the CMS, or, where its `cms` cannot do Ed25519, the value by itself."""
    if not by_attributes:
        return run(
            "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", cms,
            "-content", covered, "-CAfile", anchor, "-purpose", "any", "-out", "/dev/null",
        )  # fmt: skip
    signer = asn1_cms.ContentInfo.load(cms.read_bytes())["content"]["signer_infos"][0]
    attributes = {one["type"].native: one["values"][0].native for one in signer["signed_attrs"]}
    assert attributes["message_digest"] == hashlib.sha512(covered.read_bytes()).digest()
    value, attributes_der = cms.with_suffix(".sig"), cms.with_suffix(".attributes")
    value.write_bytes(signer["signature"].native)
    attributes_der.write_bytes(signer["signed_attrs"].untag().dump())
    return run(
        "openssl", "pkeyutl", "-verify", "-certin", "-inkey", anchor, "-rawin",
        "-in", attributes_der, "-sigfile", value,
    )  # fmt: skip


def _pem(der: bytes) -> bytes:
    certificate = x509.load_der_x509_certificate(der)
    return certificate.public_bytes(serialization.Encoding.PEM)
