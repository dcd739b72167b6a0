"""The same bytes once more, on a real site: sealed again, returned, or refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.sandbox.process import SandboxProcess
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite

_RULES = """\
inbox: documents
rules:
  - name: all
    seal: company-seal
    place: {{corner: {corner}}}
    duplicates: {duplicates}
    deliver: {{name: "{{stem}}.pdf"}}
"""


@pytest.fixture
def served(site: TestSite) -> Iterator[TestSite]:
    """Return a site whose service runs meanwhile, so that its own counters can be read."""
    with SandboxProcess(site.state):
        yield site


def rules(site: TestSite, duplicates: str, corner: str = "top-right") -> None:
    """Write the one rule."""
    text = _RULES.format(duplicates=duplicates, corner=corner)
    (site.root / "rules" / "example.yaml").write_text(text)


def sealed(site: TestSite, name: str, text: str = "one") -> tuple[bytes, dict[str, object]]:
    """Drop a document of a given text, sweep, and return its result and receipt."""
    write_pdf(site.inbox / f"{name}.pdf", (text,))
    done = site.call("sweep")
    assert done.returncode == 0, done.stdout + done.stderr
    result = site.outbox / "documents" / f"{name}.pdf"
    return result.read_bytes(), json.loads(Path(f"{result}.receipt.json").read_text())


def archived(site: TestSite, job: object) -> Path:
    """Return the archive folder of a job."""
    (folder,) = site.archive.glob(f"*/*/*/{job}")
    return folder


def test_returned_without_payment(served: TestSite) -> None:
    """The earlier result comes again under another name, whole, and nothing is paid for it."""
    rules(served, "return")
    first, told = sealed(served, "a")
    again, receipt = sealed(served, "b")
    assert again == first
    assert served.usage()["charged"] == 1
    assert receipt["duplicate"] == {"of": told["job"], "what": "returned"}
    assert receipt["signature"] == told["signature"]
    assert "duplicate" not in told
    assert [entry["job"] for entry in served.events("result.reused")] == [receipt["job"]]
    assert (archived(served, receipt["job"]) / "b.pdf").read_bytes() == first
    assert served.call("verify", str(served.outbox / "documents" / "b.pdf")).returncode == 0
    audited = served.call("log", "verify", "--archive")
    assert audited.returncode == 0, audited.stdout
    assert "6 archived files of 2 jobs" in audited.stdout


def test_again_and_refuse(served: TestSite) -> None:
    """`again` pays again and says so; `refuse` fails a duplicate, and it alone, unpaid."""
    rules(served, "again")
    _, told = sealed(served, "a")
    _, receipt = sealed(served, "b")
    assert receipt["duplicate"] == {"of": told["job"], "what": "again"}
    rules(served, "refuse")
    write_pdf(served.inbox / "c.pdf", ("one",))
    write_pdf(served.inbox / "d.pdf", ("another",))
    assert served.call("sweep").returncode == 1
    assert served.failures() == {"c.pdf": "intake.duplicate"}
    failed = json.loads((served.failed / "documents" / "c.pdf.receipt.json").read_text())
    assert str(receipt["job"]) in failed["error"]["sentence"]
    assert (served.outbox / "documents" / "d.pdf").exists()
    assert served.usage()["charged"] == 3


def test_damaged_archive_and_changed_rule_seal_again(served: TestSite) -> None:
    """An earlier result that is altered, gone, linked or of other terms is never returned."""
    rules(served, "return")
    first, told = sealed(served, "a")
    kept = archived(served, told["job"]) / "a.pdf"
    kept.unlink()
    kept.write_bytes(first + b"%")
    second, receipt = sealed(served, "b")
    assert receipt["duplicate"] == {"of": told["job"], "what": "again"}
    (planned,) = (e for e in served.events("job.planned") if e["job"] == receipt["job"])
    assert "because=" in planned["details"]
    assert str(kept) in planned["details"]

    audited = served.call("log", "verify", "--archive")
    assert audited.returncode == 1
    assert audited.stdout == f"0\t{told['job']}\tresult\t{kept}: altered\n"

    kept.unlink()
    linked = archived(served, receipt["job"]) / "b.pdf"
    linked.rename(served.root / "elsewhere.pdf")
    linked.symlink_to(served.root / "elsewhere.pdf")
    third, receipt = sealed(served, "c")
    rules(served, "return", corner="bottom-left")
    fourth, _ = sealed(served, "d")
    flaws = served.json("log", "verify", "--archive")
    assert isinstance(flaws, list)
    assert {(flaw["file"], flaw["what"]) for flaw in flaws} == {
        ("result", f"{kept}: missing"),
        ("result", f"{linked}: altered"),
    }
    assert len({first, second, third, fourth}) == served.usage()["charged"] == 4


def test_dropped_in_the_same_instant(served: TestSite) -> None:
    """Of many copies at once, each gets a result, all of them valid; some wait for the first."""
    rules(served, "return")
    names = [f"copy-{number}.pdf" for number in range(6)]
    origin = write_pdf(served.root / "origin.pdf", ("one",))
    for name in names:
        shutil.copyfile(origin, served.inbox / name)
    done = served.call("sweep")
    assert done.returncode == 0, done.stdout + done.stderr
    results = {path.name: path.read_bytes() for path in served.delivered()}
    assert sorted(results) == names
    paid = served.usage()["charged"]
    assert len(set(results.values())) == paid < len(names)
    assert len(served.events("result.reused")) == len(names) - paid
    assert not served.failures()
