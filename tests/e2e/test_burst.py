"""More files at once than the kernel's event queue holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for

QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
FILES = int(os.environ.get("SEALGATE_TEST_BURST", "48"))
"""Three times what the queue holds, and as many times more as one wants."""


@pytest.fixture
def short_queue() -> Iterator[None]:
    """Lower the kernel's queue of folder events for the time of a test."""
    if not os.access(QUEUE, os.W_OK):
        pytest.skip(f"{QUEUE} cannot be written: needs root")
    before = QUEUE.read_text()
    try:
        QUEUE.write_text("16")
    except OSError as error:
        pytest.skip(f"{QUEUE} cannot be written: {error}")
    yield
    QUEUE.write_text(before)


def test_burst_with_a_short_event_queue(site: TestSite, tmp_path: Path, short_queue: None) -> None:
    """Many files dropped in one burst are all delivered, once, though events are lost."""
    source = write_pdf(tmp_path / "source.pdf")
    staged = tmp_path / "staged"
    staged.mkdir()
    for number in range(FILES):
        (staged / f"{number:04}.pdf").write_bytes(source.read_bytes())
    with site.daemon():
        wait_for("the daemon is ready", lambda: "ready" in site.daemon_says())
        for file in staged.iterdir():
            os.link(file, site.inbox / file.name)
            file.unlink()
        wait_for(
            f"{FILES} results archived",
            lambda: len(list(site.archive.rglob("*.receipt.json"))) == FILES,
            seconds=600,
        )
        assert site.usage()["charged"] == FILES
    names = {path.name for path in site.delivered()}
    assert names == {f"{number:04}-sealed.pdf" for number in range(FILES)}
    assert not list(site.inbox.iterdir())
