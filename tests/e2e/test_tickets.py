"""Steering documents from the folder, with the real daemon."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.e2e.keeping import Keep
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for

RULES = """\
inbox: documents
rules:
  - name: orders
    match: {path: "orders/**"}
    seal: company-seal
    place: {page: last, corner: bottom-right, margin: 15mm}
    tickets:
      places: {first: {page: 1, corner: top-left, margin: 20mm}}
      profiles: {stamped: {level: B-T}}
      name: true
      reference: '[A-Z]-\\d+'
      priority: 5
  - name: others
    seal: company-seal
    place: {page: last, corner: bottom-right, margin: 15mm}
"""


@pytest.fixture
def steered(site: TestSite) -> TestSite:
    """Return a site whose rule for orders permits tickets."""
    (site.root / "rules" / "example.yaml").write_text(RULES)
    return site


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Return a document."""
    return write_pdf(tmp_path / "page.pdf")


def lay(site: TestSite, name: str, content: str) -> Path:
    """Lay a small file into the inbox in one step."""
    target = site.inbox / name
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    partial.write_text(content)
    partial.rename(target)
    return target


def receipt_of(result: Path) -> dict[str, object]:
    """Return the receipt beside a file."""
    value = json.loads(result.with_name(f"{result.name}.receipt.json").read_text())
    assert isinstance(value, dict)
    return value


def test_a_ticket_steers_its_document(steered: TestSite, page: Path) -> None:
    """Ticket first or within the quiet time: the plan, the receipt and the archive follow it."""
    site = steered
    sha256 = hashlib.sha256(page.read_bytes()).hexdigest()
    wishes = {"place": "first", "profile": "stamped", "name": "order 7.pdf", "reference": "C-7"}
    lay(site, "orders/a.pdf.json", json.dumps(wishes | {"priority": 5, "sha256": sha256}))
    source = site.drop(page, "orders/a.pdf")
    told = site.call("explain", str(source)).stdout
    assert "ticket    a.pdf.json: place first, profile stamped" in told
    assert "order 7.pdf" in told
    result = site.outbox / "documents" / "orders" / "order 7.pdf"
    with site.daemon():
        wait_for("the first result", result.exists)
        site.drop(page, "orders/b.pdf")
        lay(site, "orders/b.pdf.yaml", "name: b.pdf\n")
        second = site.outbox / "documents" / "orders" / "b.pdf"
        wait_for("the second result", second.exists)
        wait_for("the archive", lambda: len(list(site.archive.rglob("*.pdf.json"))) == 1)
    receipt = receipt_of(result)
    assert receipt["ticket"] == {"file": "a.pdf.json", "priority": 5} | wishes | {
        "sha256": hashlib.sha256(
            json.dumps(wishes | {"priority": 5, "sha256": sha256}).encode()
        ).hexdigest()
    }
    assert receipt["signature"]["timestamped"] is True  # type: ignore[index]
    place = receipt["seal"]["place"]  # type: ignore[index]
    assert (place["x"], place["y"]) == (20.0, 20.0)
    (archived,) = site.archive.rglob("a.pdf.json")
    assert (archived.parent / "a.pdf").exists()
    assert list(site.inbox.rglob("*.*")) == []


def test_what_is_not_permitted_fails_and_can_be_mended(steered: TestSite, page: Path) -> None:
    """The document fails with its ticket beside it; mended there, a retry seals it."""
    site = steered
    lay(site, "orders/a.pdf.yaml", "recipient: me\n")
    site.drop(page, "orders/a.pdf")
    lay(site, "orders/b.pdf.yaml", "place: frist\nplcae: first\n")
    site.drop(page, "orders/b.pdf")
    lay(site, "c.pdf.yaml", "place: first\n")
    site.drop(page, "c.pdf")
    swept = site.call("sweep")
    assert swept.returncode == 1, swept.stderr
    assert site.failures() == {
        "a.pdf": "ticket.not-permitted",
        "b.pdf": "ticket.unreadable",
        "c.pdf": "ticket.not-permitted",
    }
    failed = site.failed / "documents" / "orders"
    error = receipt_of(failed / "a.pdf")["error"]
    assert "recipient: me; rule orders permits nothing" in error["sentence"]  # type: ignore[index]
    error = receipt_of(failed / "b.pdf")["error"]
    assert "b.pdf.yaml:2:1" in error["sentence"]  # type: ignore[index]
    (failed / "a.pdf.yaml").write_text("place: first\n")
    (failed / "b.pdf.yaml").unlink()
    assert site.call("retry", "--all-failed").returncode == 0
    assert site.call("sweep").returncode == 1
    assert site.failures() == {"b.pdf": "ticket.missing", "c.pdf": "ticket.not-permitted"}
    assert [path.name for path in site.delivered()] == ["a-sealed.pdf"]


def test_a_ticket_gives_nobody_a_seal(kept: TestSite, keep: Keep, page: Path) -> None:
    """A seal that the rule permits is refused as ever until its keeper grants it."""
    text = "inbox: documents\nrules:\n  - name: all\n    seal: company-seal\n    place: {}\n"
    rule = kept.root / "rules" / "example.yaml"
    rule.write_text(text + "    tickets: {seals: [registered]}\n")
    lay(kept, "a.pdf.yaml", "seal: registered\n")
    kept.drop(page, "a.pdf")
    assert kept.call("sweep").returncode == 1
    assert kept.failures() == {"a.pdf": "seal.not-granted"}
    assert keep("seals", "grant", "registered", "--rule", "documents/all").returncode == 0
    assert kept.call("retry", "--all-failed").returncode == 0
    assert kept.call("sweep").returncode == 0
    (result,) = kept.delivered()
    assert receipt_of(result)["seal"]["name"] == "registered"  # type: ignore[index]


def test_documents_wait_for_what_is_missing(steered: TestSite, page: Path) -> None:
    """For a required ticket, a done-file, and the end of a pause; orphans are told of once."""
    site = steered
    site.edit(
        "gateway.yaml",
        lambda text: text.replace(
            "scan_every:",
            "tickets: required\n    trigger: .done\n    orphaned_after: 100ms\n    scan_every:",
        ),
    )
    site.drop(page, "a.pdf")
    lay(site, "a.pdf.done", "")
    lay(site, "paused/.hold", "")
    lay(site, "paused/b.pdf.yaml", "{}")
    lay(site, "paused/b.done", "")
    site.drop(page, "paused/b.pdf")
    lay(site, "gone.pdf.yaml", "{}")
    swept = site.call("sweep")
    assert swept.returncode == 0
    assert "documents/a.pdf: waits for its ticket" in swept.stderr
    assert "documents/paused: is paused by .hold" in swept.stderr
    assert "left     documents/paused: is paused by .hold" in site.call("status").stdout
    with site.daemon():
        wait_for("a word of the orphan", lambda: bool(site.events("ticket.orphaned")))
        lay(site, "a.pdf.yaml", "{}")
        wait_for("the first result", lambda: len(site.delivered()) == 1)
        (site.inbox / "paused" / ".hold").unlink()
        wait_for("the second result", lambda: len(site.delivered()) == 2)
    assert [path.name for path in site.delivered()] == ["a-sealed.pdf", "b-sealed.pdf"]
    assert [path.name for path in site.inbox.rglob("*.*")] == ["gone.pdf.yaml"]
    assert len(site.events("ticket.orphaned")) == 1
