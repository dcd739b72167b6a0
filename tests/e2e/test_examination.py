"""What is found in documents, from the drop to the receipt: told, matched, refused, mended."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite

RULES = """
inbox: documents
rules:
  - name: damaged
    match: {path: "damaged/**"}
    seal: company-seal
    place: {corner: bottom-right, margin: 15mm}
    repair: unsigned
  - name: trusted
    match: {path: "trusted/**", findings: [launch-action, not javascript]}
    seal: company-seal
    place: {corner: bottom-right, margin: 15mm}
    allow: launch-action
  - name: rest
    seal: company-seal
    place: {corner: bottom-right, margin: 15mm}
"""
LAUNCH = "/AA << /O << /S /Launch /F (x.exe) >> >>"


@pytest.fixture
def ruled(site: TestSite) -> TestSite:
    """Return a site with the rules above."""
    (site.root / "rules" / "example.yaml").write_text(RULES)
    return site


def damaged(path: Path) -> Path:
    """Write a document whose end is missing."""
    content = write_pdf(path, ("Some words",)).read_bytes()
    path.write_bytes(content[: content.rindex(b"startxref")])
    return path


def test_from_drop_to_receipt(ruled: TestSite) -> None:
    """Each document ends as its rule wants, and its receipt says what was found and done."""
    inbox = ruled.inbox
    damaged(inbox / "damaged" / "a.pdf")
    damaged(inbox / "b.pdf")
    write_pdf(inbox / "trusted" / "c.pdf", page_entries=LAUNCH)
    write_pdf(inbox / "d.pdf", page_entries=LAUNCH)
    before = (inbox / "damaged" / "a.pdf").read_bytes()
    told = {
        name: ruled.call("explain", str(inbox / name)).stdout for name in ("damaged/a.pdf", "d.pdf")
    }
    assert "mended    pdf.truncated" in told["damaged/a.pdf"]
    assert "found     danger  launch-action: " in told["d.pdf"]
    assert "fails     pdf.finding-refused: " in told["d.pdf"]
    assert ruled.call("sweep").returncode == 1
    assert ruled.failures() == {"b.pdf": "pdf.truncated", "d.pdf": "pdf.finding-refused"}
    refused = _receipt(ruled.failed, "d.pdf")
    assert refused["findings"] == [
        {"name": "launch-action", "severity": "danger", "detail": "page 1"}
    ]
    assert _receipt(ruled.outbox, "c-sealed.pdf")["findings"] == refused["findings"]
    _check_mended(ruled, before)


def _check_mended(site: TestSite, before: bytes) -> None:
    receipt = _receipt(site.outbox, "a-sealed.pdf")
    repaired = receipt["repaired"]
    assert repaired["because"] == "pdf.truncated"
    assert repaired["changes"][0].startswith("its table of objects was written anew")
    assert "repaired" in [one["name"] for one in receipt["findings"]]
    assert receipt["added"] == receipt["result"]["size"] - repaired["size"]
    (archived,) = site.archive.rglob("a.pdf")
    assert archived.read_bytes() == before, "the original is archived as it came"
    (sealed,) = site.outbox.rglob("a-sealed.pdf")
    assert subprocess.run(("qpdf", "--check", sealed), check=False).returncode == 0
    told = subprocess.run(
        ("pdfsig", "-nocert", sealed), capture_output=True, text=True, check=False
    )
    assert "Signature is Valid" in told.stdout
    assert site.call("log", "verify").returncode == 0


def _receipt(folder: Path, name: str) -> dict[str, object]:
    (path,) = folder.rglob(f"{name}.receipt.json")
    return json.loads(path.read_text())
