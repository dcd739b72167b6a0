"""A burst of files, by any way, while daemon and server are killed in its middle."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.e2e.pages import write_pdf
from tests.e2e.senders import WAYS
from tests.e2e.site import TestSite, wait_for

_TOLD = 60.0
"""Seconds between two lines that say how far it is."""


def burst(
    root: Path, way: str, files: int, say: Callable[[str], None] = lambda words: None
) -> tuple[int, int]:
    """Send files to a running site, killing what serves and what seals them; all must be sealed.

    Returns how many results there are and how many signatures the service has charged.
    """
    site = TestSite.make(root / "site")
    staged = root / "staged"
    staged.mkdir()
    whole = write_pdf(root / "source.pdf").read_bytes()
    paths = [staged / f"{number:05}.pdf" for number in range(files)]
    for path in paths:
        path.write_bytes(whole)
    sender = WAYS[way](root, site.inbox)
    sending = threading.Thread(target=sender.send, args=(paths,))
    killed = site.start()
    try:
        wait_for("the daemon is ready", lambda: "ready" in site.daemon_says())
        sending.start()
        wait_for("the first have come in", lambda: any(site.inbox.glob("*.pdf")))
        sender.break_off()
        _await(site, files // 10 + 1, files, say)
        sender.break_off()
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        say(f"{way}: killed after {_archived(site)} of {files}")
        with site.daemon():
            _await(site, files, files, say)
            sending.join(60)
            charged = site.usage()["charged"]
    finally:
        killed.kill()
        sender.stop()
    names = {path.name for path in site.delivered()}
    assert names == {f"{path.stem}-sealed.pdf" for path in paths}
    assert not site.failures()
    assert not [path for path in site.inbox.rglob("*") if path.is_file()]
    assert site.call("log", "verify").returncode == 0
    return len(names), charged


def _await(site: TestSite, count: int, files: int, say: Callable[[str], None]) -> None:
    """Wait until so many are sealed; with many files it is seldom that they are counted."""
    deadline, told = time.monotonic() + max(600, files), time.monotonic()
    while (archived := _archived(site)) < count:
        assert time.monotonic() < deadline, f"{archived} of {count} sealed"
        if time.monotonic() - told > _TOLD:
            told = time.monotonic()
            say(f"{archived} of {files} sealed")
        time.sleep(max(0.05, files / 3000))


def _archived(site: TestSite) -> int:
    return sum(1 for _ in site.archive.rglob("*.receipt.json"))
