"""SIGKILL before and after every durable step: delivered once, paid once, nothing lost."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest
from gateway.sandbox.process import SandboxProcess

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for

PARTS = 4
"""The loop is cut into so many tests, each with a site of its own."""


def dying(number: int, when: str, trace: Path) -> tuple[str, ...]:
    """Return the command that runs Sealgate until its `number`-th durable step."""
    return (sys.executable, "-m", "tests.e2e.dying", str(number), when, str(trace), "--")


def seal_one(site: TestSite, document: Path, command: tuple[str, ...]) -> bool:
    """Drop a document and run the daemon until it dies or has archived; return whether it died."""
    process = site.start(command)
    site.drop(document)
    name = f"{document.stem}-sealed.pdf"

    def ended() -> bool:
        return process.poll() is not None or bool(list(site.archive.rglob(name)))

    wait_for(f"{document.name} archived or the daemon dead", ended)
    if process.poll() is None:
        process.terminate()
    return process.wait(60) != 0


def count_steps(site: TestSite, folder: Path) -> int:
    """Return how many durable steps one document takes, from start to stop of the daemon."""
    trace = folder / "trace"
    assert not seal_one(site, write_pdf(folder / "count.pdf"), dying(0, "never", trace))
    return len(trace.read_text().split())


def check_everything(site: TestSite, documents: list[Path]) -> None:
    """Check promises 2 and 3 for all documents dropped so far."""
    delivered = site.delivered()
    assert sorted(path.name for path in delivered) == sorted(
        f"{document.stem}-sealed.pdf" for document in documents
    ), site.daemon_says()
    originals = {hashlib.sha256(path.read_bytes()).hexdigest() for path in documents}
    for result in delivered:
        receipt = json.loads(result.with_name(result.name + ".receipt.json").read_text())
        assert receipt["original"]["sha256"] in originals
        assert receipt["result"]["sha256"] == hashlib.sha256(result.read_bytes()).hexdigest()
    archived = {
        hashlib.sha256(path.read_bytes()).hexdigest() for path in site.archive.rglob("*.pdf")
    }
    assert originals <= archived, "an original was lost"
    assert not [path for path in site.outbox.rglob("*") if path.name.startswith(".")]
    assert site.usage()["charged"] == len(documents)
    assert not list(site.inbox.rglob("*.pdf"))
    assert not list(site.failed.rglob("*.pdf"))


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_every_durable_step(site: TestSite, tmp_path: Path, part: int) -> None:
    """A daemon killed around any durable step finishes after a restart, once and for one price."""
    with SandboxProcess(site.state):
        documents = [tmp_path / "count.pdf"]
        steps = count_steps(site, tmp_path)
        assert steps * 2 >= 60
        deaths = 0
        points = [(number, when) for number in range(1, steps + 1) for when in ("before", "after")]
        for number, when in points[part::PARTS]:
            document = write_pdf(tmp_path / f"{when}-{number:03}.pdf", (f"{when} {number}",))
            documents.append(document)
            if seal_one(site, document, dying(number, when, tmp_path / "trace")):
                deaths += 1
            with site.daemon():
                wait_for(
                    f"{document.name} archived after the restart",
                    lambda name=document.stem: bool(
                        list(site.archive.rglob(f"{name}-sealed.pdf.receipt.json"))
                    ),
                )
        assert deaths >= len(points[part::PARTS]) * 0.8
        check_everything(site, documents)
        assert site.call("log", "verify").returncode == 0
