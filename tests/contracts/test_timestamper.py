"""The contract of `ports.Timestamper`, run over every implementation there is."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from asn1crypto import cms

from gateway.ports import Timestamper
from gateway.services.csc_timestamp import CscTimestamper
from tests.services.conftest import Sandbox, sandbox, sandbox_state

__all__ = ["sandbox", "sandbox_state"]


@pytest.fixture(params=["http", "csc"])
def timestamper(request: pytest.FixtureRequest, sandbox: Sandbox) -> Timestamper:
    """Return each implementation."""
    if request.param == "csc":
        return CscTimestamper("csc", sandbox.service().calls, paid=False)
    return sandbox.timestamper()


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_token_is_over_the_digest(timestamper: Timestamper, algorithm: str) -> None:
    """A token carries the very digest and the certificate of its signer."""
    digest = hashlib.new(algorithm, b"signature value").digest()
    content = cms.ContentInfo.load(timestamper.timestamp(digest, algorithm))["content"]
    info = content["encap_content_info"]["content"].parsed
    assert info["message_imprint"]["hashed_message"].native == digest
    assert info["message_imprint"]["hash_algorithm"]["algorithm"].native == algorithm
    assert len(content["certificates"]) >= 1


def test_openssl_accepts_the_token(
    timestamper: Timestamper, sandbox: Sandbox, tmp_path: Path
) -> None:
    """`openssl ts -verify` accepts a token with the authority's root."""
    if shutil.which("openssl") is None:
        pytest.skip("not installed: openssl")
    digest = hashlib.sha256(b"judged").digest()
    token = tmp_path / "token.der"
    token.write_bytes(timestamper.timestamp(digest, "sha256"))
    checked = ("openssl", "ts", "-verify", "-digest", digest.hex(), "-token_in", "-in", token)
    done = subprocess.run(
        (*checked, "-CAfile", sandbox.folder / "root.pem"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Verification: OK" in done.stdout + done.stderr
