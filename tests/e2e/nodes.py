"""Nodes of one site as processes, with their ledger in a real PostgreSQL."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.sandbox.process import SandboxProcess
from tests.e2e.site import SEALGATE, TestSite, wait_for
from tests.postgresql import PASSWORD, PostgresqlServer


def move_to(server: PostgresqlServer, site: TestSite, database: str, takeover: str = "2s") -> None:
    """Move the ledger of a site into a new database."""
    server.create(database)
    where = f"database: {database}, host: 127.0.0.1, port: {server.port}, takeover: {takeover}"
    where += f", password: {{secret: ledger}}, encryption: tls, ca_file: {server.ca_file}"
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


class Cluster:
    """Nodes of one site, as processes."""

    def __init__(self, site: TestSite, around: tuple[str, ...] = ()) -> None:
        """Begin the command of each node with `around`."""
        self.site = site
        self._around = around
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._names: set[str] = set()

    def start(self, *names: str) -> None:
        """Start nodes, and wait until each works."""
        for name in names:
            self._launch(name)
        for name in names:
            wait_for(f"{name} works", lambda name=name: self._is_up(name))

    def revive(self) -> None:
        """Start what has ended again, as a supervisor does, without waiting for it."""
        for name in self._names - self.running.keys():
            self._launch(name)
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self._launch(name)

    def says(self, name: str) -> str:
        """Return what a node has said."""
        words = self._words(name)
        return words.read_text() if words.exists() else ""

    def nodes(self) -> list[dict[str, Any]]:
        """Return what the site says of its nodes."""
        listed: list[dict[str, Any]] = self.site.json("status", "--cluster")["nodes"]
        return listed

    def coordinator(self) -> str:
        """Return which node coordinates, if any does just now."""
        return next((one["name"] for one in self.nodes() if one["coordinating"]), "")

    def kill(self, name: str) -> None:
        """End a node as the machine's failure does."""
        self.running[name].kill()
        self.running.pop(name).wait()

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

    def _launch(self, name: str) -> None:
        self._names.add(name)
        command = (*self._around, *SEALGATE, "run", "--node", name, "--site", str(self.site.root))
        with self._words(name).open("ab") as words:
            self.running[name] = subprocess.Popen(command, stdout=words, stderr=words)

    def _words(self, name: str) -> Path:
        return self.site.root.parent / f"{name}.words"

    def _is_up(self, name: str) -> bool:
        assert self.running[name].poll() is None, self.says(name)
        return "ready" in self.says(name) or "standing by" in self.says(name)


@contextmanager
def cluster_of(
    site: TestSite,
    server: PostgresqlServer,
    database: str,
    *,
    takeover: str = "12s",
    sandbox: tuple[str, ...] = (),
    around: tuple[str, ...] = (),
) -> Iterator[Cluster]:
    """Yield a site's nodes, of which none has started; `sandbox` are flags of its service.

    Commands of nodes begin with `around`.
    """
    move_to(server, site, database, takeover)
    with SandboxProcess(site.state, *sandbox):
        cluster = Cluster(site, around)
        try:
            yield cluster
        finally:
            cluster.stop()
