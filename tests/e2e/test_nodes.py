"""Several nodes at work on one site: each document is sealed, paid and delivered once."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.sandbox.process import SandboxProcess
from tests.e2e.pages import write_pdf
from tests.e2e.site import SEALGATE, TestSite, wait_for
from tests.e2e.test_postgresql import _on
from tests.postgresql import PostgresqlServer


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """Yield a server that keeps what it has committed, whatever happens to it."""
    server = PostgresqlServer(durable=True)
    try:
        server.start()
        yield server
    finally:
        server.remove()


class Cluster:
    """Nodes of one site, as processes."""

    def __init__(self, site: TestSite) -> None:
        self.site = site
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Start nodes, and wait until each works."""
        for name in names:
            command = (*SEALGATE, "run", "--node", name, "--site", str(self.site.root))
            with self._words(name).open("ab") as words:
                self.running[name] = subprocess.Popen(command, stdout=words, stderr=words)
        for name in names:
            wait_for(f"{name} works", lambda name=name: self._is_up(name))

    def says(self, name: str) -> str:
        """Return what a node has said."""
        words = self._words(name)
        return words.read_text() if words.exists() else ""

    def stop(self) -> None:
        """End all that is left."""
        for one in self.running.values():
            if one.poll() is None:
                one.send_signal(signal.SIGCONT)
                one.send_signal(signal.SIGTERM)
        for one in self.running.values():
            try:
                one.wait(60)
            except subprocess.TimeoutExpired:
                one.kill()
                raise

    def _words(self, name: str) -> Path:
        return self.site.root.parent / f"{name}.words"

    def _is_up(self, name: str) -> bool:
        assert self.running[name].poll() is None, self.says(name)
        return "ready" in self.says(name) or "standing by" in self.says(name)


@contextmanager
def cluster_of(site: TestSite, server: PostgresqlServer, database: str) -> Iterator[Cluster]:
    """Yield a site's nodes, of which none has started."""
    _on(server, site, database)
    with SandboxProcess(site.state):
        cluster = Cluster(site)
        try:
            yield cluster
        finally:
            cluster.stop()


def drop(site: TestSite, folder: Path, count: int) -> None:
    """Drop some documents, each another."""
    for number in range(count):
        site.drop(write_pdf(folder / f"{number}.pdf", (f"page of {number}",)))


def archived(site: TestSite) -> int:
    """Return how many documents have come to their end."""
    return len(list(site.archive.rglob("*-sealed.pdf")))


def test_nodes_share_the_work(site: TestSite, server: PostgresqlServer, tmp_path: Path) -> None:
    """Three nodes seal what was dropped, each document once."""
    with cluster_of(site, server, "shared") as cluster:
        cluster.start("one", "two", "three")
        drop(site, tmp_path, 60)
        wait_for("all are archived", lambda: archived(site) == 60)
        charged = site.usage()["charged"]
    assert len(site.delivered()) == len(site.events("result.delivered")) == charged == 60
    assert site.failures() == {}
    assert site.call("log", "verify").returncode == 0
