"""Each way a digest service over HTTP can fail: the right code, and whether it can cost money."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.wrappers import Request, Response

from gateway.core.errors import Charge, ServiceFault
from gateway.core.services import AnswerSettings
from gateway.services.digest_cms import DigestCmsService
from gateway.services.digest_raw import DigestRawService
from tests.contracts.digest_services import AWS_SECRETS, by_recipe
from tests.fakes.aws_kms import aws_kms
from tests.fakes.esign import ESign
from tests.fakes.serving import serving
from tests.fakes.signer import TestSigner
from tests.services.digest import API_KEY, cms_service, raw_service
from tests.services.listening import Act, listening, saying

DIGEST = hashlib.sha256(b"faults").digest()
OTHER = hashlib.sha256(b"another").digest()
Client = DigestRawService | DigestCmsService
MakeClient = Callable[..., Client]
NEVER, UNKNOWN = Charge.NEVER, Charge.UNKNOWN


@pytest.fixture(scope="module")
def signer() -> TestSigner:
    """Return the signer that the certificate file names."""
    return TestSigner.make()


@pytest.fixture
def chain(signer: TestSigner, tmp_path: Path) -> Path:
    """Return the certificate file."""
    return signer.pem(tmp_path / "chain.pem")


@pytest.fixture(params=[raw_service, cms_service], ids=["raw", "cms"])
def client(request: pytest.FixtureRequest) -> MakeClient:
    """Return what makes a client of either family."""
    return request.param  # type: ignore[no-any-return]


def signed(client: Client, digest: bytes = DIGEST) -> bytes:
    """Sign, and return what came."""
    (outcome,) = client.sign(client.authorize((digest,)))
    assert isinstance(outcome, bytes)
    return outcome


def fault_of(client: Client) -> ServiceFault:
    """Sign, and return the fault that comes of it."""
    with pytest.raises(ServiceFault) as failed:
        signed(client)
    assert API_KEY not in str(failed.value)
    return failed.value


def answering(status: int, body: bytes, **headers: str) -> Callable[[Request], Response]:
    """Return a handler that always says the same."""
    return lambda request: Response(body, status, {"Content-Type": "application/json", **headers})


def found(signature: bytes) -> bytes:
    """Return the body of a good answer."""
    text = base64.b64encode(signature).decode()
    return json.dumps({"signature": text, "id": "call-17"}).encode()


@pytest.mark.parametrize(
    ("status", "body", "code", "charge"),
    [
        (400, b'{"error": "no such algorithm"}', "service.refused", NEVER),
        (400, b'{"__type": "ThrottlingException"}', "service.busy", NEVER),
        (400, b'{"__type": "AccessDeniedException"}', "service.login-refused", NEVER),
        (401, b"{}", "service.login-refused", NEVER),
        (402, b"{}", "service.out-of-quota", NEVER),
        (403, b"{}", "service.login-refused", NEVER),
        (404, b"{}", "service.refused", NEVER),
        (408, b"{}", "service.refused", UNKNOWN),
        (409, b"{}", "service.refused", UNKNOWN),
        (429, b"{}", "service.busy", NEVER),
        (500, b"{}", "service.failed", UNKNOWN),
        (503, b"{}", "service.failed", UNKNOWN),
        (202, b"{}", "service.protocol", UNKNOWN),
        (302, b"{}", "service.refused", UNKNOWN),
        (200, b'{"signature": "AAAA', "service.protocol", UNKNOWN),
        (200, b"", "service.protocol", UNKNOWN),
        (200, b"[1, 2]", "service.protocol", UNKNOWN),
        (200, b'{"signature": ""}', "service.protocol", UNKNOWN),
        (200, b'{"signature": 17}', "service.protocol", UNKNOWN),
        (200, b'{"signature": "***"}', "service.protocol", UNKNOWN),
        (200, b"[" * 100_000, "service.protocol", UNKNOWN),
    ],
)
def test_answers_that_are_none(
    client: MakeClient, chain: Path, status: int, body: bytes, code: str, charge: Charge
) -> None:
    """Statuses and bodies without a signature get their code and their charge."""
    with serving(answering(status, body)) as url:
        fault = fault_of(client(url, chain))
    assert (fault.code, fault.charge) == (code, charge)


def test_asked_pause_is_passed_on(client: MakeClient, chain: Path) -> None:
    """Retry-After of a busy service reaches whoever decides about the next attempt."""
    with serving(answering(429, b"{}", **{"Retry-After": "7"})) as url:
        assert fault_of(client(url, chain)).retry_after == 7.0


def test_secrets_are_blotted_out(client: MakeClient, chain: Path) -> None:
    """A service that repeats our key in its refusal does not get it into our words."""
    body = json.dumps({"message": f"the key {API_KEY} is not known"}).encode()
    with serving(answering(401, body)) as url:
        fault = fault_of(client(url, chain))
    assert "is not known" in fault.detail


def _cut(connection: socket.socket, number: int) -> None:
    connection.close()


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (_cut, "service.no-answer"),
        (saying("HTTP/1.1 200 OK\nContent-Length: 500", b'{"signat'), "service.no-answer"),
        (saying("HTTP/1.1 200 OK\nContent-Length: 2000000", b"x" * 2_000_000), "service.protocol"),
    ],
    ids=["before the answer", "within the answer", "an endless answer"],
)
def test_cut_off(client: MakeClient, chain: Path, act: Act, code: str) -> None:
    """A connection that ends after the request was sent leaves the charge unknown."""
    with listening(act) as peer:
        fault = fault_of(client(peer.url, chain))
    assert (fault.code, fault.charge) == (code, UNKNOWN)
    assert peer.connections == 1, "a paid call is never repeated by the client"


def test_nobody_listens(client: MakeClient, chain: Path) -> None:
    """A service that cannot be reached was sent nothing, so nothing was charged."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    fault = fault_of(client(f"http://127.0.0.1:{port}/", chain))
    assert (fault.code, fault.charge) == ("service.unreachable", NEVER)


def test_wrong_signatures(signer: TestSigner, chain: Path) -> None:
    """Raw signatures of another digest, of another key or of nothing are refused."""
    for signature in (signer.sign(OTHER), TestSigner.make().sign(DIGEST), bytes(256), b"x"):
        with serving(answering(200, found(signature))) as url:
            fault = fault_of(raw_service(url, chain))
        assert (fault.code, fault.charge) == ("service.wrong-signature", UNKNOWN)
        assert "call-17" in fault.detail, "whoever complains can name the call"


def test_signature_is_returned(signer: TestSigner, chain: Path) -> None:
    """A good answer passes, whatever has to be taken off it."""
    signature = signer.sign(DIGEST)
    text = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    body = json.dumps({"a/b": [{"~": f"vault:v1:{text}"}]}).encode()
    where = AnswerSettings("/a~1b/0/~0", "base64url", "vault:v1:")
    with serving(answering(201, body)) as url:
        assert signed(raw_service(url, chain, answer=where)) == signature


@pytest.mark.parametrize("encoding", ["base64", "base64url", "hex", "der", "pem"])
def test_whole_body(signer: TestSigner, chain: Path, encoding: str) -> None:
    """The body itself may be the signature, in each encoding."""
    signature = signer.sign(DIGEST)
    pem = b"-----BEGIN CMS-----\n" + base64.encodebytes(signature) + b"-----END CMS-----\n"
    body = {
        "base64": base64.encodebytes(signature),
        "base64url": base64.urlsafe_b64encode(signature),
        "hex": signature.hex().upper().encode() + b"\n",
        "der": signature,
        "pem": pem,
    }[encoding]
    with serving(answering(200, body)) as url:
        answer = AnswerSettings("", encoding)
        assert signed(raw_service(url, chain, answer=answer)) == signature


def test_key_does_not_fit_the_algorithm(chain: Path) -> None:
    """A certificate whose key cannot sign as configured is refused before anything is sent."""
    service = raw_service("http://127.0.0.1:9/", chain, signature_algorithm="ecdsa")
    with pytest.raises(ServiceFault) as refused:
        service.credential()
    assert refused.value.code == "service.credential-unusable"


def test_missing_certificates(tmp_path: Path) -> None:
    """A file of certificates that is gone or empty is named."""
    (tmp_path / "empty.pem").write_text("")
    for name in ("gone.pem", "empty.pem"):
        with pytest.raises(ServiceFault) as refused:
            raw_service("http://127.0.0.1:9/", tmp_path / name).credential()
        assert refused.value.code == "service.credential-unusable"
        assert name in refused.value.detail


def test_renewed_certificate_needs_no_restart(signer: TestSigner, chain: Path) -> None:
    """A new certificate in the file counts at once."""
    service = raw_service("http://127.0.0.1:9/", chain)
    before = service.credential()
    TestSigner.make(ec.generate_private_key(ec.SECP256R1())).pem(chain)
    after = service.credential()
    assert (before.signature_algorithm, after.signature_algorithm) == ("rsassa_pkcs1v15", "ecdsa")


@pytest.mark.parametrize("kind", ["RSA_2048", "ECC_NIST_P256"])
def test_digest_that_is_hashed_again(tmp_path: Path, kind: str) -> None:
    """A service that hashes the digest once more, as moto does, is found out."""

    changes = {"RSASSA_PKCS1_V1_5_SHA_256": "ECDSA_SHA_256"} if kind.startswith("ECC") else {}
    with aws_kms(kind, digest=False) as (address, signer, *pair):
        secrets = dict(zip(AWS_SECRETS, pair, strict=True))
        with (
            by_recipe("aws-kms", address, signer, tmp_path, secrets, changes) as service,
            pytest.raises(ServiceFault) as failed,
        ):
            service.sign(service.authorize((DIGEST,)))
    assert failed.value.code == "service.wrong-signature"


def test_reserve_is_learnt(signer: TestSigner, chain: Path) -> None:
    """Room for an answer is ample at first, then follows the largest one, with a margin."""
    esign = ESign(signer)
    with serving(esign) as url:
        service = cms_service(f"{url}/v1/seal", chain, answer=AnswerSettings("/pkcs7"))
        assert service.credential().reserve > 16384
        first = signed(service)
        assert service.credential().reserve == 8192
        esign.extra = [TestSigner.make(signer.key).certificate for _ in range(16)]
        larger = signed(service, OTHER)
    assert len(larger) > 10_000 > len(first)
    assert service.credential().reserve == len(larger) + len(larger) // 2
