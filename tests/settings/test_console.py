"""`console:` and `people:` in `gateway.yaml`: what is understood, and what is refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gateway.core.login_pauses import PausePolicy
from gateway.core.people import Role
from gateway.core.people_settings import ConsoleSettings, PeopleSettings, SessionTimes, TlsFiles
from tests.settings.conftest import SITE, Configuration

_OPENSSL = (
    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
    *("-nodes", "-subj", "/CN=localhost"),
)


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make two certificates with their keys once: a.crt, a.key, b.crt, b.key."""
    folder = tmp_path_factory.mktemp("tls")
    for name in ("a", "b"):
        subprocess.run(
            [*_OPENSSL, "-keyout", f"{name}.key", "-out", f"{name}.crt"],
            cwd=folder,
            check=True,
            capture_output=True,
        )
        (folder / f"{name}.key").chmod(0o600)
    return folder


def test_defaults(configuration: Configuration) -> None:
    """Without a word the console listens on loopback, and everything has a sensible default."""
    settings = configuration.load().settings
    assert settings.console == ConsoleSettings()
    assert settings.people == PeopleSettings()


def test_console(configuration: Configuration, pem: Path) -> None:
    """Everything that can be said about the console is understood."""
    text = f"""
console:
  listen: "192.0.2.5:443"
  url: https://seals.company.test/
  tls: {{certificate: {pem}/a.crt, key: {pem}/a.key}}
  trusted_proxies: [10.1.2.3, "10.2.0.0/16"]
  session: {{idle: 10m, longest: 8h}}
"""
    configuration.write("gateway.yaml", SITE + text)
    assert configuration.load().settings.console == ConsoleSettings(
        host="192.0.2.5",
        port=443,
        url="https://seals.company.test",
        tls=TlsFiles(pem / "a.crt", pem / "a.key"),
        trusted_proxies=("10.1.2.3/32", "10.2.0.0/16"),
        session=SessionTimes(600, 28800),
    )


def test_url_follows_listen(configuration: Configuration) -> None:
    """Where nothing else is said browsers reach the console where it listens."""
    configuration.write("gateway.yaml", f'{SITE}\nconsole: {{listen: "[::1]:9000"}}\n')
    assert configuration.load().settings.console.url == "http://[::1]:9000"


def test_people(configuration: Configuration) -> None:
    """Everything that can be said about people is understood."""
    configuration.secret("oidc", "very secret")
    text = """
people:
  password_length: 16
  second_factor_for: [administrator, seal-keeper]
  lockout: {after: 3, after_of_address: 30, first: 1m, longest: 1h}
  link_lasts: 2h
  homes: "invoices/partners/{login}"
  four_eyes: true
  four_eyes_lasts: 3
  oidc:
    issuer: https://id.company.test/realms/staff
    client_id: sealgate
    client_secret: {secret: oidc}
    groups: {Legal Department: legal}
    add: true
"""
    configuration.write("gateway.yaml", SITE + text)
    people = configuration.load().settings.people
    assert people.oidc is not None
    assert people.oidc.client_secret is not None
    assert people.oidc.client_secret.value == "very secret"
    assert people.oidc.groups == (("Legal Department", "legal"),)
    assert people == PeopleSettings(
        password_length=16,
        second_factor_for=frozenset({Role.ADMINISTRATOR, Role.SEAL_KEEPER}),
        pauses=PausePolicy(3, 30, 60, 3600),
        link_hours=2,
        homes="invoices/partners/{login}",
        four_eyes=True,
        four_eyes_days=3,
        oidc=people.oidc,
    )


@pytest.mark.parametrize(
    ("written", "code", "words"),
    [
        ('console: {listen: "0.0.0.0:80", url: "https://a.test"}', "wrong-value", "unencrypted"),
        ("console: {listen: localhost}", "wrong-value", "no address to listen on"),
        ('console: {url: "http://a.test"}', "wrong-value", "unencrypted"),
        ("console: {trusted_proxies: [proxy.lan]}", "wrong-value", "neither an address"),
        ('console: {trusted_proxies: ["10.1.2.3/8"]}', "wrong-value", "neither an address"),
        ("console: {session: {idle: 2h, longest: 1h}}", "wrong-value", "idle"),
        ("console: {tls: {certificate: no.crt, key: no.key}}", "unreadable", "no file"),
        ("console: {tls: {certificate: TLS/a.crt, key: TLS/b.key}}", "wrong-value", "together"),
        ("console: {tls: {certificate: TLS/a.crt, key: TLS/open.key}}", "secret-exposed", "chmod"),
        ("people: {password_length: 4}", "wrong-value", "at least 8"),
        ("people: {second_factor_for: [keeper]}", "wrong-value", "seal-keeper"),
        ("people: {lockout: {first: 1h, longest: 1m}}", "wrong-value", "longest"),
        ('people: {homes: "invoices/partners"}', "wrong-value", "{login}"),
        ('people: {homes: "invoices/x-{login}"}', "wrong-value", "{login}"),
        ('people: {homes: "invoice/{login}"}', "unknown-name", "invoices"),
        ("people: {oidc: {issuer: id, client_id: x}}", "wrong-value", "no address"),
        (
            'people: {oidc: {issuer: "https://a.test", client_id: x, client_secret: x}}',
            "secret-in-yaml",
            "client_secret",
        ),
    ],
)
def test_what_is_refused(
    configuration: Configuration, pem: Path, written: str, code: str, words: str
) -> None:
    """What cannot be right is refused at its line, and nothing else is."""
    exposed = pem / "open.key"
    if not exposed.exists():
        exposed.write_bytes((pem / "a.key").read_bytes())
    exposed.chmod(0o644)
    configuration.write("gateway.yaml", f"{SITE}\n{written.replace('TLS', str(pem))}\n")
    problems = configuration.problems()
    assert {problem.code for problem in problems} == {f"settings.{code}"}
    assert all(words in str(problem) for problem in problems)
    assert all(problem.line for problem in problems)
