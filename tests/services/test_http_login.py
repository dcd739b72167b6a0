"""Ways to log in at a digest service: each is accepted when right and told apart when wrong.

Accepted means: by the service's published rules, in a fake or in moto; see `tests.contracts`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from werkzeug.wrappers import Request, Response

from gateway.core.errors import Charge, ServiceFault
from gateway.core.secret import Secret
from gateway.core.services import (
    Authentication,
    HeaderSettings,
    HmacSettings,
    JwtSettings,
    LoginSettings,
    OAuthSettings,
)
from gateway.ports import DigestService
from gateway.services.digest_call import idempotency_key
from tests.contracts.digest_services import AWS_SECRETS, by_recipe
from tests.fakes.aws_kms import aws_kms
from tests.fakes.azure_key_vault import AzureKeyVault
from tests.fakes.esign import SHARED_KEY, ESign, hmac_refusal
from tests.fakes.google_kms import GoogleKms
from tests.fakes.serving import Handler, serving
from tests.fakes.signer import TestSigner
from tests.fakes.vault_transit import VaultTransit
from tests.services.digest import raw_service

DIGEST = bytes(range(32))


@pytest.fixture(scope="module")
def signer() -> TestSigner:
    """Return a signer."""
    return TestSigner.make()


def refusal_of(service: DigestService) -> ServiceFault:
    """Sign, and return the fault."""
    with pytest.raises(ServiceFault) as refused:
        service.sign(service.authorize((DIGEST,)))
    return refused.value


def _key_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _esign(signer: TestSigner) -> Handler:
    fake = ESign(signer)
    fake.refuses = hmac_refusal
    return fake


FAKES: dict[str, tuple[Callable[[TestSigner], Handler], dict[str, str]]] = {
    "vault-transit": (VaultTransit, {"vault-token": "hvs.wrong"}),
    "azure-key-vault": (AzureKeyVault, {"azure-client-secret": "wrong-secret"}),
    "google-kms": (
        lambda signer: GoogleKms(signer, rsa.generate_private_key(65537, 2048)),
        {"google-private-key": _key_pem(rsa.generate_private_key(65537, 2048))},
    ),
    "e-sign-api": (_esign, {"esign-key": f"{SHARED_KEY}-wrong"}),
}


@pytest.mark.parametrize("recipe", FAKES)
def test_wrong_secret(signer: TestSigner, tmp_path: Path, recipe: str) -> None:
    """A wrong secret is a refused login, costs nothing, and is not repeated in words."""
    fake, secrets = FAKES[recipe]
    with (
        serving(fake(signer)) as address,
        by_recipe(recipe, address, signer, tmp_path, secrets) as service,
    ):
        fault = refusal_of(service)
    assert (fault.code, fault.charge) == ("service.login-refused", Charge.NEVER)
    assert all(secret not in str(fault) for secret in secrets.values())


def test_wrong_secret_at_amazon(tmp_path: Path) -> None:
    """moto refuses a request that was signed with another secret, or by an unknown key."""
    with aws_kms("RSA_2048") as (address, signer, identity, secret):
        for number, pair in enumerate(((identity, secret[::-1]), ("AKIAUNKNOWN000000000", secret))):
            secrets = dict(zip(AWS_SECRETS, pair, strict=True))
            folder = tmp_path / str(number)
            with by_recipe("aws-kms", address, signer, folder, secrets) as service:
                fault = refusal_of(service)
            assert (fault.code, fault.charge) == ("service.login-refused", Charge.NEVER)
            assert pair[1] not in str(fault)


class Listener:
    """Answers with a good signature, and remembers what it was sent."""

    def __init__(self, signer: TestSigner) -> None:
        self.signer = signer
        self.heard: list[Request] = []
        self.tokens: list[str] = ["first-token", "second-token"]
        self.refuses_first = False

    def __call__(self, request: Request) -> Response:
        """Hand out tokens at `/token`, sign elsewhere."""
        if request.path == "/token":
            answer: dict[str, object] = {"access_token": self.tokens.pop(0), "expires_in": 600}
            return Response(json.dumps(answer), content_type="application/json")
        request.get_data()
        self.heard.append(request)
        if self.refuses_first and len(self.heard) == 1:
            return Response("{}", 401, content_type="application/json")
        text = base64.b64encode(self.signer.sign(DIGEST)).decode()
        return Response(json.dumps({"signature": text}), content_type="application/json")


def heard(
    signer: TestSigner, folder: Path, authentication: Authentication | None, **changes: object
) -> Request:
    """Sign once with a way to log in, and return the request that arrived."""
    listener = Listener(signer)
    chain = signer.pem(folder / "chain.pem")
    with serving(listener) as url:
        service = raw_service(f"{url}/v1/sign", chain, authentication=authentication, **changes)
        service.sign(service.authorize((DIGEST,)))
    (request,) = listener.heard
    return request


def test_basic(signer: TestSigner, tmp_path: Path) -> None:
    """Name and password arrive as HTTP Basic."""
    request = heard(signer, tmp_path, LoginSettings("me", Secret("p", "pässword")))
    assert request.authorization is not None
    assert request.authorization.username == "me"
    assert request.authorization.password == "pässword"


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "ES256"])
def test_own_token(signer: TestSigner, tmp_path: Path, algorithm: str) -> None:
    """A token that we sign says who we are, for whom it is and until when."""
    keys = {
        "RS256": rsa.generate_private_key(65537, 2048),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
    }
    private = keys.get(algorithm)
    written = _key_pem(private) if private else "a-shared-key-that-is-long-enough-for-HS256"
    settings = JwtSettings(
        Secret("key", written), algorithm, "us", "them", key_id="k1", lifetime=60.0
    )
    request = heard(signer, tmp_path, settings)
    token = request.headers["Authorization"].removeprefix("Bearer ")
    public = private.public_key() if private else written
    claims = jwt.decode(token, public, [algorithm], audience="them", issuer="us")
    assert claims["exp"] - claims["iat"] == 60
    assert "sub" not in claims
    assert jwt.get_unverified_header(token)["kid"] == "k1"


def test_key_that_cannot_sign(signer: TestSigner, tmp_path: Path) -> None:
    """A key of another kind is a refused login, before anything is sent."""
    key = Secret("key", "no PEM at all")
    settings = JwtSettings(key, "RS256", "us", "them")
    service = raw_service(
        "http://127.0.0.1:9/", signer.pem(tmp_path / "c.pem"), authentication=settings
    )
    fault = refusal_of(service)
    assert (fault.code, fault.charge) == ("service.login-refused", Charge.NEVER)
    assert key.value not in str(fault)


def test_refused_token_is_asked_for_anew(signer: TestSigner, tmp_path: Path) -> None:
    """A bearer token that is not accepted any more is replaced, once."""
    listener = Listener(signer)
    listener.refuses_first = True
    chain = signer.pem(tmp_path / "chain.pem")
    with serving(listener) as url:
        oauth = OAuthSettings(f"{url}/token", "me", Secret("s", "secret"))
        service = raw_service(f"{url}/v1/sign", chain, authentication=oauth)
        service.sign(service.authorize((DIGEST,)))
    shown = [request.headers["Authorization"] for request in listener.heard]
    assert shown == ["Bearer first-token", "Bearer second-token"]


def test_whole_request(signer: TestSigner, tmp_path: Path) -> None:
    """Method, query, templates in headers and body, and their secrets arrive as written."""
    request = heard(
        signer,
        tmp_path,
        HmacSettings(Secret("k", "key"), "X-Mac", "{method} {host} {path}?{query} {body}"),
        method="PUT",
        query=(("api-version", "7.4"), ("a b", "ü&=")),
        headers=(
            HeaderSettings("X-Id", "call {request-id}"),
            HeaderSettings("X-Token", Secret("t", "a-token")),
        ),
        request="id={request-id}&hash={digest.hex}",
        content_type="application/x-www-form-urlencoded",
        idempotency_header="Idempotency-Key",
    )
    assert request.method == "PUT"
    assert dict(request.args) == {"api-version": "7.4", "a b": "ü&="}
    identity = request.headers["X-Id"].removeprefix("call ")
    assert request.get_data().decode() == f"id={identity}&hash={DIGEST.hex()}"
    assert request.headers["X-Token"] == "a-token"
    assert request.headers["Idempotency-Key"] == idempotency_key(DIGEST)
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert len(request.headers["X-Mac"]) == 64


def test_idempotency_key_follows_the_digest() -> None:
    """The same digest gives the same key, another one another, and neither shows the digest."""
    assert idempotency_key(DIGEST) == idempotency_key(DIGEST)
    assert idempotency_key(DIGEST) != idempotency_key(bytes(32))
    assert DIGEST.hex()[:8] not in idempotency_key(DIGEST)
