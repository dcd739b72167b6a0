"""A real Chromium, and the console that it looks at."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import HTTPError, URLError

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.site import TestSite, wait_for

CHROMIUM = "/usr/bin/chromium"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a browser."""
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"not installed: {CHROMIUM}")
    with sync_playwright() as playwright:
        # Tests run as root, where Chromium has no sandbox; it sees nothing but our own pages.
        options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@contextmanager
def framed(site: TestSite) -> Iterator[str]:
    """Serve the positioning page of a site; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = site.root.parent / "frame.words"
    with words.open("wb") as said:
        process = subprocess.Popen(
            (sys.executable, "-m", "tests.console.frame", str(site.root), str(port)),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for("the frame answers", lambda: _answers(address))
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5)  # noqa: S310
    except HTTPError:
        return True
    except (URLError, OSError):
        return False
    return True
