"""Telling the clerk: the pages that the real daemon keeps in an inbox."""

from __future__ import annotations

import re
from pathlib import Path

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for

HOSTILE = "<script>alert(1)<&script>.pdf"


def test_pages_follow_the_documents_and_are_never_sealed(site: TestSite, tmp_path: Path) -> None:
    """Pages tell of arrival, hold, failure and end, in Chinese, and are no documents."""
    site.edit(
        "gateway.yaml",
        lambda text: re.sub(r"language: .*\n", "", text) + "\nstatus_page: true\nlanguage: zh\n",
    )
    page, html = site.inbox / "_STATUS.txt", site.inbox / "_STATUS.html"
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    site.inbox.mkdir(parents=True, exist_ok=True)
    page.symlink_to(victim)

    def says(*words: str) -> bool:
        return not page.is_symlink() and all(word in page.read_text() for word in words)

    with site.daemon():
        wait_for("a page", lambda: says("就绪"))
        (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7\nnothing of the kind\n%%EOF\n")
        site.drop(tmp_path / "bad.pdf", HOSTILE)
        wait_for("a failure", lambda: says("未盖章", HOSTILE, "pdf.truncated", "处理办法"))
        assert "<script>" not in html.read_text()
        site.tell(method="signatures/signHash", kind="503", times=1000)
        site.drop(write_pdf(tmp_path / "held.pdf"))
        wait_for("a hold", lambda: says("held.pdf", "service.failed"))
        site.forget_faults()
        wait_for("a result", lambda: len(site.delivered()) == 1)
        wait_for("quiet", lambda: says("就绪") and "held.pdf" not in page.read_text())
    assert says("未运行", HOSTILE)
    assert victim.read_text() == "untouched"
    assert [path.name for path in site.delivered()] == ["held-sealed.pdf"]
    assert set(site.failures()) == {HOSTILE}
    jobs = {entry["job"] for entry in site.events("job.claimed")}
    assert len(jobs) == 2


def test_page_tells_why_a_file_is_not_taken_yet(site: TestSite) -> None:
    """Whoever left a file open reads that on the page and in the status, until it is closed."""
    site.edit("gateway.yaml", lambda text: text + "\nstatus_page: true\n")
    whole = write_pdf(site.root / "whole.pdf").read_bytes()
    page = site.inbox / "_STATUS.txt"
    with site.daemon():
        with (site.inbox / "open.pdf").open("wb") as still:
            still.write(whole)
            still.flush()
            wait_for("why", lambda: page.exists() and "open for writing" in page.read_text())
            told = site.call("status").stdout
            assert "arriving documents/open.pdf: still open for writing, unchanged for " in told
        wait_for("it is sealed", lambda: len(site.delivered()) == 1)
        wait_for("nothing waits", lambda: "open for writing" not in page.read_text())
