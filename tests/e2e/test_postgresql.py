"""A site whose ledger is in PostgreSQL, which goes away in the middle of the work."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.sandbox.process import SandboxProcess
from tests.e2e.nodes import move_to
from tests.e2e.pages import write_pdf
from tests.e2e.site import SEALGATE, TestSite, wait_for
from tests.postgresql import PASSWORD, PostgresqlServer, lasting_server

_DOCUMENTS = 12


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """Yield a server that keeps what it has committed, whatever happens to it."""
    with lasting_server() as server:
        yield server


def _node(site: TestSite, name: str) -> tuple[subprocess.Popen[bytes], Path]:
    """Start a daemon as one of several nodes; return it, and what it says."""
    said = site.root.parent / f"{name}.words"
    with said.open("ab") as words:
        command = (*SEALGATE, "run", "--node", name, "--site", str(site.root))
        return subprocess.Popen(command, stdout=words, stderr=words), said


def test_node_that_stands_by_takes_over(
    site: TestSite, server: PostgresqlServer, tmp_path: Path
) -> None:
    """A node is stopped for too long: the other finishes its work, and it can do nothing more."""
    move_to(server, site, "takeover")
    with SandboxProcess(site.state):
        first, first_said = _node(site, "first")
        wait_for("ready", lambda: "ready" in first_said.read_text())
        second, second_said = _node(site, "second")
        wait_for(
            "standing by", lambda: "standing by: node first coordinates" in second_said.read_text()
        )
        try:
            for number in range(_DOCUMENTS):
                site.drop(write_pdf(tmp_path / f"{number}.pdf", (f"page of {number}",)))
            wait_for("some are delivered", lambda: len(site.delivered()) >= 2)
            first.send_signal(signal.SIGSTOP)
            wait_for("it takes over", lambda: "ready" in second_said.read_text())
            wait_for(
                "all are archived",
                lambda: len(list(site.archive.rglob("*-sealed.pdf"))) == _DOCUMENTS,
            )
            first.send_signal(signal.SIGCONT)
            assert first.wait(60) == 2
            assert "ledger.fenced" in first_said.read_text()
            charged = site.usage()["charged"]
        finally:
            for one in (first, second):
                if one.poll() is None:
                    one.send_signal(signal.SIGCONT)
                    one.send_signal(signal.SIGTERM)
                    one.wait(60)
        assert second.returncode == 0
    assert len(site.delivered()) == len(site.events("result.delivered")) == _DOCUMENTS
    assert site.failures() == {}
    assert charged <= _DOCUMENTS + len(site.events("sign.unanswered"))
    assert site.call("log", "verify").returncode == 0


def test_everything_is_delivered_once(
    site: TestSite, server: PostgresqlServer, tmp_path: Path
) -> None:
    """The server crashes and comes back: all documents are delivered and paid once, none fails."""
    move_to(server, site, "away")
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


def test_site_is_restored_into_an_empty_database(
    site: TestSite, server: PostgresqlServer, tmp_path: Path
) -> None:
    """A backup needs no client of the server; its ledger goes into the database that is there."""
    move_to(server, site, "lost")
    site.drop(write_pdf(tmp_path / "first.pdf"))
    assert site.call("sweep").returncode == 0
    said = site.json("backup", str(tmp_path / "backups"), "--archive", "--secrets")
    assert isinstance(said, dict)
    assert said["engine"] == "postgresql"
    anew = TestSite(tmp_path / "anew")
    refused = anew.call("restore", said["path"])
    assert (refused.returncode, "ledger.not-empty" in refused.stderr) == (2, True)
    server.execute("postgres", "DROP DATABASE lost WITH (FORCE)")
    server.create("lost")
    done = anew.call("restore", said["path"])
    assert done.returncode == 0, done.stderr
    assert not list(anew.state.glob("*.sqlite*"))
    assert "site.restored" in anew.call("status").stdout
    assert anew.call("retry", "--restored").returncode == 0
    anew.drop(write_pdf(tmp_path / "second.pdf", ("second",)))
    assert anew.call("sweep").returncode == 0
    assert [path.name for path in anew.delivered()] == ["second-sealed.pdf"]
    assert anew.call("log", "verify", "--archive").returncode == 0
    assert len(anew.events("site.restored")) == 1
