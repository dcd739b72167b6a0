"""The manual of the SFTP drop box, followed literally by root on loopback."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.pages import write_pdf
from tests.e2e.site import SEALGATE, TestSite, wait_for
from tests.e2e.world import World, blocks, require

MANUAL = "sftp.md"


class DropBox(World):
    """The world of a server for partners."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, "mkdir /run/sshd")
        self._server: subprocess.Popen[bytes] | None = None

    def serve(self) -> None:
        """Start the server with the settings that the machine and the manual give it."""
        command = (*self.inside, "/usr/sbin/sshd", "-D", "-e", "-p", str(self.port))
        own = ("-h", str(self.root / "host"), "-o", "PidFile=none", "-o", "ListenAddress=127.0.0.1")
        with (self.root / "log").open("wb") as log:
            self._server = subprocess.Popen((*command, *own), stderr=log)

        def answers() -> bool:
            return subprocess.run(self.sftp("ls"), capture_output=True, check=False).returncode == 0

        wait_for("the server lets the partner in", answers)

    def sftp(self, *batch: str, user: str = "acme", options: tuple[str, ...] = ()) -> list[str]:
        """Return the command of a client that does a batch, one line each."""
        (self.root / "batch").write_text("\n".join(batch) + "\n")
        command = ["sftp", "-b", str(self.root / "batch"), "-P", str(self.port), *options]
        command += [
            "-i",
            str(self.root / user),
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "ConnectionAttempts=5",
        ]
        return [*command, "-o", f"UserKnownHostsFile={self.root}/known", f"{user}@127.0.0.1"]

    def end(self) -> None:
        """End the server and the world."""
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            self._server.wait(20)
        super().end()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[DropBox]:
    """Follow the manual's shell blocks in a world of its own, and start the server."""
    require()
    made = DropBox(tmp_path / "world")
    try:
        for name in ("host", "acme"):
            key = str(made.root / name)
            subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key), check=True)
        made.do("useradd --system --no-create-home --shell /usr/sbin/nologin sealgate")
        for script in blocks(MANUAL, "sh"):
            made.do(script)
        made.serve()
        yield made
    finally:
        made.end()


def test_a_partner_drops_documents_that_are_its_own(tmp_path: Path, world: DropBox) -> None:
    """Uploads are taken once and whole, even paused ones, and their dropper is the partner."""
    site = TestSite.make(tmp_path / "site")
    (inbox,) = blocks(MANUAL, "yaml")
    hasty = "    settle: 200ms\n    scan_every: 1s\n    incomplete_after: 1s\n"
    site.edit("gateway.yaml", lambda text: re.sub(r"inboxes:\n", inbox + hasty, text))
    site.edit("rules/example.yaml", lambda text: text.replace("documents", "acme"))
    # The service's rights: its group's, and the one capability of the manual's drop-in.
    assert "AmbientCapabilities=CAP_LEASE" in blocks(MANUAL, "ini")[0]
    rights = ("setpriv", "--regid", "sealgate", "--clear-groups", "--bounding-set=-all,+lease")
    source = write_pdf(tmp_path / "big.pdf", ("One" * 10_000,) * 10)
    whole = source.stat().st_size
    with site.daemon((*world.inside, *rights, *SEALGATE)):
        wait_for("it watches", lambda: "sealgate: ready" in site.daemon_says())
        slowly = world.sftp(f"put {source}", options=("-l", "2000"))
        client = subprocess.Popen(slowly, start_new_session=True)
        try:
            wait_for("it begins", lambda: world.size("/srv/seal/acme/in/big.pdf") > 0)
            assert client.poll() is None, "the client ended before it could be stopped"
            client.send_signal(signal.SIGSTOP)
            time.sleep(2)
            assert 0 < world.size("/srv/seal/acme/in/big.pdf") < whole
            client.send_signal(signal.SIGCONT)
            assert client.wait(60) == 0
        finally:
            client.kill()
            client.wait()
        wait_for("it is sealed", lambda: len(site.delivered()) == 1)
        private = write_pdf(tmp_path / "private.pdf")
        private.chmod(0o600)
        subprocess.run(world.sftp(f"put {private}"), check=True)
        wait_for("it cannot be read", lambda: bool(site.events("intake.ignored")))
        subprocess.run(world.sftp("chmod 640 private.pdf"), check=True)
        wait_for("that is sealed, too", lambda: len(site.delivered()) == 2)
    accepted = site.events("job.accepted")
    assert ["dropper=acme" in str(event["details"]) for event in accepted] == [True, True]
    assert site.failures() == {}


def test_a_partner_is_locked_in(world: DropBox) -> None:
    """It can write into its own `in` and nowhere else, sees nobody else, and gets no shell."""
    (world.root / "file").write_text("content")
    world.do("useradd --no-create-home --groups seal-drop other && install -d /srv/seal/other/in")
    subprocess.run(world.sftp(f"put {world.root}/file", "rm file"), check=True)
    for batch in (f"put {world.root}/file /file", "ls /../other", "ls /etc", "rm /in"):
        refused = subprocess.run(world.sftp(batch), capture_output=True, check=False)
        assert refused.returncode != 0, batch
    assert world.do("ls /srv/seal/acme") == "in\n"
    command = world.sftp()[1:]
    command = [word for word in command if word not in ("-b", str(world.root / "batch"))]
    port = command.index("-P")
    shell = ["ssh", *command[:port], "-p", *command[port + 1 :], "cat /etc/passwd"]
    tried = subprocess.run(shell, capture_output=True, check=False, timeout=30, input=b"")
    assert b"root:" not in tried.stdout
    assert "Accepted publickey for acme" in (world.root / "log").read_text()
