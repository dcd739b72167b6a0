"""Fixtures of the folders' tests: a site, a clock, jobs, real mounts."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.job import Job
from gateway.core.states import State
from tests.folders.site import HandClock, Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Make a site's folders."""
    root = tmp_path / "site"
    root.mkdir()
    return Site(root)


@pytest.fixture
def clock() -> HandClock:
    """Return a clock that is turned by hand."""
    return HandClock()


@pytest.fixture
def job() -> Callable[..., Job]:
    """Return a maker of jobs, of which only what a test is about needs to be said."""

    def make(**changes: object) -> Job:
        fields: dict[str, object] = {
            "id": "20261123-230714-7f3a9c",
            "state": State.VERIFIED,
            "version": 5,
            "inbox": "main",
            "source": "a.pdf",
            "spooled": "",
            "created": datetime(2026, 11, 23, 23, 7, 14, tzinfo=UTC),
            "updated": datetime(2026, 11, 23, 23, 7, 14, tzinfo=UTC),
        }
        return Job(**(fields | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def mount_tmpfs() -> Iterator[Callable[..., Path]]:
    """Return a function that mounts a small tmpfs on a folder; all are unmounted at the end."""
    mounted: list[Path] = []

    def mount(point: Path, size: str = "4m") -> Path:
        if os.geteuid() != 0:
            pytest.skip("mounting a tmpfs needs root")
        point.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(point)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"this machine does not let root mount a tmpfs: {done.stderr.strip()}")
        mounted.append(point)
        return point

    yield mount
    for point in reversed(mounted):
        subprocess.run(["umount", "--lazy", str(point)], capture_output=True, check=False)
