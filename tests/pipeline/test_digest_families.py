"""From a dropped PDF to a result, by services that take a digest in one HTTP request."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from pyhanko.sign.timestamps import HTTPTimeStamper

from gateway.core.job import Slot
from gateway.pipeline.delivering import retry
from gateway.pipeline.waiting import NEVER
from gateway.wiring import open_site
from tests.contracts.digest_services import RECIPES, on_loopback
from tests.e2e.test_judged_by_others import signature_parts
from tests.fakes import vault_transit
from tests.fakes.esign import KEY, ESign
from tests.fakes.serving import serving
from tests.fakes.signer import TestSigner
from tests.fakes.vault_transit import VaultTransit
from tests.pipeline.site import FileSite
from tests.services.conftest import Sandbox, sandbox, sandbox_state

__all__ = ["sandbox", "sandbox_state"]

CMS = """\
signing:
  type: digest-cms
  url: {url}/v1/seal
  request: '{{"hash": "{{digest.base64}}", "algorithm": "SHA256"}}'
  answer: {{at: /pkcs7, request_id: /id}}
  certificates: trust/signer.pem
  auth: {{api_key: {{header: X-Api-Key, key: {{secret: api-key}}}}}}
  {more}
"""


@pytest.fixture(scope="module")
def signer() -> TestSigner:
    """Return a signer."""
    return TestSigner.make()


@pytest.fixture
def esign(signer: TestSigner) -> ESign:
    """Return a service that makes CMS."""
    return ESign(signer)


@pytest.fixture
def address(esign: ESign) -> Iterator[str]:
    """Serve it, and return its address."""
    with serving(esign) as url:
        yield url


@pytest.fixture
def site(tmp_path: Path, signer: TestSigner) -> FileSite:
    """Return a site without configuration."""
    made = FileSite(tmp_path / "site", signer)
    made.secret("api-key", KEY)
    return made


def judged(pdf: Path) -> str:
    """Return what pdfsig says of a result that qpdf finds sound."""
    for judge in ("pdfsig", "qpdf"):
        if shutil.which(judge) is None:
            pytest.skip(f"not installed: {judge}")
    checked = subprocess.run(("qpdf", "--check", pdf), capture_output=True, check=False)
    assert checked.returncode == 0
    return subprocess.run(("pdfsig", pdf), capture_output=True, text=True, check=False).stdout


def receipt_of(result: Path) -> dict[str, dict[str, object]]:
    """Return the receipt beside a result."""
    (receipt,) = (path for path in result.parent.iterdir() if path.suffix == ".json")
    return json.loads(receipt.read_bytes())  # type: ignore[no-any-return]


def sealed_by(site: FileSite) -> Path:
    """Seal one document and return the result."""
    site.drop("contract")
    swept = site.sweep()
    assert [job.code for job in swept.failed] == []
    assert len(swept.delivered) == 1
    (result,) = site.results()
    return result


def test_cms_of_a_service(site: FileSite, address: str, esign: ESign) -> None:
    """A CMS made by the service seals a document; the service saw one digest and no more."""
    site.configure(CMS.format(url=address, more=""))
    told = judged(sealed_by(site))
    assert "Signature is Valid" in told
    assert "ETSI.CAdES.detached" in told
    assert "Total document signed" in told
    (heard,) = esign.heard
    assert len(heard) == len('{"hash": "", "algorithm": "SHA256"}') + 44


def test_cms_gets_our_time_stamp(site: FileSite, address: str, sandbox: Sandbox) -> None:
    """For B-T a token of our authority is put into a CMS that brings none."""
    root = str(sandbox.folder / "root.pem")
    tsa = f"{sandbox.address}/tsa"
    site.configure(CMS.format(url=address, more=""), level="B-T", tsa=tsa, root=root)
    result = sealed_by(site)
    assert "Signature is Valid" in judged(result)
    assert receipt_of(result)["signature"]["timestamped"]


def test_cms_with_its_own_time_stamp(
    site: FileSite, address: str, esign: ESign, sandbox: Sandbox
) -> None:
    """A CMS that brings its time-stamp gets no other: no authority of ours is asked."""
    esign.timestamper = HTTPTimeStamper(f"{sandbox.address}/tsa")
    root = str(sandbox.folder / "root.pem")
    nobody = "http://127.0.0.1:9/tsa"
    service = CMS.format(url=address, more="timestamped: true")
    site.configure(service, level="B-T", tsa=nobody, root=root)
    result = sealed_by(site)
    assert "Signature is Valid" in judged(result)
    assert receipt_of(result)["signature"]["timestamped"]


def test_answer_larger_than_its_room(site: FileSite, address: str, esign: ESign) -> None:
    """An answer that does not fit fails its document; a retry buys one with room enough."""
    site.configure(CMS.format(url=address, more=""))
    sealed_by(site)
    esign.extra = [TestSigner.make(esign.signer.key).certificate for _ in range(24)]
    site.drop("larger")
    (failed,) = site.sweep().failed
    assert failed.code == "sign.answer-too-large"
    assert failed.artifact(Slot.SIGNATURE) is not None, "what was paid for is kept"
    assert len(esign.heard) == 2
    opened = open_site(site.root)
    retry(opened.equipment, failed, "a person")
    opened.close()
    swept = site.sweep()
    assert [job.code for job in swept.failed] == []
    assert len(site.results()) == 2
    assert len(esign.heard) == 3
    assert esign.heard[2] != esign.heard[1], "another room makes another digest"
    assert all("Signature is Valid" in judged(result) for result in site.results())


def test_cms_of_another_document_is_never_used(site: FileSite, address: str, esign: ESign) -> None:
    """A service that answers with the CMS of another document holds work; nothing is delivered."""
    esign.spoil = lambda answer: esign.cms(bytes(32))
    site.configure(CMS.format(url=address, more=""))
    site.drop("contract")
    swept = site.sweep()
    assert (swept.delivered, swept.failed, swept.held) == ((), (), 1)
    assert site.results() == []
    opened = open_site(site.root)
    (hold,) = opened.equipment.holds.all()
    unusable = list(opened.equipment.log.entries(event="sign.unusable"))
    opened.close()
    assert (hold.subject, hold.code) == ("service:signing", "service.repeat-limit")
    assert "service.wrong-signature" in hold.detail
    assert len(unusable) == 2, "and the signing log lists each such answer"


def test_renewed_certificate_is_bought_once(site: FileSite, address: str, esign: ESign) -> None:
    """A service that signs with another certificate is asked once, then waits for a person."""
    esign.signer = TestSigner.make(esign.signer.key)
    site.configure(CMS.format(url=address, more=""))
    site.drop("contract")
    assert site.sweep().held == 1
    assert len(esign.heard) == 1, "each answer costs, and none will fit"
    opened = open_site(site.root)
    (hold,) = opened.equipment.holds.all()
    opened.close()
    assert (hold.code, hold.probe_at) == ("service.wrong-certificate", NEVER)
    esign.signer.pem(site.root / "trust" / "signer.pem")
    root = esign.signer.authority.certificate.public_bytes(serialization.Encoding.PEM)
    (site.root / "trust" / "root.pem").write_bytes(root)
    opened = open_site(site.root)
    opened.equipment.holds.release(hold.subject)
    opened.close()
    assert len(site.sweep().delivered) == 1
    assert "Signature is Valid" in judged(site.results()[0])
    assert len(esign.heard) == 2, "and the file was prepared anew for the new certificate"


def test_ed25519_signature_of_a_service(tmp_path: Path) -> None:
    """A service with an Ed25519 key is sent the signed attributes, and openssl accepts the seal."""
    signer = TestSigner.make(ed25519.Ed25519PrivateKey.generate())
    site = FileSite(tmp_path / "site", signer)
    site.secret("vault-token", vault_transit.TOKEN)
    recipe = (RECIPES / "vault-transit.yaml").read_text()
    for before, after in (
        (', "prehashed": true, "signature_algorithm": "pkcs1v15"', ""),
        ("/sha2-256", ""),
        ("certificates:", "algorithm: {digest: sha512}\n    certificates:"),
    ):
        assert before in recipe
        recipe = recipe.replace(before, after)
    with serving(VaultTransit(signer)) as url:
        site.configure(on_loopback(recipe, url).partition("services:\n")[2])
        result = sealed_by(site)
    # `openssl cms` of version 3.0 cannot do Ed25519, so it judges the signature in the CMS.
    content, covered = signature_parts(result, tmp_path)
    info = cms.ContentInfo.load(content.read_bytes())["content"]["signer_infos"][0]
    attributes = {item["type"].native: item["values"][0].native for item in info["signed_attrs"]}
    assert attributes["message_digest"] == hashlib.sha512(covered.read_bytes()).digest()
    files = [tmp_path / name for name in ("attributes", "signature", "public.pem")]
    public = signer.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    parts = (info["signed_attrs"].untag().dump(), info["signature"].native, public)
    for file, data in zip(files, parts, strict=True):
        file.write_bytes(data)
    command = ("openssl", "pkeyutl", "-verify", "-pubin", "-rawin", "-in", files[0])
    judged_by = (*command, "-sigfile", files[1], "-inkey", files[2])
    told = subprocess.run(judged_by, capture_output=True, check=False)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_raw_signature_of_a_service(tmp_path: Path, kind: str) -> None:
    """A raw signature fetched as the recipe for Vault says seals a document."""
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else None
    signer = TestSigner.make(key)
    site = FileSite(tmp_path / "site", signer)
    site.secret("vault-token", vault_transit.TOKEN)
    recipe = (RECIPES / "vault-transit.yaml").read_text()
    if kind == "ec":
        recipe = recipe.replace(', "signature_algorithm": "pkcs1v15"', "")
    with serving(VaultTransit(signer)) as url:
        site.configure(on_loopback(recipe, url).partition("services:\n")[2])
        told = judged(sealed_by(site))
    assert "Signature is Valid" in told
    assert "ETSI.CAdES.detached" in told
