"""From a dropped PDF to a result, by services that take a digest in one HTTP request."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.esign import KEY, ESign
from tests.fakes.serving import serving
from tests.fakes.signer import TestSigner
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
    assert b"id_aa" not in result.read_bytes()
