"""SIGKILL around every durable step of a contract flow: each contract once, each seal paid once.

Only the steps count that the flow itself takes; those of the jobs which put its seals on are
those of any document, and are tested as such.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_events import FlowState
from gateway.core.names import certificate_name, data_name
from gateway.ledger import SqliteLedger
from gateway.sandbox.process import SandboxProcess
from gateway.wiring import SystemClock
from tests.e2e.flowing import Parties, add_flow
from tests.e2e.programs import said
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
INTO_FAILED = f"{WITHIN} /flowing.py /failed.py /papers.py /certifying.py"
LAST_POINTS_THAT_MAY_BE_MISSED = 2
SEAL = "{seal: company-seal, place: {page: last, corner: bottom-left, margin: 15mm}}"
STEPS = "steps: [{name: read, type: review, party: board}]"
WOULD_SEAL = """\
steps:
  - {name: read, type: review, party: board}
  - name: stamp
    type: seal
    party: tenant
    seal: company-seal
    place: {page: last, corner: bottom-left, margin: 15mm}
"""
ENDINGS = {
    "offer": f"parties: {{board: , tenant: }}\nevidence: {SEAL}\n{WOULD_SEAL}",
    "brief": f"parties: {{board: , tenant: }}\nevidence: {SEAL}\ndeadline: 1s\n{WOULD_SEAL}",
    "deal": f"parties: {{board: , tenant: }}\nevidence: {SEAL}\n{STEPS}",
}
OPERATOR = Actor("user:operator", operator=True)


@dataclass(frozen=True)
class Way:
    """How the contracts of one flow come to their end, and when they have."""

    flow: str
    push_on: Callable[[str], None]
    """Does for a contract what the flow waits for."""
    finished: Callable[[str], bool]
    within: str = WITHIN


class Deaths:
    """One site on which daemons die one after another, each over a contract of its own."""

    def __init__(self, site: TestSite, folder: Path) -> None:
        self.site = site
        self.parties = Parties(site)
        self.folder = folder
        folder.mkdir()
        for name in [name for name in site.environment if name.startswith("COVERAGE")]:
            del site.environment[name]
        self.names: list[tuple[Way, str]] = []
        self._died_at: set[str] = set()

    def move(self, party: str, verdict: str, name: str) -> None:
        """Move a contract if it waits for a party."""
        todo = self.parties.root / party / "todo"
        for document in todo.glob(f"{Path(name).stem}--*.pdf"):
            target = document.parents[1] / verdict / document.name
            if verdict == "reject":
                target.with_suffix(".txt").write_text("too dear")
            document.rename(target)

    def die_at(self, way: Way, number: int) -> bool:
        """Let a daemon finish what the last one left, then die over a new contract."""
        self.site.environment["DYING_WITHIN"] = way.within
        module = (sys.executable, "-m", "tests.e2e.dying", str(number), "before")
        starts = self.site.daemon_says().count("sealgate: ready")
        process = self.site.start((*module, str(self.folder), "--"))
        try:
            wait_for(
                "the daemon is ready",
                lambda: self.site.daemon_says().count("sealgate: ready") > starts,
            )
            if self.names:
                self._drive(process, *self.names[-1])
                assert process.poll() is None, "died before it was armed"
            name = f"c{len(self.names):03}.pdf"
            self.names.append((way, name))
            armed = self.folder / "armed"
            armed.touch()
            self.parties.drop(way.flow, name)
            self._drive(process, way, name)
            armed.unlink()
        finally:
            if process.poll() is None:
                process.terminate()
        return process.wait(60) == -9

    def _drive(self, process: subprocess.Popen[bytes], way: Way, name: str) -> None:
        def over() -> bool:
            way.push_on(name)
            return process.poll() is not None or way.finished(name)

        wait_for(f"{name} is there, or death", over)

    def steps(self, way: Way) -> list[int]:
        """Follow a contract without dying; return the numbers of its steps that change anything.

        Of those to which the same functions have led, such as a copy for each party, the first;
        none to which they led on another way.
        """
        trace, idle = self.folder / "trace", self.folder / "idle"
        if not self.names:
            assert not self.die_at(way, 0)
        for file in (trace, idle):
            file.write_text("")
        assert not self.die_at(way, 0)
        vain = {int(number) for number in idle.read_text().split()}
        first: dict[str, int] = {}
        for number, step in enumerate(trace.read_text().split(), 1):
            changes = number not in vain and step.partition("@")[0] in ("commit", "link", "rename")
            if changes and step not in self._died_at:
                first.setdefault(step, number)
        self._died_at |= first.keys()
        return list(first.values())

    def die_everywhere(self, way: Way) -> int:
        """Die at each step of a way; return at how many."""
        points = self.steps(way)
        died = [self.die_at(way, number) for number in points]
        assert died.count(False) <= LAST_POINTS_THAT_MAY_BE_MISSED, points
        return len(points)

    def finish(self) -> None:
        """Let a daemon that lives finish what the last one left."""
        self.site.environment.pop("DYING_WITHIN")
        starts = self.site.daemon_says().count("sealgate: ready")
        way, name = self.names[-1]

        def over() -> bool:
            way.push_on(name)
            return way.finished(name)

        with self.site.daemon():
            wait_for("ready", lambda: self.site.daemon_says().count("sealgate: ready") > starts)
            wait_for("the last is finished", over)
            wait_for("all is closed", lambda: self.closed() == len(self.names))

    def closed(self) -> int:
        """Return how many flows have nothing more to do."""
        return len(self.site.events("flow.closed"))

    def named(self, way: Way) -> list[str]:
        """Return the contracts that went a way."""
        return [name for one, name in self.names if one is way]


@pytest.fixture
def deaths(site: TestSite, tmp_path: Path) -> Deaths:
    """Return deaths on a site of one's own."""
    return Deaths(site, tmp_path / "deaths")


def test_killed_at_every_step_of_a_flow(deaths: Deaths) -> None:
    """A daemon killed before any step of a flow is made good by the next one."""
    site = deaths.site
    add_flow(site, FLOW)
    way = Way("lease", partial(deaths.move, "board", "approve"), partial(_delivered, deaths))
    with SandboxProcess(site.state):
        assert deaths.die_everywhere(way) >= 8
        deaths.finish()
        count = len(deaths.names)
        assert site.usage()["charged"] == count
    _judge_contracts(deaths, way)
    assert _states(deaths) == ["completed"] * count
    assert not list(site.failed.rglob("*.pdf"))
    assert site.call("log", "verify").returncode == 0


def _delivered(deaths: Deaths, name: str) -> bool:
    """Tell whether a contract lies in the outbox, and its flow has nothing more to do."""
    data = data_name(certificate_name(name))
    copies = [deaths.parties.root / one / "done" / data for one in ("board", "tenant")]
    return any(deaths.site.outbox.rglob(f"{name}.receipt.json")) and all(map(Path.exists, copies))


def _judge_contracts(deaths: Deaths, way: Way) -> None:
    """Find each contract and its certificate once, in the outbox and with every party."""
    outbox, names = deaths.site.outbox / way.flow, deaths.named(way)
    results = sorted(path.name for path in outbox.glob("*.pdf"))
    assert results == sorted([*names, *map(certificate_name, names)])
    for party in ("board", "tenant"):
        for name in (*names, *map(certificate_name, names)):
            copy = deaths.parties.root / party / "done" / name
            assert _hash(copy) == _hash(outbox / name)
        assert not list((deaths.parties.root / party / "todo").iterdir())


def _states(deaths: Deaths) -> list[str]:
    """Return how each contract has ended, in their order."""
    flows = {one["document"]: one["state"] for one in deaths.site.json("flows", "list", "--all")}  # type: ignore[attr-defined]
    assert len(flows) == len(deaths.names)
    return [flows[name] for _, name in deaths.names]


def test_killed_over_the_ends_of_flows(deaths: Deaths) -> None:
    """Rejected, expired, withdrawn, or completed with a sealed certificate: each has one end.

    Nothing is spent behind a no, the record is complete, and nobody is asked any more.
    """
    site = deaths.site
    for name, more in ENDINGS.items():
        add_flow(site, f"name: {name}\n{more}", name)
    ended = partial(_recorded, deaths)
    ways = {
        "rejected": Way("offer", partial(deaths.move, "board", "reject"), ended, INTO_FAILED),
        "expired": Way("brief", lambda name: None, ended, INTO_FAILED),
        "withdrawn": Way("offer", partial(_withdraw, deaths), ended, INTO_FAILED),
        "completed": Way(
            "deal", partial(deaths.move, "board", "approve"), partial(_delivered, deaths)
        ),
    }
    with SandboxProcess(site.state):
        points = {state: deaths.die_everywhere(way) for state, way in ways.items()}
        assert all(points.values()), points
        deaths.finish()
        assert site.usage()["charged"] == len(deaths.named(ways["completed"]))
    states = {way: state for state, way in ways.items()}
    assert _states(deaths) == [states[way] for way, _ in deaths.names]
    _judge_contracts(deaths, ways["completed"])
    originals = sorted(site.failed.rglob("c???.pdf"))
    lost = [name for way, name in deaths.names if states[way] != "completed"]
    assert [path.name for path in originals] == lost
    for original in originals:
        _judge_record(deaths, original)
    assert len(list(site.failed.rglob("*"))) == 2 + 4 * len(originals), "once each"
    assert site.call("log", "verify").returncode == 0


def _recorded(deaths: Deaths, name: str) -> bool:
    return any(deaths.site.failed.rglob(data_name(certificate_name(name))))


def _withdraw(deaths: Deaths, name: str) -> None:
    """Call a contract off as soon as it is one."""
    ledger = SqliteLedger(deaths.site.state / "ledger.sqlite", SystemClock())
    try:
        for row in ledger.flows.find((FlowState.RUNNING,)):
            if row.source == name:
                ledger.flows.act(row.id, Act(ActKind.WITHDRAW, actor=OPERATOR, why="not wanted"))
    finally:
        ledger.close()


def _judge_record(deaths: Deaths, original: Path) -> None:
    """Hold a record in failed/ against the log: one end, and no seal that was bought."""
    record = original.with_name(certificate_name(original.name))
    data = record.with_name(data_name(record.name))
    text = data.read_bytes()
    assert said("qpdf", "--show-attachment=evidence.json", record).encode() == text
    told = json.loads(text)
    ends = [
        one
        for one in told["acts"]
        if one["event"].startswith("flow.")
        if one["event"] != "flow.begun"
    ]
    assert [one["event"] for one in ends] == [f"flow.{told['state']}"]
    assert told["seals"] == []
    receipt = json.loads(original.with_name(f"{original.name}.receipt.json").read_text())
    assert receipt["error"]["code"] == f"flow.{told['state']}"
    assert not list((deaths.parties.root / "board" / "todo").iterdir())


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
