"""Where results go and what they are called, on a real site."""

from __future__ import annotations

import json
import re
from pathlib import Path

from gateway.sandbox.process import SandboxProcess
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite

_RULES = """\
inbox: documents
rules:
  - name: all
    seal: company-seal
    place: {corner: top-right}
    deliver:
      outbox: main
      name: "{date}-{stem}-{sha8}.pdf"
      collisions: refuse
      structure: flatten
      also: [books, archive/room]
"""
_FOLDERS = ("archive/room", "books", "main")


def pairs(site: TestSite) -> dict[str, list[str]]:
    """Return the names of what lies in each folder of the outbox."""
    return {
        folder: sorted(path.name for path in (site.outbox / folder).iterdir())
        for folder in _FOLDERS
        if (site.outbox / folder).exists()
    }


def test_several_destinations_and_taken_names(site: TestSite) -> None:
    """Each folder gets copy and receipt; a taken name fails the document, a retry is not paid."""
    (site.root / "rules" / "example.yaml").write_text(_RULES)
    (site.inbox / "below").mkdir()
    with SandboxProcess(site.state):
        write_pdf(site.inbox / "below" / "a.pdf", ("one",))
        done = site.call("sweep")
        assert done.returncode == 0, done.stdout + done.stderr
        (first,) = (site.outbox / "main").glob("*.pdf")
        assert re.fullmatch(r"\d{4}-\d\d-\d\d-a-[0-9a-f]{8}\.pdf", first.name)
        both = [first.name, f"{first.name}.receipt.json"]
        assert pairs(site) == dict.fromkeys(_FOLDERS, both)
        assert len({path.read_bytes() for path in site.outbox.rglob("*.pdf")}) == 1
        receipts = [json.loads(p.read_text()) for p in site.outbox.rglob("*.receipt.json")]
        assert receipts[0] == receipts[1] == receipts[2]
        (told,) = site.events("result.delivered")
        assert f"{site.outbox}/books/{first.name}" in told["details"]

        write_pdf(site.inbox / "a.pdf", ("one",))
        assert site.call("sweep").returncode == 1
        assert site.failures() == {"a.pdf": "deliver.name-taken"}
        assert pairs(site) == dict.fromkeys(_FOLDERS, both), "nothing was touched"
        assert site.usage()["charged"] == 2

        for name in both:
            (site.outbox / "main" / name).unlink()
        (failed,) = site.events("job.failed")
        retried = site.call("retry", failed["job"])
        assert retried.returncode == 0, retried.stderr
        assert site.call("sweep").returncode == 0
        assert site.usage()["charged"] == 2, "the signature was kept"
    stem = Path(first.name).stem
    numbered = sorted([*both, f"{stem}-2.pdf", f"{stem}-2.pdf.receipt.json"])
    assert pairs(site) == {"archive/room": numbered, "books": numbered, "main": both}
    assert not site.failures()
    assert site.call("log", "verify").returncode == 0


_WORDS = """\
inbox: documents
rules:
  - name: all
    seal: company-seal
    place: {corner: top-right}
    tickets: {recipients: [legal, sales], reference: '.{1,40}'}
    deliver:
      outbox: "to/{recipient}"
      name: "{found}-{reference}-{stem}.pdf"
      also: ["all/{year}"]
      find: 'Invoice No\\. (\\S+)'
"""


def test_a_folder_for_each_recipient(site: TestSite) -> None:
    """Words of ticket and text say where a result goes; what lacks one fails before it is paid."""
    (site.root / "rules" / "example.yaml").write_text(_WORDS)
    for stem, recipient in (("a", "legal"), ("b", "sales"), ("c", "")):
        ticket = {"reference": "../R/7"} | ({"recipient": recipient} if recipient else {})
        (site.inbox / f"{stem}.pdf.json").write_text(json.dumps(ticket))
        write_pdf(site.inbox / f"{stem}.pdf", (f"Invoice No. 20/{stem}",))
    explained = site.call("explain", str(site.inbox / "a.pdf"))
    assert "to/legal/20_a-.._R_7-a.pdf" in explained.stdout, explained.stderr
    with SandboxProcess(site.state):
        assert site.call("sweep").returncode == 1
        assert site.usage()["charged"] == 2
    assert site.failures() == {"c.pdf": "deliver.word-missing"}
    results = sorted(str(path.relative_to(site.outbox)) for path in site.outbox.rglob("*.pdf"))
    (year,) = (path.name for path in (site.outbox / "all").iterdir())
    assert re.fullmatch(r"\d{4}", year)
    names = {"legal": "20_a-.._R_7-a.pdf", "sales": "20_b-.._R_7-b.pdf"}
    alike = [f"all/{year}/{name}" for name in names.values()]
    assert results == [*alike, *(f"to/{whom}/{name}" for whom, name in names.items())]
