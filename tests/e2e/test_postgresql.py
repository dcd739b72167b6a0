"""A site whose ledger is in PostgreSQL, which goes away in the middle of the work."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for
from tests.postgresql import PASSWORD, PostgresqlServer

_DOCUMENTS = 12


@pytest.fixture
def server() -> Iterator[PostgresqlServer]:
    """Yield a server that keeps what it has committed, whatever happens to it."""
    server = PostgresqlServer(durable=True)
    try:
        server.start()
        server.create("sealgate")
        yield server
    finally:
        server.remove()


def _on(server: PostgresqlServer, site: TestSite) -> None:
    where = f"host: 127.0.0.1, port: {server.port}, password: {{secret: ledger}}"
    where += f", encryption: tls, ca_file: {server.ca_file}"
    site.edit("gateway.yaml", lambda text: f"{text}\nledger: {{postgresql: {{{where}}}}}\n")
    secret = site.root / "secrets" / "ledger"
    secret.parent.mkdir(exist_ok=True)
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    refused = site.call("status")
    assert refused.returncode == 2
    assert "ledger.not-moved" in refused.stderr
    moved = site.call("ledger", "move")
    assert moved.returncode == 0, moved.stderr
    assert "the log is whole" in moved.stdout


def test_everything_is_delivered_once(
    site: TestSite, server: PostgresqlServer, tmp_path: Path
) -> None:
    """The server crashes and comes back: all documents are delivered and paid once, none fails."""
    _on(server, site)
    with site.daemon():
        wait_for("ready", lambda: "ready" in site.daemon_says())
        for number in range(_DOCUMENTS):
            site.drop(write_pdf(tmp_path / f"{number}.pdf", (f"page of {number}",)))
        wait_for("some are delivered", lambda: len(site.delivered()) >= 2)
        server.stop(signal.SIGQUIT)
        wait_for("it is noticed", lambda: "trying again until it works" in site.daemon_says())
        time.sleep(0.5)  # away for a while, not only for a moment
        server.start()
        wait_for("it is back", lambda: "it works again" in site.daemon_says())
        wait_for(
            "all are archived",
            lambda: len(list(site.archive.rglob("*-sealed.pdf"))) == _DOCUMENTS,
        )
        wait_for("no hold is left", lambda: not site.json("status")["holds"])
        charged = site.usage()["charged"]
    assert [path.name for path in site.delivered()] == sorted(
        f"{number}-sealed.pdf" for number in range(_DOCUMENTS)
    )
    assert site.failures() == {}
    assert charged == _DOCUMENTS + len(site.events("sign.unanswered"))
    assert len(site.events("result.delivered")) == _DOCUMENTS
    assert site.call("log", "verify").returncode == 0
    assert len(site.events("ledger.moved")) == 1
    assert PASSWORD not in site.daemon_says()
