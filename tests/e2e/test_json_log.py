"""Logs for programs: what the real daemon writes with `--log json`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for

HOSTILE = 'a"\n{"event":"forged"}.pdf'


def test_each_entry_is_one_line(site: TestSite, tmp_path: Path) -> None:
    """Every entry of the signing log comes once, in order, as one object; so does what is said."""
    process = site.start(log="json")
    site.drop(write_pdf(tmp_path / "one.pdf"), HOSTILE)
    wait_for("a result", lambda: '"job.archived"' in site.daemon_says())
    process.terminate()
    assert process.wait(60) == 0
    lines = [json.loads(line) for line in site.daemon_says().splitlines()]
    assert all(line["at"].endswith("Z") and line["event"] for line in lines)
    entries = [line for line in lines if line["event"] != "daemon.said"]
    assert {"daemon.started", "daemon.stopped"} <= {entry["event"] for entry in entries}
    numbers = [entry["sequence"] for entry in entries]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    (archived,) = (entry for entry in entries if entry["event"] == "job.archived")
    assert (archived["inbox"], archived["source"]) == ("documents", HOSTILE)
    assert archived["job"]
    assert {entry["hash"] for entry in entries} <= logged(site)


def test_why_it_did_not_start(site: TestSite) -> None:
    """What is wrong with the configuration comes as JSON, too."""
    site.edit("gateway.yaml", lambda text: text + "\nmonitring: {}\n")
    done = site.call("run", "--log", "json")
    assert done.returncode == 2
    (line,) = (json.loads(line) for line in done.stderr.splitlines())
    assert line["event"] == "daemon.said"
    assert "did you mean" in line["text"].lower()


def logged(site: TestSite) -> set[str]:
    """Return the hashes of all entries of the signing log."""
    done = site.call("log", "export", "--format", "json")
    return {json.loads(line)["hash"] for line in done.stdout.splitlines()}
