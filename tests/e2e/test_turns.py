"""Whose turn it is, seen from outside: a flooded inbox, and another with a single file."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for

SMALL = 20
LARGE = 4
_LARGER_THAN_LARGE = 21_000_000  # bytes
_ANOTHER = "  single: {settle: 200ms, scan_every: 1s}\n"


def _flood(site: TestSite, tmp_path: Path) -> None:
    """Lay large files, then small ones, into the first inbox, which may work on two at a time."""
    key = "    path: inbox/documents\n"
    limit = f"inboxes:\n{_ANOTHER}"
    site.edit("gateway.yaml", lambda text: text.replace(key, f"{key}    in_flight: 2\n"))
    site.edit("gateway.yaml", lambda text: text.replace("inboxes:\n", limit))
    rules = site.root / "rules" / "example.yaml"
    rules.with_name("single.yaml").write_text(rules.read_text().replace("documents", "single"))
    small = write_pdf(tmp_path / "small.pdf")
    large = write_pdf(tmp_path / "large.pdf", ("A page", "x" * _LARGER_THAN_LARGE))
    for number in range(LARGE + SMALL):
        target = site.inbox / f"{number:03}.pdf"
        shutil.copyfile(large if number < LARGE else small, target)
        os.utime(target, (10**9 + number, 10**9 + number))


def test_a_flooded_inbox_keeps_nobody_waiting(site: TestSite, tmp_path: Path) -> None:
    """A file of another inbox overtakes the flood, which never fills more than its limit."""
    _flood(site, tmp_path)
    with site.daemon():
        wait_for("it is under way", lambda: bool(site.events("job.planned")))
        (site.root / "inbox" / "single").mkdir(parents=True, exist_ok=True)
        write_pdf(site.root / "inbox" / "single" / "urgent.pdf")
        everything = LARGE + SMALL + 1
        wait_for("all is sealed", lambda: len(site.events("job.archived")) == everything, 120)
    assert site.failures() == {}
    events = sorted(site.events("*"), key=lambda event: int(event["sequence"]))
    (urgent,) = [
        event["job"]
        for event in events
        if event["event"] == "job.claimed" and "urgent.pdf" in str(event["details"])
    ]
    under_way: set[str] = set()
    most, overtaken, waiting = 0, 0, False
    for event in events:
        name, job = event["event"], event["job"]
        if job == urgent:
            waiting = waiting or name == "job.claimed"
            waiting = waiting and name != "job.archived"
            continue
        if name == "job.accepted":
            under_way.add(job)
        if name == "job.archived":
            under_way.discard(job)
            overtaken += waiting
        most = max(most, len(under_way))
    assert most == 2
    assert overtaken <= 4, "it waited for the flood"
