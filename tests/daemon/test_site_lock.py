"""The site's lock: one worker, and looking for it disturbs nobody."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from gateway.core.errors import UsageFault
from gateway.daemon.lock import SiteLock, holder


def test_one_at_a_time(tmp_path: Path) -> None:
    """A second worker is refused and told who works; the next may begin when the first ends."""
    with SiteLock(tmp_path):
        assert holder(tmp_path) == os.getpid()
        with pytest.raises(UsageFault, match=str(os.getpid())) as refused, SiteLock(tmp_path):
            pass
        assert refused.value.code == "usage.already-running"
    assert holder(tmp_path) is None
    with SiteLock(tmp_path):
        assert holder(tmp_path) == os.getpid()


def test_looking_never_keeps_a_worker_from_starting(tmp_path: Path) -> None:
    """However often others ask who works, a worker gets its lock at its first try."""
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            holder(tmp_path)

    lookers = [threading.Thread(target=look) for _ in range(3)]
    for one in lookers:
        one.start()
    try:
        for _ in range(300):
            with SiteLock(tmp_path):
                pass
    finally:
        ended.set()
        for one in lookers:
            one.join()
