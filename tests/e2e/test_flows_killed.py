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

from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.flow_events import FlowState
from gateway.core.names import certificate_name, data_name
from gateway.ledger import SqliteLedger
from gateway.sandbox.process import SandboxProcess
from gateway.wiring import SystemClock
from tests.e2e.flowing import Parties, add_flow
from tests.e2e.programs import said
from tests.e2e.site import TestSite, wait_for

WITHIN = (
    "/flows.py /settling.py /handing_out.py /bringing.py /clerk.py /revisions.py /party_folders.py"
)
INTO_FAILED = f"{WITHIN} /flowing.py /failed.py /papers.py /certifying.py"
LAST_POINTS_THAT_MAY_BE_MISSED = 2
SEAL = "seal: company-seal, place: {page: last, corner: bottom-left, margin: 15mm}"
READ = "{name: read, type: review, party: board}"
SEALED = f"evidence: {{{SEAL}}}"
OFFER = f"{SEALED}\nsteps: [{READ}, {{name: stamp, type: seal, party: tenant, {SEAL}}}]"
FLOWS = {
    "lease": f"steps: [{{name: release, type: approve, party: board, {SEAL}}}]",
    "offer": OFFER,
    "brief": f"deadline: 1s\n{OFFER}",
    "deal": f"{SEALED}\nsteps: [{READ}]",
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
    again: str = ""
    """Functions at which to die though another way has led to them, too."""


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
        starts = self.site.readies
        process = self.site.start((*module, str(self.folder), "--"))
        try:
            wait_for("the daemon is ready", lambda: self.site.readies > starts)
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
            again = bool(way.again) and way.again in step
            if changes and (again or step not in self._died_at):
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
        starts = self.site.readies
        way, name = self.names[-1]

        def over() -> bool:
            way.push_on(name)
            return way.finished(name)

        with self.site.daemon():
            wait_for("ready", lambda: self.site.readies > starts)
            wait_for("the last is finished", over)
            wait_for("all is closed", lambda: self.closed() == len(self.names))

    def closed(self) -> int:
        """Return how many flows have nothing more to do."""
        return len(self.site.events("flow.closed"))

    def named(self, way: Way) -> list[str]:
        """Return the contracts that went a way."""
        return [name for one, name in self.names if one is way]


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


def test_killed_at_every_step_of_a_flow(site: TestSite, tmp_path: Path) -> None:
    """A daemon killed before any step of a flow is made good by the next one.

    Be it completed, with a sealed certificate or without, rejected, expired or withdrawn: it has
    one end, nothing is spent behind it, the record is complete, and nobody is asked any more.
    """
    for name, more in FLOWS.items():
        add_flow(site, f"name: {name}\nparties: {{board: , tenant: }}\n{more}", name)
    deaths = Deaths(site, tmp_path / "deaths")
    ended, approved = partial(_recorded, deaths), partial(deaths.move, "board", "approve")
    ways = {
        "lease": Way("lease", approved, partial(_delivered, deaths)),
        "rejected": Way("offer", partial(deaths.move, "board", "reject"), ended, INTO_FAILED),
        "expired": Way("brief", lambda name: None, ended, INTO_FAILED),
        "withdrawn": Way("offer", partial(_withdraw, deaths), ended, INTO_FAILED, "<_conclude<"),
        "deal": Way("deal", approved, partial(_delivered, deaths)),
    }
    with SandboxProcess(site.state):
        points = {state: deaths.die_everywhere(way) for state, way in ways.items()}
        assert points["lease"] >= 8
        assert all(points.values()), points
        deaths.finish()
        completed = [*deaths.named(ways["lease"]), *deaths.named(ways["deal"])]
        assert site.usage()["charged"] == len(completed), "a seal, or that of the certificate"
    flows = {one["document"]: one["state"] for one in site.json("flows", "list", "--all")}  # type: ignore[attr-defined]
    states = {way: state if state in flows.values() else "completed" for state, way in ways.items()}
    assert flows == {name: states[way] for way, name in deaths.names}
    for way in (ways["lease"], ways["deal"]):
        _judge_contracts(deaths, way)
    originals = sorted(site.failed.rglob("c???.pdf"))
    assert {path.name for path in originals} == flows.keys() - set(completed)
    for original in originals:
        _judge_record(original)
    laid = [path for path in site.failed.rglob("*") if path.is_file()]
    assert len(laid) == 4 * len(originals), "original, receipt, record and data, once each"
    assert not list((deaths.parties.root / "board" / "todo").iterdir())
    assert site.call("log", "verify").returncode == 0


def test_killed_while_a_contract_is_extended(site: TestSite, tmp_path: Path) -> None:
    """Dying between seal and long-term time-stamp costs no second seal, and no second extension."""
    steps = f"steps: [{{name: release, type: approve, party: board, {SEAL}}}]"
    add_flow(site, f"name: bond\nparties: {{board: , tenant: }}\nlevel: B-LTA\n{steps}", "bond")
    deaths = Deaths(site, tmp_path / "deaths")
    approved = partial(deaths.move, "board", "approve")
    way = Way("bond", approved, partial(_delivered, deaths), "/extending.py")
    with SandboxProcess(site.state):
        assert deaths.die_everywhere(way) >= 3
        deaths.finish()
        assert site.usage()["charged"] == len(deaths.names)
    _judge_contracts(deaths, way)
    for name in deaths.named(way):
        told = said("pdfsig", "-nocert", site.outbox / "bond" / name)
        assert told.count("Signature #") == 2, "the seal and the time-stamp over the document"
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


def _judge_record(original: Path) -> None:
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


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
