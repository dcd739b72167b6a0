"""SIGKILL around every durable step of a contract flow: each contract once, each seal paid once.

Only the steps count that the flow itself takes; those of the jobs which put its seals on are
those of any document, and are tested as such.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from gateway.core.names import certificate_name, data_name
from gateway.sandbox.process import SandboxProcess
from tests.e2e.flowing import Parties, add_flow
from tests.e2e.site import TestSite, wait_for

FLOW = """\
name: lease
parties:
  board:
  tenant:
steps:
  - name: release
    type: approve
    party: board
    seal: company-seal
    place: {page: last, corner: bottom-left, margin: 15mm}
"""
WITHIN = (
    "/flows.py /settling.py /handing_out.py /bringing.py /clerk.py /revisions.py /party_folders.py"
)
LAST_POINTS_THAT_MAY_BE_MISSED = 2


class Deaths:
    """One site on which daemons die one after another, each over a contract of its own."""

    def __init__(self, site: TestSite, folder: Path) -> None:
        self.site = site
        self.parties = Parties(site)
        self.folder = folder
        folder.mkdir()
        site.environment["DYING_WITHIN"] = WITHIN
        for name in [name for name in site.environment if name.startswith("COVERAGE")]:
            del site.environment[name]
        self.names: list[str] = []

    def finished(self, name: str) -> bool:
        """Tell whether a contract lies in the outbox, and its flow has nothing more to do."""
        receipt = self.site.outbox / "lease" / f"{name}.receipt.json"
        data = data_name(certificate_name(name))
        copies = [self.parties.root / one / "done" / data for one in ("board", "tenant")]
        return receipt.exists() and all(copy.exists() for copy in copies)

    def push_on(self, name: str) -> None:
        """Approve a contract if it waits for that."""
        for document in (self.parties.root / "board" / "todo").glob(f"{Path(name).stem}--*.pdf"):
            document.rename(document.parents[1] / "approve" / document.name)

    def die_at(self, number: int) -> bool:
        """Let a daemon finish what the last one left, then die over a new contract."""
        module = (sys.executable, "-m", "tests.e2e.dying", str(number), "before")
        starts = self.site.daemon_says().count("sealgate: ready")
        process = self.site.start((*module, str(self.folder), "--"))
        try:
            wait_for(
                "the daemon is ready",
                lambda: self.site.daemon_says().count("sealgate: ready") > starts,
            )
            if self.names:
                self._drive(process, self.names[-1])
                assert process.poll() is None, "died before it was armed"
            name = f"c{len(self.names):03}.pdf"
            self.names.append(name)
            armed = self.folder / "armed"
            armed.touch()
            self.parties.drop("lease", name)
            self._drive(process, name)
            armed.unlink()
        finally:
            if process.poll() is None:
                process.terminate()
        return process.wait(60) == -9

    def _drive(self, process: subprocess.Popen[bytes], name: str) -> None:
        def over() -> bool:
            self.push_on(name)
            return process.poll() is not None or self.finished(name)

        wait_for(f"{name} is there, or death", over)

    def steps(self) -> list[int]:
        """Follow a contract without dying; return the numbers of its steps that change anything.

        Of those to which the same functions have led, such as a copy for each party, the first.
        """
        trace, idle = self.folder / "trace", self.folder / "idle"
        assert not self.die_at(0)
        for file in (trace, idle):
            file.write_text("")
        assert not self.die_at(0)
        vain = {int(number) for number in idle.read_text().split()}
        first: dict[str, int] = {}
        for number, step in enumerate(trace.read_text().split(), 1):
            if number not in vain and step.partition("@")[0] in ("commit", "link", "rename"):
                first.setdefault(step, number)
        return list(first.values())


def test_killed_at_every_step_of_a_flow(site: TestSite, tmp_path: Path) -> None:
    """A daemon killed before any step of a flow is made good by the next one."""
    add_flow(site, FLOW)
    deaths = Deaths(site, tmp_path / "deaths")
    with SandboxProcess(site.state):
        points = deaths.steps()
        assert len(points) >= 8
        died = [deaths.die_at(number) for number in points]
        assert died.count(False) <= LAST_POINTS_THAT_MAY_BE_MISSED, points
        deaths.site.environment.pop("DYING_WITHIN")
        starts = site.daemon_says().count("sealgate: ready")
        with site.daemon():
            wait_for("ready", lambda: site.daemon_says().count("sealgate: ready") > starts)
            wait_for("the last is finished", lambda: _pushed(deaths))
        count = len(deaths.names)
        assert site.usage()["charged"] == count
    results = sorted(path.name for path in (site.outbox / "lease").glob("*.pdf"))
    certificates = [certificate_name(name) for name in deaths.names]
    assert results == sorted([*deaths.names, *certificates])
    for party in ("board", "tenant"):
        for name in deaths.names:
            copy = deaths.parties.root / party / "done" / name
            assert _hash(copy) == _hash(site.outbox / "lease" / name)
    flows = site.json("flows", "list", "--all")
    assert [one["state"] for one in flows] == ["completed"] * count  # type: ignore[index,attr-defined]
    assert not list((deaths.parties.root / "board" / "todo").iterdir())
    assert not list(site.failed.rglob("*.pdf"))
    assert site.call("log", "verify").returncode == 0


def _pushed(deaths: Deaths) -> bool:
    deaths.push_on(deaths.names[-1])
    return deaths.finished(deaths.names[-1])


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
