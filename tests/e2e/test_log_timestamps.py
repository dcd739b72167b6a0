"""The daemon has its log time-stamped, and no document waits for that."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest

from gateway.sandbox.process import SandboxProcess
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for
from tests.ledger.making import rehash, tamper


def test_the_daemon_stamps_and_documents_go_on(site: TestSite) -> None:
    """An authority that is down is told as a hold while documents are sealed; then it is made up.

    `log verify` says how far it reaches, finds a log that was rewritten as a whole, and `openssl`
    accepts what lies in the archive.
    """
    site.edit("gateway.yaml", lambda text: f'{text}\nlog: {{timestamp: {{daily: "03:00"}}}}\n')
    site.edit("rules/example.yaml", lambda text: text.replace("B-T", "B-B"))
    with SandboxProcess(site.state):
        site.tell(method="tsa", kind="503", times=1000)
        with site.daemon():
            wait_for("the hold", lambda: _held(site) == ["log:timestamp"])
            site.drop(write_pdf(site.root / "source.pdf"), "one.pdf")
            wait_for("the result", lambda: len(site.delivered()) == 1)
            assert _held(site) == ["log:timestamp"]
            site.forget_faults()
            wait_for("the time-stamp", lambda: "time-stamped up to entry" in site.daemon_says())
            wait_for("the end of the hold", lambda: _held(site) == [])
        status = site.call("status").stdout
        assert "log      time-stamped up to entry" in status
        verified = site.call("log", "verify")
        assert verified.returncode == 0, verified.stdout
        assert "1 time-stamp was checked" in verified.stdout
        (at_once,) = site.json("log", "timestamp")  # type: ignore[misc]
    files = sorted((site.archive / "log-timestamps").iterdir())
    assert [str(files[-1]), len(files)] == [at_once["file"], 2]
    report = site.root / "report.pdf"
    made = site.call("log", "export", "--pdf", str(report), "--outcome", "held")
    assert made.returncode == 0, made.stderr
    assert report.read_bytes().startswith(b"%PDF-")
    assert "is there already" in site.call("log", "export", "--pdf", str(report)).stderr
    ledger = site.state / "ledger.sqlite"
    tamper(ledger, "UPDATE log SET details = '{}' WHERE event = 'job.accepted'")
    rehash(ledger)
    rewritten = site.call("log", "verify")
    assert rewritten.returncode == 1
    assert "the log was rewritten" in rewritten.stdout
    if shutil.which("openssl") is None:
        pytest.skip("not installed: openssl")
    checked = ("openssl", "ts", "-verify", "-digest", at_once["hash"], "-in", at_once["file"])
    root = site.state / "sandbox" / "root.pem"
    judged = subprocess.run((*checked, "-CAfile", root), capture_output=True, check=False)
    assert b"Verification: OK" in judged.stdout + judged.stderr


def _held(site: TestSite) -> list[str]:
    with closing(sqlite3.connect(site.state / "ledger.sqlite")) as ledger:
        return [row[0] for row in ledger.execute("SELECT subject FROM holds")]
