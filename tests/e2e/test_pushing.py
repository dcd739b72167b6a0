"""A site that is filled from an SFTP server and pushes its results back to it."""

from __future__ import annotations

import getpass
import hashlib
import json
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
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


Meanwhile = Callable[[TestSite, Sshd, str], None]


def somebody_takes_the_name(site: TestSite, server: Sshd, stem: str) -> None:
    """Put another file where the result is to be; the receipt is there already."""
    result = server.folder / "out" / f"{stem}-sealed.pdf"
    assert receipt_of(result).exists()
    result.write_bytes(b"theirs")


def the_archive_is_altered(site: TestSite, server: Sshd, stem: str) -> None:
    """Spoil the copy from which the result was sent; its receipt is there already."""
    assert receipt_of(server.folder / "out" / f"{stem}-sealed.pdf").exists()
    (archived,) = site.archive.rglob(f"{stem}-sealed.pdf")
    archived.chmod(0o600)
    archived.write_bytes(b"altered")


def the_reader_comes(site: TestSite, server: Sshd, stem: str) -> None:
    """Carry the pair away; the daemon has not been told that it was there."""
    result = server.folder / "out" / f"{stem}-sealed.pdf"
    for path in (result, receipt_of(result)):
        path.rename(server.folder / path.name)


DEATHS: tuple[tuple[int, Meanwhile], ...] = (
    (4, somebody_takes_the_name),  # the receipt has its name
    (4, the_archive_is_altered),
    (5, the_reader_comes),  # the result has its name; nothing is logged
)


def test_killed_between_the_steps_of_a_push(site: TestSite, server: Sshd, tmp_path: Path) -> None:
    """Whatever happens while the daemon is dead, each pair is there once, and logged once."""
    linked(site, server, fetching=False)
    armed, expected = tmp_path / "armed", set()
    for number, (point, meanwhile) in enumerate(DEATHS):
        command = (sys.executable, "-m", "tests.e2e.dying_remotely", str(point), str(tmp_path))
        process = site.start((*command, "--"))
        try:
            wait_for("the former one is done", lambda: len(site.events("push.done")) == number)  # noqa: B023
            wait_for("all is tidy", lambda: not any((server.folder / "out").glob(".*")))
            armed.touch()
            site.drop(write_pdf(tmp_path / f"{number}.pdf", (str(number),)))
            assert process.wait(DEADLINE) == -signal.SIGKILL
        finally:
            process.kill()
        armed.unlink()
        meanwhile(site, server, str(number))
        taken = "-2" if meanwhile is somebody_takes_the_name else ""
        expected.add(f"{number}-sealed{taken}.pdf")
    with site.daemon():
        wait_for("all is tidy", lambda: not any((server.folder / "out").glob(".*")))
    out = server.folder / "out"
    assert (out / "0-sealed.pdf").read_bytes() == b"theirs"
    (out / "0-sealed.pdf").unlink()
    carried = {path.name for path in server.folder.glob("*.pdf")}
    assert {path.name for path in out.glob("*.pdf")} | carried == expected
    assert not {path.name for path in out.iterdir()} & carried
    for name in expected:
        result = next(folder / name for folder in (out, server.folder) if (folder / name).exists())
        receipt = json.loads(receipt_of(result).read_text())
        assert receipt["result"]["sha256"] == hashlib.sha256(result.read_bytes()).hexdigest()
    assert len([*out.iterdir()]) + 2 * len(carried) == 2 * len(expected)
    assert len(site.events("push.done")) == len(DEATHS)
    assert site.events("push.impossible") == []
