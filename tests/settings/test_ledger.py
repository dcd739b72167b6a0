"""`ledger:` in `gateway.yaml`: what is understood, and what is refused where it stands."""

from __future__ import annotations

import pytest

from gateway.core.ledger_settings import PostgresqlSettings
from gateway.core.secret import Secret
from tests.settings.conftest import SITE, Configuration


def _database(configuration: Configuration, written: str) -> PostgresqlSettings | None:
    configuration.write("gateway.yaml", f"{SITE}\nledger: {{postgresql: {written}}}\n")
    return configuration.load().settings.ledger


def test_a_file_by_default(configuration: Configuration) -> None:
    """Without it the ledger is a file."""
    configuration.write("gateway.yaml", SITE)
    assert configuration.load().settings.ledger is None


def test_what_is_understood(configuration: Configuration) -> None:
    """Everything that is written counts; the password is a secret."""
    configuration.secret("ledger", "to the ledger")
    (configuration.root / "ca.pem").write_text("")
    found = _database(
        configuration,
        "{host: db.example.org, port: 5433, database: seals, user: seal,"
        " password: {secret: ledger}, ca_file: ca.pem}",
    )
    secret = Secret("ledger", "to the ledger")
    ca_file = configuration.root / "ca.pem"
    expected = PostgresqlSettings("db.example.org", 5433, "seals", "seal", secret, True, ca_file)
    assert found == expected
    assert "to the ledger" not in repr(found)


@pytest.mark.parametrize(
    ("written", "encrypted"),
    [
        ("{host: /run/postgresql}", False),
        ("{host: 127.0.0.1}", False),
        ("{host: localhost, encryption: tls}", True),
        ("{host: db.example.org}", True),
        ("{host: 192.0.2.1}", True),
        ("{host: db.example.org, encryption: none}", False),
    ],
)
def test_other_machines_are_spoken_to_by_tls(
    configuration: Configuration, written: str, encrypted: bool
) -> None:
    """Nothing goes over a network in the clear unless somebody insists."""
    found = _database(configuration, written)
    assert found is not None
    assert found.encrypted is encrypted


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{}", "host"),
        ("{host: db, port: 0}", "port"),
        ("{host: db, passwort: x}", "passwort"),
        ("{host: db, password: geheim}", "password"),
        ("{host: db, password: {secret: nowhere}}", "nowhere"),
        ("{host: db, ca_file: missing.pem}", "missing.pem"),
        ("{host: db, encryption: maybe}", "encryption"),
    ],
)
def test_what_is_refused(configuration: Configuration, written: str, words: str) -> None:
    """What is wrong is told where it stands, and the rest of the file is checked all the same."""
    text = f"{SITE}\nledger: {{postgresql: {written}}}\nmisspelt: 1\n"
    configuration.write("gateway.yaml", text)
    problems = configuration.problems()
    assert any(words in str(problem) for problem in problems)
    assert any("misspelt" in str(problem) for problem in problems)
