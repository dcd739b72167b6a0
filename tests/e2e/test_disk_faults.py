"""Disks that fail, fill up or become read-only under the running daemon: held, then finished."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for

_FAILING = Path(__file__).with_name("failing.py")
Mount = Callable[[Path, str], None]


@pytest.fixture
def mount() -> Iterator[Mount]:
    """Mounts a small file system of memory on a folder, or changes how it is mounted."""
    if os.geteuid() != 0:
        pytest.skip("needs root: mounts a small file system")
    mounted: list[Path] = []

    def run(folder: Path, options: str) -> None:
        chosen = f"remount,{options}" if folder in mounted else options
        command = ("mount", "-t", "tmpfs", "-o", chosen, "none", str(folder))
        if subprocess.run(command, check=False).returncode != 0:
            pytest.skip("this machine does not let us mount")
        mounted.append(folder)

    yield run
    for folder in dict.fromkeys(mounted):
        subprocess.run(("umount", str(folder)), check=True)


def held(site: TestSite) -> set[str]:
    """Return the codes of all holds."""
    return {hold["code"] for hold in site.json("status")["holds"]}


def test_fsync_that_fails(site: TestSite, tmp_path: Path) -> None:
    """While nothing can be made durable nothing is sent; afterwards all is delivered, once."""
    failing = tmp_path / "failing"
    failing.touch()
    command = (sys.executable, str(_FAILING), str(tmp_path), "--")
    with site.daemon(command):
        for name in ("a", "b", "c"):
            site.drop(write_pdf(tmp_path / f"{name}.pdf"))
        wait_for("the work is held", lambda: "site.input-output" in held(site))
        assert (tmp_path / "failures").read_text()
        assert not site.delivered()
        assert site.usage()["charged"] == 0
        failing.unlink()
        wait_for("all are delivered", lambda: len(site.events("job.archived")) == 3)
        wait_for("nothing is held", lambda: not held(site))
        assert site.usage()["charged"] == 3
    assert len(site.delivered()) == 3
    assert not [path for path in site.inbox.rglob("*") if path.is_file()]
    assert site.call("log", "verify").returncode == 0


def test_outbox_that_is_read_only_for_a_while(site: TestSite, tmp_path: Path, mount: Mount) -> None:
    """Results wait, paid for once, until the outbox can be written to again."""
    mount(site.outbox, "size=10m")
    mount(site.outbox, "ro")
    with site.daemon():
        site.drop(write_pdf(tmp_path / "a.pdf"))
        wait_for("the work is held", lambda: "site.denied" in held(site))
        assert not site.failures()
        mount(site.outbox, "rw")
        wait_for("it is delivered", lambda: len(site.events("job.archived")) == 1)
        assert site.usage()["charged"] == 1
    assert [path.name for path in site.delivered()] == ["a-sealed.pdf"]


def test_inbox_that_fills_up(site: TestSite, tmp_path: Path, mount: Mount) -> None:
    """What fits is sealed although its share is full, and makes room; what was cut off fails."""
    mount(site.inbox, "size=64k")
    whole = write_pdf(tmp_path / "whole.pdf").read_bytes()
    names = []
    with pytest.raises(OSError, match="No space left"):
        for number in range(1000):
            with (site.inbox / f"{number:03}.pdf").open("wb", buffering=0) as file:
                if file.write(whole) < len(whole):
                    file.write(whole)
            names.append(f"{number:03}")
    cut = f"{len(names):03}.pdf"
    assert names
    with site.daemon():
        wait_for("all are sealed", lambda: len(site.events("job.archived")) == len(names))
        wait_for("the cut one fails", lambda: bool(site.failures()))
        site.drop(write_pdf(tmp_path / "later.pdf"))
        wait_for("there is room", lambda: len(site.events("job.archived")) == len(names) + 1)
        assert site.usage()["charged"] == len(names) + 1
    assert set(site.failures()) == {cut}
    found = {path.name for path in site.delivered()}
    assert found == {f"{name}-sealed.pdf" for name in (*names, "later")}
