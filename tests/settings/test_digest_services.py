"""Services of `digest-raw` and `digest-cms` in `gateway.yaml`: recipes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.errors import ConfigurationFault
from gateway.core.secret import Secret
from gateway.core.services import (
    AwsSettings,
    DigestCmsSettings,
    DigestRawSettings,
    HmacSettings,
    JwtSettings,
    LoginSettings,
    OAuthSettings,
)
from tests.fakes.signer import TestSigner
from tests.settings.conftest import SITE, Configuration

DOCS = Path(__file__).parent.parent.parent / "docs"
RECIPES = sorted((DOCS / "recipes").glob("*.yaml"))
PEM = "-----BEGIN PRIVATE KEY-----"
SERVICE = """\
services:
  sandbox:
    type: digest-raw
    url: https://sign.your-service.eu/v1/sign
    query: {api-version: "7.4"}
    headers: {X-Tenant: seals, X-Token: {secret: token}}
    request: '{"hash": "{digest.base64}"}'
    answer: {at: /signature}
    certificates: trust/signer.pem
    algorithm: {digest: sha256}
    auth: {api_key: {header: X-Api-Key, key: {secret: token}}}
"""


@pytest.fixture
def site(configuration: Configuration) -> Configuration:
    """Return a configuration whose one service is `SERVICE`."""
    folder = configuration.root / "trust"
    folder.mkdir()
    signer = TestSigner.make()
    for name in ("signer.pem", "vault-ca.pem", "client.pem"):
        signer.pem(folder / name)
    signer.key_pem(configuration.root / "secrets" / "client-key.pem")
    for name in ("token", "vault-token", "azure-client-secret", "esign-key"):
        configuration.secret(name, "a-secret")
    for name in ("aws-access-key-id", "aws-secret-access-key"):
        configuration.secret(name, "a-secret")
    configuration.secret("google-private-key", PEM)
    write(configuration, SERVICE)
    return configuration


def write(configuration: Configuration, services: str) -> None:
    """Put services in the place of the site's."""
    before, _, rest = SITE.partition("services:\n")
    text = before + services + rest[rest.index("timestamp:") :]
    if "  signing:" in services:
        text = text.replace("service: sandbox", "service: signing")
    configuration.write("gateway.yaml", text)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_recipe_loads(site: Configuration, recipe: Path) -> None:
    """Every recipe is valid as it stands, but for files and secrets, and the manual names it."""
    write(site, recipe.read_text())
    (service,) = site.load().settings.services
    assert service.name == "signing"
    assert isinstance(service.family, DigestRawSettings | DigestCmsSettings)
    assert f"recipes/{recipe.name}" in (DOCS / "recipes.md").read_text()


def test_values_arrive(site: Configuration) -> None:
    """What is written is what the service is built from, secrets resolved."""
    (service,) = site.load().settings.services
    assert isinstance(service.family, DigestRawSettings)
    call = service.family.call
    assert (call.method, call.content_type) == ("POST", "application/json")
    assert call.query == (("api-version", "7.4"),)
    assert [header.name for header in call.headers] == ["X-Tenant", "X-Token"]
    assert isinstance(call.headers[1].value, Secret)
    assert call.headers[1].value.value == "a-secret"
    assert "a-secret" not in repr(service)


@pytest.mark.parametrize(
    ("auth", "kind"),
    [
        ("{basic: {user: me, password: {secret: token}}}", LoginSettings),
        (
            "{oauth: {token_url: 'https://a.eu/t', client_id: me, client_secret: {secret: token}}}",
            OAuthSettings,
        ),
        ("{hmac: {key: {secret: token}, header: X-Mac}}", HmacSettings),
        (
            "{jwt: {key: {secret: token}, algorithm: HS256, issuer: me, audience: you}}",
            JwtSettings,
        ),
        (
            "{aws: {access_key_id: {secret: token}, secret_access_key: {secret: token}, "
            "session_token: {secret: token}, region: eu-west-1}}",
            AwsSettings,
        ),
    ],
)
def test_every_login(site: Configuration, auth: str, kind: type) -> None:
    """Each way to log in can be written."""
    write(site, SERVICE.replace("{api_key: {header: X-Api-Key, key: {secret: token}}}", auth))
    (service,) = site.load().settings.services
    assert isinstance(service.family, DigestRawSettings)
    assert isinstance(service.family.call.authentication, kind)


API_KEY = "{api_key: {header: X-Api-Key, key: {secret: token}}}"
BAD = {
    "no digest": ('"{digest.base64}"', '"x"', "settings.wrong-value", "digest"),
    "unknown placeholder": (
        "{digest.base64}",
        "{digest.b64}",
        "settings.wrong-value",
        "digest.b64",
    ),
    "document in request": (
        '"{digest.base64}"',
        '"{digest.hex}{text}"',
        "settings.wrong-value",
        "{text}",
    ),
    "no JSON": ('"{digest.base64}"', "{digest.base64}", "settings.wrong-value", "not JSON"),
    "no pointer": ("at: /signature", "at: signature", "settings.wrong-value", "begins with a /"),
    "bad escape": ("at: /signature", "at: /sig~nature", "settings.wrong-value", "~0"),
    "der in JSON": (
        "at: /signature",
        "at: /signature, encoding: der",
        "settings.wrong-value",
        "binary",
    ),
    "no certificates": ("trust/signer.pem", "trust/gone.pem", "settings.unreadable", "gone.pem"),
    "not a certificate": ("trust/signer.pem", "seal.png", "settings.wrong-value", "PEM"),
    "key in the file": (
        "key: {secret: token}",
        "key: hunter2",
        "settings.secret-in-yaml",
        "secret",
    ),
    "two logins": (
        API_KEY,
        "{api_key: {header: A, key: {secret: token}}, basic: {user: a, password: {secret: token}}}",
        "settings.wrong-value",
        "exactly one",
    ),
    "no login": (API_KEY, "{}", "settings.wrong-value", "exactly one"),
    "secret missing": (
        "X-Token: {secret: token}",
        "X-Token: {secret: other}",
        "settings.secret",
        "other",
    ),
    "bad header value": (
        "X-Token: {secret: token}",
        "X-Token: {name: token}",
        "settings.wrong-value",
        "secret: NAME",
    ),
    "two-line header": ("X-Tenant: seals", 'X-Tenant: "a\\nb"', "settings.wrong-value", "one line"),
    "our header": ("X-Tenant: seals", "Content-Length: 5", "settings.wrong-value", "by itself"),
    "no header name": ("X-Tenant: seals", "X Tenant: 5", "settings.wrong-value", "No header"),
    "query in url": ("/v1/sign", "/v1/sign?a=b", "settings.wrong-value", "path"),
    "plain http": ("https://sign.your", "http://sign.your", "settings.wrong-value", "unencrypted"),
    "bad method": ("    url:", "    method: GET\n    url:", "settings.wrong-value", "POST"),
    "wrong algorithm": ("digest: sha256", "digest: md5", "settings.wrong-value", "sha256"),
    "ed25519 with sha256": (
        "digest: sha256",
        "digest: sha256, signature: ed25519",
        "settings.wrong-value",
        "SHA-512",
    ),
    "cms key in raw": (
        "    url:",
        "    timestamped: true\n    url:",
        "settings.unknown-key",
        "timestamped",
    ),
    "pem for HS256": (
        API_KEY,
        "{jwt: {key: {secret: google-private-key}, algorithm: HS256, issuer: a, audience: b}}",
        "settings.wrong-value",
        "shared",
    ),
    "text for RS256": (
        API_KEY,
        "{jwt: {key: {secret: token}, algorithm: RS256, issuer: a, audience: b}}",
        "settings.wrong-value",
        "PEM",
    ),
    "unknown in mac": (
        API_KEY,
        "{hmac: {key: {secret: token}, header: A, signed: '{document}'}}",
        "settings.wrong-value",
        "{document}",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_refused(site: Configuration, case: str) -> None:
    """Each mistake is one problem, with its code and a word that helps; secrets stay unsaid."""
    before, after, code, word = BAD[case]
    assert before in SERVICE
    write(site, SERVICE.replace(before, after))
    (problem,) = site.problems()
    assert problem.code == code
    assert word in problem.message + problem.remedy
    assert problem.file == "gateway.yaml"
    assert problem.line > 5
    assert "hunter2" not in str(problem)


def test_every_missing_key_is_named(site: Configuration) -> None:
    """Keys without which there is no service are all named at once."""
    write(site, "services:\n  sandbox:\n    type: digest-cms\n")
    with pytest.raises(ConfigurationFault) as refused:
        site.load()
    said = " ".join(problem.message for problem in refused.value.problems)
    for key in ("url", "request", "certificates"):
        assert f"The key {key} is missing." in said
