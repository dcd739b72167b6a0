"""The PDF report of the log, as programs that are not ours read it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from gateway.core.chain import Flaw
from gateway.core.log_query import LogOutcome, LogQuery
from gateway.core.log_report import LogReport
from gateway.core.notice_settings import Language
from gateway.core.states import Event
from gateway.ledger import SqliteLedger
from gateway.pdf.printing import PdfPrinter
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.log_auditing import LogAudit
from gateway.pipeline.log_reporting import Asked, LogReporting
from gateway.seals.lettering import FontLettering
from tests.ledger.making import WAY, StandingClock, new_job

for tool in ("qpdf", "pdftotext", "pdffonts"):
    if shutil.which(tool) is None:
        pytest.skip(f"not installed: {tool}", allow_module_level=True)

_HOSTILE = (
    "供货合同（华东）.pdf",
    "a) Tj ET Q (b\\.pdf",
    "<</Type/Catalog>> endstream endobj.pdf",
    "<script>alert(1)</script>.pdf",
    "two\nlines\x00and\x1bcontrols.pdf",
    "turned\u202efdp.exe",
    "undecodable\udcff.pdf",
    "عقد.pdf",
    "party 🎉.pdf",
    "o\u0308" * 30 + ".pdf",
    "x" * 230 + ".pdf",
    "",
)
_SAID = {name: name for name in (*_HOSTILE, "half a pair\ud800.pdf")}


class Office:
    """A ledger of documents with hostile names, and what makes reports of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ledger = SqliteLedger(root / "state" / "ledger.sqlite", StandingClock())
        for number, name in enumerate(_HOSTILE):
            job = self.ledger.open(new_job(f"job-{number}", name), {"source": name})
            job = self.ledger.advance(job, Event.ACCEPTED, {}, sha256=f"{number:064x}")
            job = self.ledger.advance(job, Event.PLANNED, {}, seal="合同专用章", rule="contracts")
            if number % 3 == 2:
                job = self.ledger.advance(job, Event.GAVE_UP, {"code": "pdf.unreadable"})
                self.ledger.advance(job, Event.FAILED, {})
            else:
                for event in WAY[2:]:
                    job = self.ledger.advance(job, event, {"path": name})
        self.ledger.record("test.said", _SAID, "person:王小明")
        self.flaws: tuple[Flaw, ...] = ()

    def make(
        self,
        query: LogQuery,
        *,
        most: int = 10_000,
        language: Language = Language.ENGLISH,
        asker: str = "person:王小明",
    ) -> tuple[LogReport, Path]:
        """Make a report."""
        equipment = SimpleNamespace(clock=StandingClock(), log=self.ledger, jobs=self.ledger)
        reporting = LogReporting(
            cast("Equipment", equipment),
            "示例科技 & Co (Ltd) \\",
            lambda: LogAudit(self.flaws, self.ledger.log_timestamps.head(), 0, None),
            _printing,
            most=most,
        )
        file = self.root / f"{len(list(self.root.glob('*.pdf')))}.pdf"
        return reporting.make(Asked(query, asker, language), file), file


def _printing() -> tuple[PdfPrinter, FontLettering]:
    return PdfPrinter(), FontLettering()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Yield one for all tests."""
    made = Office(tmp_path_factory.mktemp("reports"))
    yield made
    made.ledger.close()


@pytest.fixture(scope="module")
def whole(office: Office) -> tuple[LogReport, Path]:
    """Return a report of everything."""
    return office.make(LogQuery())


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    return done.stdout.decode("utf-8", "replace")


def _text(file: Path) -> str:
    return _run("pdftotext", "-layout", file, "-")


def test_hostile_names_break_nothing(whole: tuple[LogReport, Path]) -> None:
    """The file is sound, every font is embedded, and no name has become an object of the file."""
    report, file = whole
    assert "No syntax or stream encoding errors" in _run("qpdf", "--check", file)
    fonts = _run("pdffonts", file).splitlines()[2:]
    assert fonts
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)
    text = _text(file)
    for words in ("供货合同（华东）.pdf", "a) Tj ET Q (b\\.pdf", "<script>alert(1)</script>.pdf"):
        assert words in text
    assert "party 🎉.pdf" in text
    assert "two□lines□and□controls.pdf" in text
    assert "turned□fdp.exe" in text
    assert "\u202e" not in text
    assert r"undecodable\xff.pdf" in text
    assert report.found == report.shown


def test_it_says_who_asked_for_what(whole: tuple[LogReport, Path], office: Office) -> None:
    """Site, person, counts, chain and time-stamp are on the first page."""
    _, file = whole
    front = _text(file).split("\f")[0]
    head = office.ledger.log_timestamps.head()
    for words in (
        "示例科技 & Co (Ltd) \\",
        "person:王小明",
        f"{head.sequence} entries about {len(_HOSTILE)} documents",
        f"Whole: {head.sequence} entries were hashed again",
        "whoever can write the ledger could have made it anew",
        "Delivered, by day",
        "合同专用章",
        "invoices / contracts",
    ):
        assert words in front
    assert head.hash in front.replace("\n", "").replace(" ", "")
    delivered = sum(number % 3 != 2 for number in range(len(_HOSTILE)))
    assert f"{delivered}" in front


def test_every_entry_has_its_row_and_every_page_its_number(
    whole: tuple[LogReport, Path], office: Office
) -> None:
    """Nothing is left out between pages, and the last page knows that it is the last."""
    _, file = whole
    pages = _text(file).rstrip("\f").split("\f")
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
    rows = [
        line.split()[0] for page in pages[1:] for line in page.splitlines() if line[:1].isdigit()
    ]
    assert rows == [str(entry.sequence) for entry in office.ledger.entries()]


def test_filters_are_told_and_heeded(office: Office) -> None:
    """What was asked for is named, and only that is there."""
    query = LogQuery(text="合同专用章", outcome=LogOutcome.FAILED, until="2026-12-31")
    report, file = office.make(query, language=Language.CHINESE)
    text = _text(file)
    assert report.found == len(_HOSTILE) // 3
    assert "关键词: 合同专用章 · 结果: 失败" in text
    assert "2026-12-31" in text
    assert "job.failed" in text
    assert "job.claimed" not in text
    assert "第 2 页，共 2 页" in text


def test_long_logs_are_capped_in_so_many_words(office: Office) -> None:
    """The newest entries are shown, and the reader is told of the others."""
    report, file = office.make(LogQuery(), most=7)
    text = _text(file)
    assert (report.shown, report.found > 7) == (7, True)
    assert f"The 7 newest of {report.found} entries are shown" in text
    assert "test.said" in text
    assert "供货合同（华东）.pdf  " not in text


def test_empty_and_broken_logs(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of nothing is one page; one of a log with flaws says so in capitals."""
    monkeypatch.setattr(office, "flaws", (Flaw(7, "content was altered"),))
    report, file = office.make(LogQuery(text="nothing has this"), asker="x" * 300)
    text = _text(file)
    assert report.found == 0
    assert "NOT WHOLE: 1 flaws were found. The first: entry 7, content was altered." in text
    assert "Page 1 of 1" in text
    assert "No entry tells of an outcome." in text


def test_entries_that_come_meanwhile_are_left_out(office: Office) -> None:
    """What is appended while a report is made is in none of its passes."""
    before = office.ledger.log_timestamps.head().sequence
    audit = LogAudit((), office.ledger.log_timestamps.head(), 0, None)

    def auditing() -> LogAudit:
        office.ledger.record("test.late", {"字": "迟"})
        return audit

    equipment = SimpleNamespace(clock=StandingClock(), log=office.ledger, jobs=office.ledger)
    reporting = LogReporting(cast("Equipment", equipment), "x", auditing, _printing)
    asked = Asked(replace(LogQuery(), event="test.*"), "x", Language.ENGLISH)
    report = reporting.make(asked, office.root / "late.pdf")
    assert (report.found, report.last) == (1, list(office.ledger.entries())[before - 1].at)
