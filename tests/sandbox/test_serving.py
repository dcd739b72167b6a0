"""What the sandbox serves: revocation that openssl accepts, and the letter of CSC v2."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.services.conftest import Sandbox, sandbox, sandbox_state

__all__ = ["sandbox", "sandbox_state"]

SHA256 = "2.16.840.1.101.3.4.2.1"


def post(sandbox: Sandbox, path: str, body: object, **headers: str) -> tuple[int, dict[str, str]]:
    """Post JSON; return status and answer."""
    request = urllib.request.Request(  # noqa: S310
        f"{sandbox.address}/{path}", data=json.dumps(body).encode(), headers=headers
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def bearer(sandbox: Sandbox) -> dict[str, str]:
    """Log in; return the header to send."""
    secret = (sandbox.folder / "client-secret").read_text()
    login = base64.b64encode(f"sealgate:{secret}".encode()).decode()
    status, told = post(sandbox, "oauth2/token", {}, Authorization=f"Basic {login}")
    assert status == 200
    return {"Authorization": f"Bearer {told['access_token']}"}


def authorized(
    sandbox: Sandbox, digests: list[str], **changes: object
) -> tuple[int, dict[str, str]]:
    """Ask for a SAD."""
    pin = (sandbox.folder / "pin").read_text()
    body = {
        "credentialID": "sandbox-seal",
        "numSignatures": len(digests),
        "hashes": digests,
        "hashAlgorithmOID": SHA256,
        "authData": [{"id": "PIN", "value": pin}],
    }
    return post(sandbox, "csc/v2/credentials/authorize", body | changes, **bearer(sandbox))


def hashes(*texts: str) -> list[str]:
    """Return digests in Base64."""
    return [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]


@pytest.fixture
def openssl(sandbox: Sandbox, tmp_path: Path) -> Path:
    """Lay seal, issuer and root out for openssl; return the folder."""
    if shutil.which("openssl") is None:
        pytest.skip("not installed: openssl")
    for name, der in zip(("seal", "issuer"), sandbox.service().credential().chain, strict=False):
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        (tmp_path / f"{name}.pem").write_bytes(pem)
    (tmp_path / "root.pem").write_bytes((sandbox.folder / "root.pem").read_bytes())
    return tmp_path


def run(folder: Path, *command: str) -> str:
    """Run a program in a folder; return all it said."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=30
    )
    return done.stdout + done.stderr


def test_openssl_accepts_ocsp(openssl: Path) -> None:
    """The responder named in the seal's certificate says `good`, and openssl believes it."""
    seal = x509.load_pem_x509_certificate((openssl / "seal.pem").read_bytes())
    access = seal.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    said = run(
        openssl,
        *("openssl", "ocsp", "-issuer", "issuer.pem", "-cert", "seal.pem"),
        *("-url", access[0].access_location.value, "-CAfile", "root.pem"),
        *("-verify_other", "issuer.pem"),
    )
    assert "Response verify OK" in said
    assert "seal.pem: good" in said


def test_openssl_accepts_crl(openssl: Path) -> None:
    """The revocation list named in the seal's certificate verifies, and does not list it."""
    seal = x509.load_pem_x509_certificate((openssl / "seal.pem").read_bytes())
    points = seal.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    with urllib.request.urlopen(points[0].full_name[0].value, timeout=10) as answer:  # noqa: S310
        (openssl / "list.crl").write_bytes(answer.read())
    said = run(
        openssl, "openssl", "crl", "-inform", "DER", "-in", "list.crl", "-noout", "-CAfile",
        "issuer.pem",
    )  # fmt: skip
    assert "verify OK" in said
    revoked = x509.load_der_x509_crl((openssl / "list.crl").read_bytes())
    assert revoked.get_revoked_certificate_by_serial_number(seal.serial_number) is None


def test_openssl_accepts_the_chain(openssl: Path) -> None:
    """The seal's certificate leads to the root."""
    said = run(
        openssl, "openssl", "verify", "-CAfile", "root.pem", "-untrusted", "issuer.pem", "seal.pem"
    )
    assert "seal.pem: OK" in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"authData": [{"id": "PIN", "value": "wrong"}]}, "PIN"),
        ({"authData": []}, "PIN"),
        ({"numSignatures": 17}, "numSignatures"),
        ({"numSignatures": 0}, "numSignatures"),
        ({"numSignatures": "x"}, "numSignatures"),
        ({"credentialID": "other"}, "credentialID"),
        ({"hashAlgorithmOID": "1.2.3"}, "hashAlgorithmOID"),
        ({"hashes": ["?"]}, "Base64"),
        ({"hashes": ["AAAA"]}, "length"),
        ({"hashes": []}, "hashes"),
    ],
)
def test_authorize_refuses(sandbox: Sandbox, changes: dict[str, object], words: str) -> None:
    """What an authorisation must not be given for is refused in the words of the specification."""
    status, told = authorized(sandbox, hashes("a"), **changes)
    assert status == 400
    assert words in told["error_description"]


def test_sad_is_counted_down(sandbox: Sandbox) -> None:
    """A SAD for two digests signs two, one after the other, and no third."""
    both = hashes("first", "second")
    _, told = authorized(sandbox, both)
    login = bearer(sandbox)

    def sign(hashes: list[str]) -> int:
        body = {
            "credentialID": "sandbox-seal",
            "SAD": told["SAD"],
            "hashes": hashes,
            "hashAlgorithmOID": SHA256,
            "signAlgo": "1.2.840.113549.1.1.1",
        }
        return post(sandbox, "csc/v2/signatures/signHash", body, **login)[0]

    assert [sign(both[:1]), sign(both[1:]), sign(both[:1])] == [200, 200, 400]


@pytest.mark.parametrize("path", ["credentials/list", "credentials/info", "signatures/signHash"])
def test_login_is_needed(sandbox: Sandbox, path: str) -> None:
    """Nothing but `info` is answered without a token."""
    assert post(sandbox, "csc/v2/info", {})[0] == 200
    for headers in ({}, {"Authorization": "Bearer made-up"}):
        status, told = post(sandbox, f"csc/v2/{path}", {}, **headers)
        assert (status, told["error"]) == (401, "invalid_token")


@pytest.mark.parametrize("body", [[], "x", 3, None, {"hashes": 5}])
def test_nonsense_is_refused(sandbox: Sandbox, body: object) -> None:
    """A body that is not as specified is refused, not a crash."""
    for method in ("credentials/authorize", "signatures/signHash", "signatures/timestamp"):
        status, told = post(sandbox, f"csc/v2/{method}", body, **bearer(sandbox))
        assert (status, told["error"]) == (400, "invalid_request")


def test_csc_time_stamp(sandbox: Sandbox) -> None:
    """`signatures/timestamp` stamps the digest it is given."""
    (digest,) = hashes("stamped")
    body = {"hash": digest, "hashAlgo": SHA256, "nonce": "0a0b"}
    status, told = post(sandbox, "csc/v2/signatures/timestamp", body, **bearer(sandbox))
    assert status == 200
    token = cms.ContentInfo.load(base64.b64decode(told["timestamp"]))
    info = token["content"]["encap_content_info"]["content"].parsed
    assert info["message_imprint"]["hashed_message"].native == base64.b64decode(digest)
    assert info["nonce"].native == 0x0A0B


def test_unknown_fault_is_refused(sandbox: Sandbox) -> None:
    """A test that tells a fault nobody knows finds out at once."""
    assert post(sandbox, "faults", {"method": "*", "kind": "moody"})[0] == 400
