"""Time-stamp tokens that do not fit what was asked, and authorities that fail."""

from __future__ import annotations

import hashlib

import pytest
from asn1crypto import cms, tsp

from gateway.core.errors import ServiceFault
from gateway.core.services import HttpAccess, TimestampSettings
from gateway.services.token_check import BadToken, checked_token
from gateway.services.tsa import HttpTimestamper
from tests.services.conftest import Sandbox
from tests.services.listening import listening, saying

DIGEST = hashlib.sha256(b"token").digest()


@pytest.fixture
def token(sandbox: Sandbox) -> bytes:
    """Return a good token over DIGEST."""
    return sandbox.timestamper().timestamp(DIGEST, "sha256")


def loaded(token: bytes) -> tuple[tsp.ContentInfo, int]:
    """Return a token and its nonce."""
    read = tsp.ContentInfo.load(token)
    return read, read["content"]["encap_content_info"]["content"].parsed["nonce"].native


def test_good_token_comes_back_unchanged(token: bytes) -> None:
    """What is checked is what is returned, to the byte."""
    read, nonce = loaded(token)
    assert checked_token(read, DIGEST, "sha256", nonce) == token


@pytest.mark.parametrize(
    ("digest", "algorithm", "more", "words"),
    [
        (DIGEST[::-1], "sha256", 0, "another digest"),
        (DIGEST, "sha512", 0, "another digest"),
        (DIGEST, "sha256", 1, "another request"),
    ],
)
def test_token_for_something_else(
    token: bytes, digest: bytes, algorithm: str, more: int, words: str
) -> None:
    """A token for another digest, algorithm or request is not taken."""
    read, nonce = loaded(token)
    with pytest.raises(BadToken, match=words):
        checked_token(read, digest, algorithm, nonce + more)


def test_altered_time(token: bytes) -> None:
    """A token whose content was altered after signing is not taken."""
    read, nonce = loaded(token)
    content = bytes(read["content"]["encap_content_info"]["content"])
    year = content.index(b"20")
    altered = token.replace(content, content[:year] + b"19" + content[year + 2 :])
    assert altered != token
    with pytest.raises(BadToken, match="altered"):
        checked_token(tsp.ContentInfo.load(altered), DIGEST, "sha256", nonce)


def test_altered_signature(token: bytes) -> None:
    """A token whose signature does not verify is not taken."""
    read, nonce = loaded(token)
    signature = read["content"]["signer_infos"][0]["signature"].native
    altered = token.replace(signature, bytes(len(signature)))
    with pytest.raises(BadToken, match="does not verify"):
        checked_token(tsp.ContentInfo.load(altered), DIGEST, "sha256", nonce)


def test_token_without_its_certificate(token: bytes) -> None:
    """A token must bring its signer's certificate, or nobody could judge it later."""
    read, nonce = loaded(token)
    read["content"]["certificates"] = cms.CertificateSet([])
    with pytest.raises(BadToken, match="certificate"):
        checked_token(read, DIGEST, "sha256", nonce)


def stamping(url: str) -> ServiceFault:
    """Ask an authority, and return the fault that comes of it."""
    with pytest.raises(ServiceFault) as failed:
        HttpTimestamper(TimestampSettings(url, access=HttpAccess(2.0, 2.0))).timestamp(
            DIGEST, "sha256"
        )
    return failed.value


def refused() -> bytes:
    """Return the response of an authority that declines: a status, and no token."""
    status = tsp.PKIStatusInfo({"status": "rejection", "fail_info": {"unaccepted_policy"}}).dump()
    return bytes([0x30, len(status)]) + status


def granted() -> bytes:
    """Return a response that grants and brings nothing."""
    return b"\x30\x05\x30\x03\x02\x01\x00"


@pytest.mark.parametrize(
    ("status", "kind", "body", "code"),
    [
        ("200 OK", "application/timestamp-reply", refused(), "tsa.refused"),
        ("200 OK", "application/timestamp-reply", granted(), "tsa.wrong-token"),
        ("200 OK", "application/timestamp-reply", b"\x30\x03\x02\x01", "tsa.wrong-token"),
        ("200 OK", "application/timestamp-reply", b"", "tsa.wrong-token"),
        ("200 OK", "application/timestamp-reply", b"\x30\x00", "tsa.wrong-token"),
        ("200 OK", "text/html", refused(), "tsa.wrong-token"),
        ("401 No", "text/plain", b"", "tsa.refused"),
        ("301 There", "text/plain", b"", "tsa.refused"),
        ("429 Slow", "text/plain", b"", "tsa.unreachable"),
        ("503 Later", "text/plain", b"", "tsa.unreachable"),
    ],
)
def test_answers_without_a_token(status: str, kind: str, body: bytes, code: str) -> None:
    """Each answer without a good token gets the code of who has to do something."""
    head = f"HTTP/1.1 {status}\nContent-Type: {kind}\nContent-Length: {len(body)}"
    with listening(saying(head, body)) as peer:
        assert stamping(peer.url).code == code


@pytest.mark.parametrize("kind", ["503", "cut-before", "refuse-429"])
def test_authority_on_a_bad_day(sandbox: Sandbox, kind: str) -> None:
    """An authority that fails can be asked again later."""
    sandbox.tell(method="tsa", kind=kind)
    with pytest.raises(ServiceFault) as failed:
        sandbox.timestamper().timestamp(DIGEST, "sha256")
    assert failed.value.code == "tsa.unreachable"
    assert sandbox.timestamper().timestamp(DIGEST, "sha256")
