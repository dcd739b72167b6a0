"""An upload by a real SFTP client that pauses: never taken in the middle, once at its end."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for
from tests.remotes.sshd import Sshd


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    """Start a server on loopback."""
    server = Sshd(tmp_path / "sshd")
    server.start()
    yield server
    server.stop()


def _uploading(sshd: Sshd, source: Path, target: Path) -> subprocess.Popen[bytes]:
    """Start an upload at 2 Mbit/s, so that it can be stopped in its middle."""
    host = sshd.settings()
    command = ["sftp", "-q", "-b", "-", "-l", "2000", "-P", str(host.port)]
    command += ["-i", str(sshd.root / "user"), "-o", "StrictHostKeyChecking=no"]
    command += ["-o", f"UserKnownHostsFile={sshd.root / 'known'}", f"{host.user}@{host.host}"]
    client = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    assert client.stdin is not None
    client.stdin.write(f"put {source} {target}\n".encode())
    client.stdin.close()
    return client


def test_a_paused_upload_is_taken_once_and_whole(tmp_path: Path, sshd: Sshd) -> None:
    """A client stopped in mid-transfer for long keeps its file; continued, it is sealed once."""
    site = TestSite.make(tmp_path / "site")
    hasty = "incomplete_after: 1s"
    site.edit("gateway.yaml", lambda text: text.replace("incomplete_after: 2s", hasty))
    source = write_pdf(tmp_path / "big.pdf", ("One" * 10_000,) * 10)
    size = source.stat().st_size
    target = site.inbox / "big.pdf"
    with site.daemon():
        wait_for("it watches", lambda: "sealgate: ready" in site.daemon_says())
        client = _uploading(sshd, source, target)
        try:
            wait_for("it begins", lambda: target.exists() and target.stat().st_size > 0)
            client.send_signal(signal.SIGSTOP)
            # Three times as long as a file without an end would be given, and then some scans.
            time.sleep(3)
            assert target.exists(), "it was taken in the middle"
            assert 0 < target.stat().st_size < size
            client.send_signal(signal.SIGCONT)
            assert client.wait(60) == 0
        finally:
            client.kill()
            client.wait()
        wait_for("it is sealed", lambda: len(site.delivered()) == 1)
    assert site.failures() == {}
    assert len(site.events("job.accepted")) == 1
