"""Contract flows: their books, the revisions of their documents, the folders of their parties."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from gateway.core.errors import SiteFault
from gateway.core.flow_acts import Act
from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_events import FlowEvent, FlowState
from gateway.core.flow_state import FlowStatus
from gateway.core.job import Job
from gateway.ports.folders import Candidate


@dataclass(frozen=True)
class Flow:
    """One flow: the definition it is pinned to, and where it stands."""

    id: str
    """That of the job of its document."""
    definition: FlowDefinition
    status: FlowStatus


@dataclass(frozen=True)
class FlowRow:
    """A flow as lists show it."""

    id: str
    name: str
    """Of the definition."""
    definition: str
    """SHA-256 of the definition it is pinned to, in hex."""
    source: str
    owner: str
    """Login; empty when nobody knows."""
    state: FlowState
    version: int
    parties: tuple[str, ...]
    """Whose turn it is."""
    steps: tuple[str, ...]
    """Those that are open or being sealed."""
    due: datetime | None
    """When the clock has something to say to it."""
    deadline: datetime | None
    """When its first deadline is missed, or was."""
    begun: datetime
    updated: datetime


class Flows(Protocol):
    """The books of flows: each call is one transaction with its entries in the signing log."""

    def begin(self, job: Job, definition: FlowDefinition, act: Act) -> Job:
        """Hand an accepted job's document over to a flow that is pinned to a definition.

        A flow that the job began before stays as it is. Raises `DocumentFault`
        (`flow.ticket-field`).
        """

    def act(self, flow: str, act: Act) -> Flow:
        """Do what follows from an act, and return the flow as it then is.

        Raises `UsageFault` (`flow.…`) and `DocumentFault` (`flow.other-document`).
        """

    def get(self, flow: str) -> Flow | None:
        """Return a flow, or None."""

    def events(self, flow: str) -> tuple[FlowEvent, ...]:
        """Return a flow's story."""

    def awaits(self, job: Job) -> bool:
        """Tell whether the flow of a step's job still waits for this very job."""


class FlowAgenda(Protocol):
    """Which flows there are, and which of them have something to be done."""

    def find(
        self, states: Iterable[FlowState], *, limit: int = 0, revision: str = ""
    ) -> tuple[FlowRow, ...]:
        """Return the newest flows in any of some states, newest first; 0 for all.

        With `revision`, only those whose document has that SHA-256 now.
        """

    def due(self, limit: int) -> tuple[str, ...]:
        """Return the flows to which the clock has something to say now."""

    def unsettled(self, limit: int) -> tuple[tuple[str, int], ...]:
        """Return the flows whose folders and jobs may not be as they should.

        Each with the number of changes that these have yet to follow.
        """

    def settled(self, flow: str, changes: int) -> None:
        """Note that they have followed so many, unless there are more by now."""

    def recall(self, flow: str) -> None:
        """Note that they may not be."""


class Revisions(Protocol):
    """Every version that a flow's document ever had, by its SHA-256 in hex."""

    def keep(self, flow: str, content: Path) -> str:
        """Keep a copy of a file and return its hash; raises `SiteFault`."""

    def path(self, flow: str, sha256: str) -> Path:
        """Return where a version lies, after checking it.

        Raises `SiteFault` (`site.artifact-damaged`).
        """

    def drafting(self, flow: str, content: Path | None = None) -> AbstractContextManager[Path]:
        """Have a path of one's own meanwhile: with a copy of `content`, or nothing there yet.

        Raises `SiteFault`, and `UsageFault` (`usage.no-file`) when `content` cannot be read.
        """

    def forget(self, flow: str) -> None:
        """Remove every version of a flow's document; raises `SiteFault`."""

    def lend(self, flow: str, sha256: str, target: Path) -> None:
        """Copy a version to a path outside, unless it is there already; raises `SiteFault`."""


class Verdict(StrEnum):
    """What moving a file means; the value is the folder's name."""

    APPROVE = "approve"
    """Agreed, or brought back signed."""
    REJECT = "reject"


@dataclass(frozen=True)
class Brought:
    """A file that lies in the folder of a verdict, with the text that gives the reason."""

    party: str
    verdict: Verdict
    file: Candidate
    """Its source is the path below the folder of all parties."""
    reason: Candidate | None = None

    @property
    def name(self) -> str:
        """Return the file's name."""
        return self.file.source.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Looked:
    """What was found in a file that was brought."""

    sha256: str
    owner: str
    """User of the machine whose file, or whose reason, it is; empty when that is Sealgate."""
    why: str


class Papers(Protocol):
    """Papers that belong to an original in failed/, or to a result in the outbox."""

    def lay_beside(self, document: Path, name: str, content: Path, sha256: str) -> Path:
        """Have a copy beside a document, which may be gone, under a free name; return its path.

        A copy that is there already is left as it is. Raises `SiteFault`.
        """


class PartyFolders(Protocol):
    """The folders `PARTY/todo`, `approve`, `reject`, `done` and `refused` of every party."""

    def prepare(self, party: str) -> None:
        """Make a party's folders; raises `SiteFault`."""

    def lay(self, party: str, name: str, content: Path, sha256: str, note: bytes) -> None:
        """Have a document and its cover note in todo/, in place of an older one of that name."""

    def take_back(self, party: str, name: str) -> None:
        """Have neither document nor cover note of that name in todo/."""


@dataclass(frozen=True)
class Gathered:
    """What one look into the folders of verdicts has found."""

    brought: tuple[Brought, ...]
    """What has settled, oldest first."""
    faults: tuple[SiteFault, ...] = ()
    """Of folders that could not be looked into; the others were."""


class PartyTrays(Protocol):
    """What parties have moved into folders of verdicts, and where it goes then."""

    def examine(self) -> Gathered:
        """Return what lies there; raises `SiteFault` when nothing can be looked into."""

    def next_due(self) -> float | None:
        """Return the seconds until something could have settled; None when nothing waits."""

    def look(self, brought: Brought, copy: Path | None = None) -> Looked:
        """Read what was brought, and copy it to a new file of our own where one is named.

        Raises `FileNotFoundError` when it is not as it was seen, `DocumentFault`
        (`intake.too-large`) and `SiteFault`.
        """

    def finish(self, brought: Brought, refused: str = "") -> None:
        """Move it to done/, or to refused/ with a note of why."""

    def hand_out(self, party: str, name: str, content: Path, sha256: str) -> Path:
        """Have a copy in done/ under a free name, and return its path."""
