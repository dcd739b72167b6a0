"""A site that is filled from an SFTP server and pushes its results back to it."""

from __future__ import annotations

import getpass
import hashlib
import json
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.pages import write_pdf
from tests.e2e.site import DEADLINE, TestSite, wait_for
from tests.remotes.sshd import Sshd

SIZE = 8_000_000
"""Bytes that make a transfer long enough to be interrupted."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    """Run a server with a folder for documents and one for results."""
    sshd = Sshd(tmp_path / "sshd")
    for name in ("in", "out"):
        (sshd.folder / name).mkdir()
    sshd.start()
    yield sshd
    sshd.kill()


def linked(site: TestSite, server: Sshd, *, fetching: bool = True) -> TestSite:
    """Let a site push to the server, and be filled from it."""
    (site.root / "secrets").mkdir(mode=0o700, exist_ok=True)
    key = site.root / "secrets" / "partner-key"
    key.touch(0o600)
    key.write_text((server.root / "user").read_text())
    url = f"sftp://{getpass.getuser()}@127.0.0.1:{server.port}{server.folder}"
    login = f'host_key: "{server.fingerprint}", key: {{secret: partner-key}}'
    remote = f'\n    remote: {{url: "{url}/in", {login}, poll: 200ms, settle: 200ms}}'

    def changed(text: str) -> str:
        if fetching:
            text = text.replace("    settle:", f"{remote}\n    settle:", 1)
        return f'{text}\npush:\n  back: {{url: "{url}/out", {login}}}\n'

    site.edit("gateway.yaml", changed)
    return site


def drop(server: Sshd, folder: Path, *names: str, size: int = 0) -> None:
    """Put new documents on the server, each with bytes of no use behind its content."""
    for name in names:
        document = write_pdf(folder / name, (name,))
        if size:
            with document.open("ab") as file:
                file.write(b"%" + b"x" * size + b"\n" + document.read_bytes()[-64:])
        shutil.copyfile(document, server.folder / "in" / f".{name}")
        (server.folder / "in" / f".{name}").rename(server.folder / "in" / name)


def pushed(server: Sshd) -> list[str]:
    """Return the names of the results on the server whose receipts are there, too."""
    out = server.folder / "out"
    return sorted(path.name for path in out.glob("*.pdf") if receipt_of(path).exists())


def receipt_of(result: Path) -> Path:
    """Return where a result's receipt has to be."""
    return result.with_name(result.name + ".receipt.json")


def check_pairs(server: Sshd, *stems: str) -> None:
    """Each result is there once, complete, with its receipt; nothing else is."""
    out = server.folder / "out"
    expected = {f"{stem}-sealed.pdf" for stem in stems}
    expected |= {f"{name}.receipt.json" for name in expected}
    assert {path.name for path in out.iterdir()} == expected
    for result in out.glob("*.pdf"):
        receipt = json.loads(receipt_of(result).read_text())
        assert receipt["result"]["sha256"] == hashlib.sha256(result.read_bytes()).hexdigest()


def test_a_sweep_pushes_what_it_made(site: TestSite, server: Sshd, tmp_path: Path) -> None:
    """When a sweep of an inbox on the server ends, the result is on the server, too."""
    linked(site, server)
    drop(server, tmp_path, "new.pdf")
    done = site.call("sweep")
    assert done.returncode == 0, done.stdout + done.stderr
    check_pairs(server, "new")


def test_results_are_pushed_once_through_deaths(
    site: TestSite, server: Sshd, tmp_path: Path
) -> None:
    """The server dies in the middle of a push, then the daemon does; each result is there once."""
    linked(site, server)
    out = server.folder / "out"

    def under_way() -> bool:
        return any(path.stat().st_size > 0 for path in out.glob(".sealgate-*.result"))

    def await_middle() -> None:
        deadline = time.monotonic() + DEADLINE
        while not under_way():
            assert time.monotonic() < deadline, site.daemon_says()
            time.sleep(0.002)

    process = site.start()
    try:
        drop(server, tmp_path, "one.pdf", size=SIZE)
        await_middle()
        server.kill()
        assert pushed(server) == []
        server.start()
        wait_for("the first is there", lambda: pushed(server) == ["one-sealed.pdf"])
        drop(server, tmp_path, "two.pdf", "three.pdf", size=SIZE)
        await_middle()
        process.send_signal(signal.SIGKILL)
        assert process.wait(60) == -9
        assert len(pushed(server)) < 3
        with site.daemon():
            wait_for("all are there", lambda: len(pushed(server)) == 3)
            wait_for("all is tidy", lambda: not any(out.glob(".*")))
    finally:
        process.kill()
    check_pairs(server, "one", "two", "three")
    assert site.failures() == {}
    held = site.events("hold.opened")
    assert held
    assert all("remote:" in str(entry["details"]) for entry in held)
