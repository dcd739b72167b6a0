"""A small site in one process whose inbox begins a flow."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.flow_definition import FlowDefinition, Party, Stage, Step, StepKind
from gateway.core.flow_events import FlowState
from gateway.core.notice_settings import Language
from gateway.core.places import AtCorner, Place
from gateway.core.rules import Rule
from gateway.daemon.attendance import Attendance
from gateway.daemon.engine import Engine
from gateway.daemon.work import JobWork
from gateway.flows.certifying import Certifying
from gateway.flows.clerk import Clerk
from gateway.flows.office import Office, Returns
from gateway.flows.room import FlowRoom
from gateway.folders.papers import FolderPapers
from gateway.folders.party_folders import FolderOfParties
from gateway.pdf.printing import PdfPrinter
from gateway.ports import FlowRow
from gateway.seals.lettering import FontLettering
from gateway.wiring import local_threads
from tests.e2e.pages import write_pdf
from tests.fakes.csc import PickyService
from tests.pdf.conftest import Key, artwork, key
from tests.pipeline.conftest import House

__all__ = ["artwork", "key"]

PARTIES = (Party("legal", "Legal"), Party("board"), Party("acme"))


def step(name: str, kind: StepKind, party: str, **more: object) -> Step:
    """Return a step; one that seals does it in a corner."""
    seals = kind is StepKind.SEAL or (kind is StepKind.APPROVE and more.pop("seals", False))
    sealing = Rule(name, "flow.test", "seal", (Place(AtCorner()),)) if seals else None
    return Step(name, kind, party, sealing=sealing, **more)  # type: ignore[arg-type]


def one_by_one(*steps: Step, **more: object) -> FlowDefinition:
    """Return a definition whose steps follow each other."""
    stages = tuple(Stage((one,)) for one in steps)
    return FlowDefinition("test", "in", PARTIES, stages, **more)  # type: ignore[arg-type]


USUAL = one_by_one(
    step("read", StepKind.REVIEW, "legal"),
    step("release", StepKind.APPROVE, "board", seals=True),
    step("stamp", StepKind.SEAL, "legal"),
)


class FlowHouse(House):
    """A site whose inbox begins flows of one definition."""

    definition: FlowDefinition = USUAL

    def __init__(self, root: Path, service: PickyService, artwork: Path, key: Key) -> None:
        super().__init__(root, service, artwork, key)
        self.parties = root / "flows"

    def begin(self, definition: FlowDefinition, name: str = "contract.pdf") -> str:
        """Drop a document, and return its flow when that has begun."""
        flow = self.begin_alone(definition, name)
        self.settle()
        return flow

    def begin_alone(self, definition: FlowDefinition, name: str) -> str:
        """Drop a document, and return its flow as soon as it is there."""
        self.definition = replace(definition, seals=self.rulebook.seals)
        known = {row.id for row in self.flows()}
        write_pdf(self.root / "inbox" / name, (name,))
        self.run_until("the flow is there", lambda: len(self.flows()) > len(known))
        return next(row.id for row in self.flows() if row.id not in known)

    def held(self) -> list[str]:
        """Return what is held."""
        return [hold.subject for hold in self.ledger.all()]

    def flows(self) -> tuple[FlowRow, ...]:
        """Return all flows, newest first."""
        return self.office.flows()

    def settle(self) -> None:
        """Run rounds until nothing is to be done that needs nobody."""
        self.run_until("everything is settled", lambda: not self.clerk.busy() and not self.jobs())

    def jobs(self) -> bool:
        """Tell whether any job is under way."""
        return self.engine.round() > 0 or not self.engine.idle()

    def todo(self, party: str) -> Path:
        """Return the one document in a party's todo/."""
        (found,) = (self.parties / party / "todo").glob("*.pdf")
        return found

    def move(self, party: str, verdict: str, why: str = "") -> Path:
        """Move the one document in a party's todo/, as a person does."""
        document = self.todo(party)
        target = self.parties / party / verdict / document.name
        if why:
            target.with_suffix(".txt").write_text(why)
        document.rename(target)
        return target

    def act(self, party: str, verdict: str, why: str = "") -> None:
        """Move it, and let everything follow."""
        moved = self.move(party, verdict, why)
        self.clerk.hint()
        self.run_until("the file is taken", lambda: not moved.exists())
        self.settle()

    def state(self, flow: str) -> FlowState:
        """Return where a flow stands."""
        return self.office.flow(flow).status.state

    def _new_engine(self) -> Engine:
        equipment = replace(
            self.equipment,
            flow_of=lambda inbox: self.definition if inbox == self.definition.inbox else None,
        )
        ledger = self.ledger
        self.office = Office(
            ledger.flows,
            ledger.flows,
            equipment.revisions,
            equipment.clock,
            Returns(self.documents, equipment.anchors),
        )
        folders = FolderOfParties(self.root / "flows", equipment.clock, quiet=0.05, largest=10**7)
        self.certifying = Certifying(
            "Example Ltd", ledger, lambda: (PdfPrinter(), FontLettering()), Language.ENGLISH
        )
        self.room = FlowRoom(
            office=self.office,
            certifying=self.certifying,
            papers=FolderPapers(self.root / "failed"),
            enclosures=FolderPapers(self.root / "outbox"),
            outbox=self.root / "outbox",
            agenda=ledger.flows,
            revisions=equipment.revisions,
            folders=folders,
            trays=folders,
            jobs=ledger,
            vault=equipment.vault,
            spool=self.root / "state" / "spool",
            droppers=ledger.droppers,
            holds=ledger,
            log=ledger,
            clock=equipment.clock,
        )
        self.clerk = Clerk(self.room, scan_every=0.2)
        attendance = Attendance(equipment, self.inboxes, self.root / "reports")
        threads = local_threads(2, JobWork(equipment, print))
        return Engine(equipment, attendance, threads, clerk=self.clerk)


@pytest.fixture
def house(tmp_path: Path, artwork: Path, key: Key) -> Iterator[FlowHouse]:
    """Return a site of one's own."""
    built = FlowHouse(tmp_path / "site", PickyService(key), artwork, key)
    yield built
    built.engine.stop()
    built.documents.close()
    built.ledger.close()


Copy = Callable[[Path, Path], object]
copy: Copy = shutil.copyfile
