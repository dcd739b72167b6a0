"""What is let pass of the CMS that a service returns, and what is not.

The answers are made by openssl and pyHanko, neither of which is the code that judges them.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import cms, core, parser
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from gateway.core.errors import Charge, ServiceFault
from gateway.ports import Credential
from gateway.services.cms_check import checked_cms
from tests.fakes.esign import ESign
from tests.fakes.signer import PrivateKey, TestSigner
from tests.services.conftest import Sandbox
from tests.services.digest import cms_service

CONTENT = b"what a document's digest is of"
DIGEST = hashlib.sha256(CONTENT).digest()


class OpenSsl:
    """Makes CMS over `CONTENT` as told."""

    def __init__(self, signer: TestSigner, folder: Path) -> None:
        self.signer = signer
        self.certificate = signer.pem(folder / "chain.pem")
        self.key = signer.key_pem(folder / "key.pem")
        self.content = folder / "content.bin"
        self.content.write_bytes(CONTENT)
        self.credential = cms_service("http://127.0.0.1:9/", self.certificate).credential()

    def sign(self, *options: str | Path) -> bytes:
        """Sign with options of `openssl cms`."""
        command = ("openssl", "cms", "-sign", "-binary", "-outform", "DER", "-in", self.content)
        told = subprocess.run(
            (*command, "-signer", self.certificate, "-inkey", self.key, *options),
            capture_output=True,
            check=True,
        )
        return told.stdout


@pytest.fixture
def openssl(tmp_path: Path) -> OpenSsl:
    """Return what makes CMS with an RSA key."""
    if shutil.which("openssl") is None:
        pytest.skip("not installed: openssl")
    return OpenSsl(TestSigner.make(), tmp_path)


def code_of(credential: Credential, answer: bytes, digest: bytes = DIGEST) -> str:
    """Return the code with which an answer is refused."""
    with pytest.raises(ServiceFault) as refused:
        checked_cms(credential, digest, answer)
    assert refused.value.charge is Charge.UNKNOWN
    return refused.value.code


@pytest.mark.parametrize(
    "options",
    [
        ("-cades", "-md", "sha256"),
        ("-cades", "-md", "sha256", "-keyid"),
        ("-cades", "-md", "sha256", "-keyopt", "rsa_padding_mode:pss"),
        ("-cades", "-md", "sha256", "-nosmimecap"),
    ],
)
def test_openssl_answers_pass(openssl: OpenSsl, options: tuple[str, ...]) -> None:
    """What openssl makes with CAdES attributes passes, signing time and all, byte by byte."""
    answer = openssl.sign(*options)
    assert checked_cms(openssl.credential, DIGEST, answer) == answer


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1())], ids=["ec"])
def test_elliptic_curve_passes(tmp_path: Path, key: PrivateKey) -> None:
    """So does an elliptic curve's."""
    maker = OpenSsl(TestSigner.make(key), tmp_path)
    answer = maker.sign("-cades", "-md", "sha256")
    assert checked_cms(maker.credential, DIGEST, answer) == answer


def test_ed25519_passes(tmp_path: Path) -> None:
    """So does an Ed25519 key's, whose digests are SHA-512 (RFC 8419)."""
    signer = TestSigner.make(ed25519.Ed25519PrivateKey.generate())
    chain = signer.pem(tmp_path / "chain.pem")
    service = cms_service("http://127.0.0.1:9/", chain, digest_algorithm="sha512")
    digest = hashlib.sha512(CONTENT).digest()
    answer = ESign(signer).cms(digest, "sha512")
    assert checked_cms(service.credential(), digest, answer) == answer


def test_indefinite_length_becomes_der(openssl: OpenSsl) -> None:
    """BER of indefinite length, as some libraries write it, is turned into DER."""
    plain = openssl.sign("-cades", "-md", "sha256")
    answer = _indefinite(plain, 3)
    der = checked_cms(openssl.credential, DIGEST, answer)
    assert der == plain


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("-md", "sha256"), "service.wrong-cms"),
        (("-cades", "-md", "sha256", "-nodetach"), "service.wrong-cms"),
        (("-cades", "-md", "sha256", "-nocerts"), "service.wrong-cms"),
        (("-cades", "-md", "sha512"), "service.wrong-cms"),
        (("-cades", "-md", "sha1"), "service.wrong-cms"),
        (("-md", "sha256", "-noattr"), "service.wrong-cms"),
    ],
    ids=["no signing-certificate-v2", "not detached", "no certificate", "sha512", "sha1", "none"],
)
def test_openssl_answers_refused(openssl: OpenSsl, options: tuple[str, ...], code: str) -> None:
    """What PAdES cannot use is refused."""
    assert code_of(openssl.credential, openssl.sign(*options)) == code


def test_two_signers_are_refused(openssl: OpenSsl, tmp_path: Path) -> None:
    """A PDF signature has exactly one signer."""
    second = TestSigner.make()
    more = ("-signer", second.pem(tmp_path / "2.pem"), "-inkey", second.key_pem(tmp_path / "2.key"))
    answer = openssl.sign("-cades", "-md", "sha256", *more)
    assert code_of(openssl.credential, answer) == "service.wrong-cms"


def test_another_digest(openssl: OpenSsl) -> None:
    """A CMS over another document is refused, be its signature ever so good."""
    answer = openssl.sign("-cades", "-md", "sha256")
    assert code_of(openssl.credential, answer, bytes(32)) == "service.wrong-signature"


def test_another_certificate(openssl: OpenSsl) -> None:
    """A CMS by a signer who is not the configured one is refused."""
    stranger = ESign(TestSigner.make()).cms(DIGEST)
    assert code_of(openssl.credential, stranger) == "service.wrong-certificate"


def test_same_key_with_another_certificate(openssl: OpenSsl) -> None:
    """A renewed certificate is another one, though the key is the same."""
    renewed = ESign(TestSigner.make(openssl.signer.key)).cms(DIGEST)
    assert code_of(openssl.credential, renewed) == "service.wrong-certificate"


def spoilt(answer: bytes, change: Callable[[cms.ContentInfo, cms.SignerInfo], None]) -> bytes:
    """Return a CMS with something changed in it."""
    whole = cms.ContentInfo.load(answer)
    change(whole, whole["content"]["signer_infos"][0])
    der: bytes = whole.dump(force=True)
    return der


def _flip(whole: cms.ContentInfo, signer: cms.SignerInfo) -> None:
    value = bytearray(signer["signature"].native)
    value[-1] ^= 1
    signer["signature"] = bytes(value)


def _other_ess(whole: cms.ContentInfo, signer: cms.SignerInfo) -> None:
    for attribute in signer["signed_attrs"]:
        if attribute["type"].native == "signing_certificate_v2":
            attribute["values"][0]["certs"][0]["cert_hash"] = bytes(32)


def _sm3(whole: cms.ContentInfo, signer: cms.SignerInfo) -> None:
    signer["digest_algorithm"]["algorithm"] = core.ObjectIdentifier("1.2.156.10197.1.401").native


@pytest.mark.parametrize(
    ("change", "code"),
    [(_flip, "service.wrong-signature"), (_other_ess, "service.wrong-certificate")],
)
def test_spoilt_answers(
    openssl: OpenSsl, change: Callable[[cms.ContentInfo, cms.SignerInfo], None], code: str
) -> None:
    """One changed byte in a good answer is found out."""
    answer = openssl.sign("-cades", "-md", "sha256")
    assert code_of(openssl.credential, spoilt(answer, change)) == code


def test_time_stamp_of_another_signature(openssl: OpenSsl, sandbox: Sandbox) -> None:
    """A CMS may bring a time-stamp over its own signature, and no other."""
    plain = openssl.sign("-cades", "-md", "sha256")
    value = cms.ContentInfo.load(plain)["content"]["signer_infos"][0]["signature"].native

    def stamped(signature: bytes) -> bytes:
        token = sandbox.timestamper().timestamp(hashlib.sha256(signature).digest(), "sha256")

        def add(whole: cms.ContentInfo, signer: cms.SignerInfo) -> None:
            stamp = {"type": "signature_time_stamp_token", "values": [cms.ContentInfo.load(token)]}
            signer["unsigned_attrs"] = cms.CMSAttributes([cms.CMSAttribute(stamp)])

        return spoilt(plain, add)

    good = stamped(value)
    assert checked_cms(openssl.credential, DIGEST, good) == good
    assert code_of(openssl.credential, stamped(b"another")) == "service.wrong-cms"


@pytest.mark.parametrize(
    "answer",
    [b"", b"x", b"0\x80", bytes(1000), b"-----BEGIN CMS-----\n", b"\x30\x84\xff\xff\xff\xff"],
)
def test_what_is_no_cms(openssl: OpenSsl, answer: bytes) -> None:
    """Anything else is refused, and raises nothing else."""
    assert code_of(openssl.credential, answer) == "service.wrong-cms"


def test_every_cut_is_refused(openssl: OpenSsl) -> None:
    """A CMS that ends early is refused wherever it ends."""
    answer = openssl.sign("-cades", "-md", "sha256")
    for length in range(0, len(answer), 23):
        assert code_of(openssl.credential, answer[:length]) == "service.wrong-cms"


SM2_SIGNED_DATA = "1.2.156.10197.6.1.4.2.2"
"""signedData of the Chinese kind (GM/T 0010)."""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1.2.840.113549.1.7.2", SM2_SIGNED_DATA),
        ("2.16.840.1.101.3.4.2.1", "1.2.156.10197.1.401"),
        ("1.2.840.113549.1.1.1", "1.2.156.10197.1.301"),
    ],
    ids=["signed data of GM/T 0010", "SM3", "SM2"],
)
def test_sm2_is_named(openssl: OpenSsl, before: str, after: str) -> None:
    """A CMS of the SM2 kind is refused by its own code, wherever the kind shows first."""
    answer = openssl.sign("-cades", "-md", "sha256", "-nosmimecap")
    replaced = _with_identifier(answer, before, after)
    assert code_of(openssl.credential, replaced) == "service.sm2-not-supported"


def _with_identifier(der: bytes, before: str, after: str) -> bytes:
    """Return DER in which one object identifier stands for another, lengths and all."""
    parts, rest = [], der
    while rest:
        kind, constructed, tag, head, content, trailer = parser.parse(rest)
        whole = rest[: len(head) + len(content) + len(trailer)]
        if constructed:
            whole = parser.emit(kind, constructed, tag, _with_identifier(content, before, after))
        elif whole == core.ObjectIdentifier(before).dump():
            whole = core.ObjectIdentifier(after).dump()
        parts.append(whole)
        rest = rest[len(head) + len(content) + len(trailer) :]
    return b"".join(parts)


def _indefinite(der: bytes, depth: int) -> bytes:
    """Return BER whose outer `depth` constructed values have indefinite length (X.690, 8.1.3.6)."""
    parts, rest = [], der
    while rest:
        _, constructed, _, head, content, _ = parser.parse(rest)
        whole = rest[: len(head) + len(content)]
        if constructed and depth:
            whole = head[:1] + b"\x80" + _indefinite(content, depth - 1) + b"\0\0"
        parts.append(whole)
        rest = rest[len(head) + len(content) :]
    return b"".join(parts)


def test_sm2_certificate_is_named(tmp_path: Path) -> None:
    """A file of certificates with an SM2 key is refused by the same code, unpaid."""
    key, certificate = tmp_path / "sm2.key", tmp_path / "sm2.pem"
    made = subprocess.run(
        ("openssl", "genpkey", "-algorithm", "SM2", "-out", key), capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("this openssl has no SM2")
    command = ("openssl", "req", "-x509", "-new", "-key", key, "-sm3", "-days", "30")
    options = ("-sigopt", "distid:1234567812345678", "-subj", "/CN=SM2", "-out", certificate)
    subprocess.run((*command, *options), capture_output=True, check=True)
    with pytest.raises(ServiceFault) as refused:
        cms_service("http://127.0.0.1:9/", certificate).credential()
    assert refused.value.code == "service.sm2-not-supported"
