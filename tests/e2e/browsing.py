"""A real Chromium, and the console that it looks at."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import HTTPError, URLError

import pytest
from playwright.sync_api import Browser, sync_playwright

from gateway.cli.site import opened
from tests.console.conftest import add_users
from tests.e2e.site import SEALGATE, TestSite, wait_for

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


def listening(site: TestSite) -> str:
    """Have a site's console listen on a port of its own; return its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    listen = re.compile(r"^  listen: .*$", re.MULTILINE)
    site.edit("gateway.yaml", lambda text: listen.sub(f"  listen: {address}", text, count=1))
    return f"http://{address}"


@contextmanager
def consoled(site: TestSite, address: str, *, users: bool = True) -> Iterator[None]:
    """Run `sealgate console` meanwhile, with one user of each role unless there are others."""
    if users:
        with opened(site.root) as own:
            add_users(own)
    words = site.root.parent / "console.words"
    with words.open("wb") as said:
        process = subprocess.Popen(
            (*SEALGATE, "console", "--site", str(site.root)),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    try:
        wait_for("the console answers", lambda: _answers(address))
        yield
    finally:
        process.terminate()
        assert process.wait(20) == 0, "it ends in good order"


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5)  # noqa: S310
    except HTTPError:
        return True
    except (URLError, OSError):
        return False
    return True
