"""The signing log in the console: search, export, chain, verification."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from gateway.console.routes import log
from gateway.core.log_timestamps import SUBJECT, LogTimestamp
from gateway.wiring import Site, stamp_books
from tests.console.browser import Browser, text_of
from tests.fakes.authority import Authority

MARKUP = "<script>alert(1)</script>"


def test_entries_are_found_and_exported(logged_in: Callable[[str], Browser], site: Site) -> None:
    """What is found on the page is in the export, and markup in the log stays text."""
    site.equipment.log.record(
        "test.noted", {"what": MARKUP, "word": "needle"}, "person:eve" + MARKUP
    )
    browser = logged_in("auditor")
    page = browser.get("/log?text=needle")
    assert MARKUP not in page.text
    assert MARKUP in text_of(page)
    lines = browser.get("/log/export.jsonl?text=needle").text.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["test.noted"]
    assert "needle" in browser.get("/log/export.csv?actor=EVE").text
    assert "No entry fits" in text_of(browser.get("/log?text=needle&until=2001-01-01"))


def test_outcomes_are_a_filter(logged_in: Callable[[str], Browser], site: Site) -> None:
    """Page and export show what ended so; an outcome that is none filters nothing."""
    for event in ("test.seen", "job.failed"):
        site.equipment.log.record(event, {"word": "outcomes"})
    browser = logged_in("auditor")
    page = browser.get("/log?text=outcomes&outcome=failed")
    assert "job.failed" in text_of(page)
    assert "test.seen" not in text_of(page)
    assert '<option value="failed" selected>' in page.text
    lines = browser.get("/log/export.jsonl?text=outcomes&outcome=failed").text.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["job.failed"]
    assert "test.seen" in text_of(browser.get("/log?text=outcomes&outcome=nonsense"))


def test_a_report_is_downloaded(
    logged_in: Callable[[str], Browser], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sees the log gets the page's search as a PDF, in the page's language."""
    site.equipment.log.record("test.printed", {"word": "printed"})
    browser = logged_in("auditor")
    page = browser.get("/log?text=printed")
    assert 'href="/log/report.pdf?text=printed"' in page.text
    told = browser.get("/log/report.pdf?text=printed")
    assert (told.status_code, told.headers["content-type"]) == (200, "application/pdf")
    assert "attachment" in told.headers["content-disposition"]
    assert told.content.startswith(b"%PDF-")
    assert logged_in("submitter").get("/log/report.pdf").status_code == 403
    monkeypatch.setattr(log, "_REPORT_PATIENCE", 0.01)
    with log._ONE_REPORT:
        assert "Another report is being made" in text_of(browser.get("/log/report.pdf"))
    assert browser.get("/log/report.pdf?since=yesterday").status_code == 400


def test_the_chain_is_checked(logged_in: Callable[[str], Browser]) -> None:
    """A whole log is called whole."""
    browser = logged_in("auditor")
    assert "The signing log is whole." in text_of(browser.post("/log/verify"))
    assert browser.get("/log/figures").status_code == 200


def test_time_stamps_are_told(logged_in: Callable[[str], Browser], site: Site) -> None:
    """The page says how far they reach, what is wrong with making them, and checks them."""
    browser = logged_in("auditor")
    assert "No time-stamp vouches" in text_of(browser.post("/log/verify"))
    site.equipment.holds.hold(SUBJECT, "tsa.unreachable", "no route", 0)
    assert "The time-stamp authority cannot be reached." in text_of(browser.get("/log"))
    site.equipment.holds.release(SUBJECT)
    clock, books = site.equipment.clock, stamp_books(site)
    now = clock.now()
    token = Authority(clock.now).timestamp(bytes.fromhex(books.kept.head().hash), "sha256")
    stamp = LogTimestamp(books.kept.head(), now, "elsewhere", now, "x.tsr", token)
    books.files.keep("x.tsr", books.tokens().response_of(token))
    assert books.kept.add(stamp, "user:test")
    assert "by elsewhere" in text_of(browser.get("/log"))
    assert "its authority is not trusted by this site" in text_of(browser.post("/log/verify"))


def test_any_pdf_is_verified(logged_in: Callable[[str], Browser]) -> None:
    """An unsigned PDF is called so, and rubbish gets a reason."""
    browser = logged_in("submitter")
    for content, words in ((b"rubbish", "note bad"), (_PDF, "It is not signed")):
        files = {"file": ("x.pdf", content, "application/pdf")}
        told = browser.post("/verify", files=files)
        assert told.status_code == 200
        assert words in told.text


_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000053 00000 n \n"
    b"0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n161\n%%EOF\n"
)
