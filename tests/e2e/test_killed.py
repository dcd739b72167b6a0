"""SIGKILL before and after every durable step: delivered once, paid once, nothing lost.

The documents show a registered seal that is drawn for each of them with its running number, and
another as a stamp; the uses of both are limited, so they are counted.

One document is followed once to count its durable steps, from the claim to the removal of
the working files. Then, for each step, a daemon that is going to die there gets one document;
the daemon after it, which dies at the next step, has to finish it first.

A receiver takes whatever result it finds after each death, with its receipt, before anybody else
looks: nothing in the outbox tells then what was delivered.

A killed process takes nothing back from the kernel, so the moments before and after an fsync are
one and the same to whoever comes next, and so are the moments after a step and before the next
one: unless something is sent in between, as it is only after a COMMIT.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from gateway.sandbox.process import SandboxProcess
from tests.e2e.pages import write_pdf
from tests.e2e.programs import said
from tests.e2e.site import TestSite, wait_for

DESIGN = """\
kind: text
width: 50mm
height: 15mm
lines: [{text: "No. {serial}"}, {text: "{signer}"}]
"""
RULES = """\
inbox: documents
rules:
  - name: all
    seal: numbered
    place: [{corner: bottom-right, margin: 15mm}, {corner: top-left, margin: 15mm, seal: second}]
"""
LANES = 2
"""The points are shared out to so many sites, worked on at the same time."""


class Lane:
    """One site on which daemons die one after another."""

    def __init__(self, site: TestSite, folder: Path) -> None:
        self.site = site
        self.folder = folder
        self.received.mkdir(parents=True)
        self.documents: list[Path] = []
        self.failure: BaseException | None = None
        self.process: subprocess.Popen[bytes] | None = None
        # Whoever is killed leaves no coverage behind; measuring it would only take time.
        for name in [name for name in site.environment if name.startswith("COVERAGE")]:
            del site.environment[name]

    @property
    def armed(self) -> Path:
        """Return the file whose existence lets steps count."""
        return self.folder / "armed"

    def finished(self, document: Path) -> bool:
        """Tell whether a document is archived and its working files are gone."""
        receipts = self.site.archive.rglob(f"{document.stem}-sealed.pdf.receipt.json")
        return any(receipts) and not any((self.site.state / "vault").iterdir())

    def die_at(self, number: int, when: str) -> bool:
        """Let a daemon finish what the last one left, then die over a new document."""
        module = (sys.executable, "-m", "tests.e2e.dying", str(number), when, str(self.folder))
        starts = self.site.readies
        process = self.process = self.site.start((*module, "--"))
        wait_for("the daemon is ready", lambda: self.site.readies > starts)
        if self.documents:
            former = self.documents[-1]
            wait_for(f"{former.name} is finished", lambda: self.finished(former))
        document = write_pdf(self.folder / f"{when}-{number:03}.pdf", (f"{when} {number}",))
        self.documents.append(document)
        self.armed.touch()
        self.site.drop(document)
        wait_for(
            f"{document.name} archived, or death",
            lambda: process.poll() is not None or self.finished(document),
        )
        self.armed.unlink()
        if process.poll() is None:
            process.terminate()
        died = process.wait(60) == -9
        self.receive()
        return died

    def receive(self) -> None:
        """Take what was delivered out of the outbox."""
        for result in self.site.delivered():
            place = self.received / str(len(list(self.received.iterdir())))
            place.mkdir(parents=True)
            for path in (result, result.with_name(result.name + ".receipt.json")):
                path.rename(place / path.name)

    @property
    def received(self) -> Path:
        """Return the folder with a folder for each result that was received."""
        return self.folder / "received"

    def steps(self) -> dict[int, str]:
        """Follow a document without dying; return the names of its durable steps by number.

        It is the second one: over the first, folders are made that stay. A step that changes
        nothing that a kill would show, such as making a folder that is there, is left out.
        """
        trace, idle = self.folder / "trace", self.folder / "idle"
        assert not self.die_at(0, "first")
        for file in (trace, idle):
            file.write_text("")
        assert not self.die_at(0, "second")
        vain = {int(number) for number in idle.read_text().split()}
        names = enumerate(trace.read_text().split(), 1)
        return {n: name for n, name in names if n not in vain and name != "fsync"}

    def work(self, points: list[tuple[int, str]]) -> None:
        """Die at every point, then let a last daemon finish and check everything."""
        try:
            deaths = [self.die_at(number, when) for number, when in points]
            missed = [point for point, died in zip(points, deaths, strict=True) if not died]
            # The last steps are done by a daemon that may be told to stop first.
            assert len(missed) <= 2, f"no death at {missed}"
            starts = self.site.readies
            with self.site.daemon():
                wait_for("the daemon is ready", lambda: self.site.readies > starts)
                wait_for("the last is finished", lambda: self.finished(self.documents[-1]))
            self.receive()
            self.check()
        except BaseException as failure:
            self.failure = failure
            if self.process is not None:
                self.process.kill()

    def check(self) -> None:
        """Check promises 2 and 3 for all documents."""
        site, documents = self.site, self.documents
        expected = sorted(f"{document.stem}-sealed.pdf" for document in documents)
        results = sorted(self.received.rglob("*.pdf"))
        assert sorted(path.name for path in results) == expected, site.daemon_says()
        originals = {hashlib.sha256(path.read_bytes()).hexdigest() for path in documents}
        for result in results:
            receipt = json.loads(result.with_name(result.name + ".receipt.json").read_text())
            assert receipt["original"]["sha256"] in originals
            assert receipt["result"]["sha256"] == hashlib.sha256(result.read_bytes()).hexdigest()
        archived = {
            hashlib.sha256(path.read_bytes()).hexdigest() for path in site.archive.rglob("*.pdf")
        }
        assert originals <= archived, "an original was lost"
        assert not [path for path in site.outbox.rglob("*") if path.is_file()]
        assert site.usage()["charged"] == len(documents)
        self.check_seals()
        assert not list(site.inbox.rglob("*.pdf"))
        assert not list(site.failed.rglob("*.pdf"))
        assert not list((site.state / "spool").iterdir())
        assert site.call("log", "verify").returncode == 0

    def check_seals(self) -> None:
        """Check that each document has a number of its own, and counts once for each seal."""
        count = len(self.documents)
        printed = (
            re.findall(r"No\. (\d+)", said("pdftotext", result, "-"))
            for result in self.received.rglob("*.pdf")
        )
        numbers = sorted(int(number) for found in printed for number in found)
        assert numbers == list(range(1, count + 1))
        for seal in ("numbered", "second"):
            facts = self.site.json("seals", "show", seal)
            assert isinstance(facts, dict)
            # Deaths take some minutes, and the day may end meanwhile; a month rarely does.
            assert facts["used_this_month"] == count, seal


def register(site: TestSite, folder: Path) -> None:
    """Register both seals, and let the rules name them."""
    design = folder / "numbered.yaml"
    design.write_text(DESIGN)
    picture = site.root / "seals" / "company-seal.png"
    terms = ("--service", "sandbox", "--any", "--per-day", "1000")
    for command in (
        ("draw", "numbered", "--design", str(design)),
        ("add", "second", str(picture), "--width", "30mm"),
    ):
        done = site.call("seals", *command, *terms)
        assert done.returncode == 0, done.stderr
    (site.root / "rules" / "example.yaml").write_text(RULES)


def test_killed_at_every_durable_step(site: TestSite, tmp_path: Path) -> None:
    """A daemon killed around any durable step is made good by the next, once, for one price."""
    lanes = []
    register(site, tmp_path)
    for number in range(LANES):
        root = tmp_path / f"site{number}"
        shutil.copytree(site.root, root)
        (root / "state" / "sandbox" / "port").write_text("0")
        lanes.append(Lane(TestSite(root), tmp_path / f"lane{number}"))
    with SandboxProcess(lanes[0].site.state), SandboxProcess(lanes[1].site.state):
        steps = lanes[0].steps()
        points = [(number, "before") for number in steps]
        points += [(number, "after") for number, name in steps.items() if name == "commit"]
        assert len(points) >= 40, steps
        shares = [points[number::LANES] for number in range(LANES)]
        threads = [
            threading.Thread(target=lane.work, args=(share,))
            for lane, share in zip(lanes, shares, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for lane in lanes:
        if lane.failure is not None:
            raise lane.failure
