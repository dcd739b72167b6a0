"""The clock of the machine is stepped by a day, forth and back, while the daemon works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for

_LIBRARIES = tuple(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
_EACH = 5
_SLEEP = """\
import select, time
time.sleep = lambda seconds: select.select((), (), (), seconds) and None
"""
"""libfaketime refuses the absolute sleeps on the monotonic clock that Python's own are made of."""


@pytest.mark.skipif(not _LIBRARIES, reason="needs the package faketime")
def test_clock_steps_under_load(site: TestSite, tmp_path: Path) -> None:
    """Everything is delivered once and paid once, and the log verifies."""
    clock = tmp_path / "clock"
    _step(clock, "+0")
    site.environment |= {
        "LD_PRELOAD": str(_LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": str(tmp_path / "python"),
    }
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "sitecustomize.py").write_text(_SLEEP)
    source = write_pdf(tmp_path / "source.pdf")
    count = 0
    with site.daemon():
        wait_for("the daemon is ready", lambda: "ready" in site.daemon_says(), 20)
        for offset in ("+0", "+86400", "+0"):
            # With documents under way: the step hits them in the middle.
            _step(clock, offset)
            for _ in range(_EACH):
                site.drop(source, f"{count:02}.pdf")
                count += 1
            _wait_for_results(site, count - _EACH + 2)
        _wait_for_results(site, count)
        assert site.usage()["charged"] == count
    assert len(site.delivered()) == count
    assert site.failures() == {}
    days = {entry["at"][:10] for entry in site.events("job.claimed")}
    assert len(days) >= 2, "the clock was not stepped"
    done = site.call("log", "verify")
    assert done.returncode == 0, done.stdout + done.stderr


def _step(clock: Path, offset: str) -> None:
    """Let the clock be off by seconds, in one step."""
    fresh = clock.with_suffix(".new")
    fresh.write_text(offset + "\n")
    fresh.replace(clock)


def _wait_for_results(site: TestSite, least: int) -> None:
    wait_for(f"{least} results", lambda: len(site.delivered()) >= least)
