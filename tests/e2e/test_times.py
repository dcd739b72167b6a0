"""Inboxes with hours and schedules, worked on by the real program."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for


def _limit(site: TestSite, line: str, more: str = "") -> None:
    """Give the site's inbox hours or a schedule."""
    key = "    path: inbox/documents\n"
    site.edit("gateway.yaml", lambda text: text.replace(key, f"{key}    {line}\n") + more)


def _closed() -> str:
    """Return a calendar that is closed today and tomorrow."""
    open_day = (datetime.now(UTC) + timedelta(days=3)).strftime("%a")
    return f'calendars:\n  office: {{hours: "{open_day} 08:00-18:00"}}\n'


def test_closed_inbox_waits_until_it_is_told(site: TestSite) -> None:
    """Outside of its hours a file stays untouched, status says until when, and --now takes it."""
    _limit(site, "open: office", _closed())
    dropped = write_pdf(site.inbox / "a.pdf")
    swept = site.call("sweep")
    assert swept.returncode == 0, swept.stderr
    assert "1 file waits until" in swept.stderr
    assert "08:00 UTC" in swept.stderr
    assert dropped.exists()
    assert "waits until" in site.call("status").stdout
    swept = site.call("sweep", "--now")
    assert swept.returncode == 0, swept.stderr
    assert [path.name for path in site.delivered()] == ["a-sealed.pdf"]


def test_scheduled_sweeps(site: TestSite) -> None:
    """A missed sweep is made up once at the start; later files wait until told; both report."""
    hour = (datetime.now(UTC) + timedelta(hours=12)).hour
    _limit(site, f'sweeps: ["0 {hour} * * *"]')
    write_pdf(site.inbox / "a.pdf")
    (site.inbox / "b.pdf").write_bytes(b"no PDF")
    swept = site.call("sweep")
    assert "2 files wait until" in swept.stderr
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    with sqlite3.connect(site.state / "ledger.sqlite") as ledger:
        ledger.execute("UPDATE facts SET value = ? WHERE name LIKE 'sweep.latest:%'", (yesterday,))
    with site.daemon():
        wait_for("the missed sweep", lambda: len(site.events("sweep.ended")) == 1)
        (report,) = _reports(site)
        assert len(report["delivered"]) == 1
        assert [item["code"] for item in report["failed"]] == ["intake.not-a-pdf"]
        later = write_pdf(site.inbox / "c.pdf")
        site.call("sweep")
        assert later.exists()
        swept = site.call("sweep", "--now")
        assert swept.returncode == 0, swept.stderr
        wait_for("the second report", lambda: len(_reports(site)) == 2)
    assert not later.exists()
    assert len(list((site.state / "reports").glob("*.txt"))) == 2
    assert len(site.events("sweep.ended")) == 2


def test_a_sweep_goes_on_after_a_kill(site: TestSite) -> None:
    """Killed in its middle, a scheduled sweep is finished by the next daemon, with one report."""
    hour = (datetime.now(UTC) + timedelta(hours=12)).hour
    _limit(site, f'sweeps: ["0 {hour} * * *"]\n    in_flight: 1')
    for number in range(8):
        write_pdf(site.inbox / f"{number}.pdf")
    site.call("sweep")
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    with sqlite3.connect(site.state / "ledger.sqlite") as ledger:
        ledger.execute("UPDATE facts SET value = ? WHERE name LIKE 'sweep.latest:%'", (yesterday,))
    daemon = site.start()
    try:
        wait_for("its middle", lambda: bool(site.delivered()))
    finally:
        daemon.kill()
        daemon.wait()
    assert not site.events("sweep.ended"), "it was over before the kill"
    with site.daemon():
        wait_for("the report", lambda: bool(site.events("sweep.ended")))
    (report,) = _reports(site)
    assert len(report["delivered"]) == 8
    assert len(site.delivered()) == 8
    assert len(site.events("sweep.ended")) == 1


def _reports(site: TestSite) -> list[dict[str, list[dict[str, str]]]]:
    files = sorted((site.state / "reports").glob("*.json"))
    return [json.loads(file.read_text()) for file in files]
