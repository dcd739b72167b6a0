"""Batches: what a manifest lists is awaited, checked, sealed, and reported once."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sys
import zipfile
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import main
from gateway.core.batches import Listed
from gateway.core.job import Job
from gateway.core.states import Event, State
from gateway.core.tickets import Ticket
from gateway.ledger import SqliteLedger
from gateway.sandbox.process import SandboxProcess
from gateway.wiring.site import SystemClock
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for

RULES = """\
inbox: documents
rules:
  - name: all
    seal: company-seal
    place: {corner: bottom-right, margin: 15mm}
    tickets: {reference: '.{1,40}', recipients: [legal]}
    deliver: {name: "{stem}-{reference}.pdf", otherwise: none}
"""
DEATHS = (20, 50, 80, 110, 135, 155)
"""Durable steps, of about 165, at which a daemon dies over a batch of two."""


_LONG_NAME = 'name: "{date}-{job}-{sha8}-{stem}-{reference}.pdf"'


def explained(site: TestSite, file: Path) -> dict[str, Any]:
    """Explain a file in this process."""
    out = io.StringIO()
    with redirect_stdout(out):
        assert main(["explain", str(file), "--json", "--site", str(site.root)]) == 0
    value: dict[str, Any] = json.loads(out.getvalue())
    return value


def test_a_document_is_explained_by_its_manifest(site: TestSite) -> None:
    """One that lies beside it, or awaits it, gives its row; else it is said what is missing."""
    configure(site, "{}")
    site.edit("rules/example.yaml", lambda text: re.sub("name: .{stem}.*pdf.", _LONG_NAME, text))
    document = write_pdf(site.inbox / "b.pdf")
    assert explained(site, document)["waits"] == "waits for a manifest that lists it"
    manifest = site.inbox / "nov.batch.csv"
    manifest.write_text("file,reference\na.pdf,R-1\nb.pdf,R-2,R-3\n")
    assert "nov.batch.csv: line 3" in explained(site, document)["waits"]
    manifest.write_text("file,reference\na.pdf,R-1\nb.pdf,R-2\n")
    told = explained(site, document)
    assert "waits" not in told
    assert told["ticket"] == {"file": "nov.batch.csv, row 2", "reference": "R-2"}
    name = f"<job>-{sha256(document)[:8]}-b-R-2.pdf"
    assert told["result"] in {f"documents/{day}-{name}" for day in around_now()}
    manifest.unlink()
    await_listed(site, Listed("b.pdf", Ticket(reference="R-7")))
    assert explained(site, document)["ticket"]["file"] == "dec.batch.csv, row 1"


def around_now() -> set[str]:
    """Return today and yesterday, in UTC."""
    now = datetime.now(UTC)
    return {f"{now:%Y-%m-%d}", f"{now - timedelta(days=1):%Y-%m-%d}"}


def await_listed(site: TestSite, *documents: Listed) -> None:
    """Let a manifest be under way that lists documents."""
    now = datetime.now(UTC)
    ledger = SqliteLedger(site.state / "ledger.sqlite", SystemClock())
    job = Job("1", State.CLAIMED, 1, "documents", "dec.batch.csv", "/spool", now, now)
    job = ledger.advance(ledger.open(job, {}), Event.ACCEPTED, {})
    ledger.batches.begin(job, documents, 3600)
    ledger.close()


def batches(site: TestSite, terms: str) -> None:
    """Let the inbox of a site take manifests, checked."""
    configure(site, terms)
    assert site.call("check").returncode == 0


def configure(site: TestSite, terms: str) -> None:
    """Let the inbox of a site take manifests."""
    (site.root / "rules" / "example.yaml").write_text(RULES)
    site.edit(
        "gateway.yaml",
        lambda text: text.replace("    settle:", f"    batches: {terms}\n    settle:", 1),
    )


def sha256(path: Path) -> str:
    """Return a file's SHA-256 in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def rows(report: bytes) -> dict[str, dict[str, str]]:
    """Return a report's rows by file."""
    return {row["file"]: row for row in csv.DictReader(io.StringIO(report.decode()))}


def test_a_batch_from_its_documents_to_its_report(site: TestSite) -> None:
    """Documents first, then the manifest: each row counts, and the report tells of all."""
    batches(site, "{missing_after: 10s}")
    a, _, alone = (write_pdf(site.inbox / "pay" / f"{n}.pdf", (n,)) for n in ("a", "b", "alone"))
    with SandboxProcess(site.state):
        assert site.call("sweep").returncode == 0
        assert site.delivered() == []
        waiting = site.call("status").stdout
        assert "waits for a manifest that lists it" in waiting

        lines = (
            "file;sha256;reference",
            f"a.pdf;{sha256(a)};R-1",
            f"b.pdf;{'0' * 64};R-2",
            "=c.pdf",
        )
        manifest = site.inbox / "pay" / "nov.batch.csv"
        manifest.write_text("".join(f"{line}\r\n" for line in lines), "utf-8-sig")
        assert site.call("sweep").returncode == 3, "the batch waits for what is missing"
        assert site.failures() == {"b.pdf": "ticket.wrong-hash"}
        assert [path.name for path in site.delivered()] == ["a-R-1.pdf"]
        assert "2 of 3 have ended, 1 are missing" in site.call("status").stdout
        reports = site.outbox / "documents" / "pay"
        with site.daemon():
            wait_for("the report", (reports / "nov-report.csv").exists)
        assert alone.exists(), "what nobody lists is left alone"
        assert site.usage()["charged"] == 1
    table = rows((reports / "nov-report.csv").read_bytes())
    assert {file: row["outcome"] for file, row in table.items()} == {
        "a.pdf": "delivered",
        "b.pdf": "failed",
        "'=c.pdf": "missing",
    }
    result = Path(table["a.pdf"]["result"])
    assert (table["a.pdf"]["original_sha256"], table["a.pdf"]["result_sha256"]) == (
        sha256(next(site.archive.rglob("a.pdf"))),
        sha256(result),
    )
    assert table["b.pdf"]["code"] == "ticket.wrong-hash"
    receipt = json.loads((reports / "nov-report.csv.receipt.json").read_text())
    assert receipt["documents"] == {"listed": 3, "delivered": 1, "failed": 1, "missing": 1}
    one = json.loads(Path(f"{result}.receipt.json").read_text())
    assert one["batch"] == receipt["job"]
    assert one["ticket"]["file"] == "nov.batch.csv, row 1"
    assert [path.name for path in site.archive.rglob("nov*")] != []
    assert site.call("log", "verify", "--archive").returncode == 0


def test_a_zip_and_a_manifest_that_is_mended(site: TestSite) -> None:
    """A manifest nobody understands fails and can be tried again; results come as one ZIP."""
    batches(site, "{zip: true, alone: true}")
    manifest = site.inbox / "x.batch.json"
    manifest.write_text('{"count": 3, "documents": [{"file": "a.pdf", "reference": "7"}]}')
    with SandboxProcess(site.state):
        assert site.call("sweep").returncode == 1
        assert site.failures() == {"x.batch.json": "batch.unreadable"}
        (told,) = site.events("job.failed")
        (failed,) = site.failed.rglob("x.batch.json")
        failed.write_text('{"documents": [{"file": "a.pdf", "reference": "7"}, {"file": "b.pdf"}]}')
        assert site.call("retry", told["job"]).returncode == 0
        assert site.call("sweep").returncode == 3
        for name in ("a", "b", "c"):
            write_pdf(site.inbox / f"{name}.pdf", (name,))
        assert site.call("sweep").returncode == 0
    pack = site.outbox / "documents" / "x.zip"
    with zipfile.ZipFile(pack) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "report.csv",
            *("a-7.pdf", "a-7.pdf.receipt.json", "b-none.pdf", "b-none.pdf.receipt.json"),
        ]
        assert archive.read("a-7.pdf") == (site.outbox / "documents" / "a-7.pdf").read_bytes()
        assert set(rows(archive.read("report.csv"))) == {"a.pdf", "b.pdf"}
    assert (site.outbox / "documents" / "c-none.pdf").exists(), "taken by itself"
    assert len(site.events("batch.collected")) == 1
    assert site.call("log", "verify", "--archive").returncode == 0


@pytest.mark.parametrize("number", DEATHS)
def test_killed_over_a_batch(site: TestSite, tmp_path: Path, number: int) -> None:
    """Whatever step a daemon dies at, each document is sealed once and the report comes once."""
    batches(site, "{missing_after: 10m, zip: true}")
    folder = tmp_path / "lane"
    folder.mkdir()
    (folder / "armed").touch()
    for name in ("a", "b"):
        write_pdf(site.inbox / f"{name}.pdf", (name,))
    (site.inbox / "x.batch.csv").write_text("file,reference\na.pdf,1\nb.pdf,2\n")
    dying = (sys.executable, "-m", "tests.e2e.dying", str(number), "after", str(folder), "--")
    pack = site.outbox / "documents" / "x.zip"
    with SandboxProcess(site.state):
        process = site.start(dying)
        assert process.wait(120) == -9, site.daemon_says()
        with site.daemon():
            wait_for("the batch has ended", lambda: len(site.events("job.archived")) == 3)
        assert site.usage()["charged"] == 2
    assert [path.name for path in site.delivered()] == ["a-1.pdf", "b-2.pdf"]
    assert [path.name for path in pack.parent.glob("*.zip")] == ["x.zip"]
    with zipfile.ZipFile(pack) as archive:
        assert len(archive.namelist()) == 5
    assert len(site.events("batch.listed")) == 1
    assert site.call("log", "verify", "--archive").returncode == 0
