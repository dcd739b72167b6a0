"""The ledger: six faces of one store, each with its own users."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from gateway.core.chain import Flaw, LogEntry
from gateway.core.job import Job, Slot
from gateway.core.log_query import LogQuery
from gateway.core.quota import Charge, ChargeState, Package, Price, Spending
from gateway.core.states import Event, State


class Jobs(Protocol):
    """Jobs and their transitions; each commit is durable when the call returns."""

    def open(self, job: Job, details: Mapping[str, str]) -> Job:
        """Insert a new job in CLAIMED and its `job.claimed` entry, in one transaction."""

    def open_all(self, wanted: Iterable[tuple[Job, Mapping[str, str]]]) -> tuple[Job | None, ...]:
        """Insert several so, in one transaction; None for one that its batch awaits no more."""

    def advance(self, job: Job, event: Event, details: Mapping[str, str], **changes: object) -> Job:
        """Follow `event` from the job's state, set `changes`, log it; all in one transaction.

        `changes` name fields of `Job`. Raises `UsageFault` (`usage.illegal-transition`) when
        the table has no such row or the stored version is not `job.version` any more.
        """

    def send(self, job: Job, details: Mapping[str, str], price: Price) -> Job:
        """Follow SENT, and count what the call may cost and the seals' uses, in one transaction.

        Raises `ServiceFault` (`service.repeat-limit`, `service.out-of-quota`), `DocumentFault` or
        `WaitingFault` (of its seals) instead.
        """

    def get(self, job_id: str) -> Job | None:
        """Return a job, or None."""

    def find(
        self, states: Iterable[State], *, limit: int | None = None, newest_first: bool = False
    ) -> tuple[Job, ...]:
        """Return the jobs in any of `states`, by id."""

    def paper(self, job_id: str, slot: Slot) -> bytes | None:
        """Return what was stored as a job's small artifact (`core.job.paper`), or None.

        It goes when its job ends, or has the artifact no more; a failed job that has a signature
        keeps its own.
        """

    def of_bytes(self, sha256: str) -> tuple[Job, ...]:
        """Return the newest jobs that accepted these bytes, under any name, newest first."""

    def generations(self, inbox: str, source: str, sha256: str) -> int:
        """Count the jobs that accepted these bytes under this name before."""


class SigningLog(Protocol):
    """The hash-chained log; entries of jobs come through `Jobs`, others through `record`."""

    def record(
        self, event: str, details: Mapping[str, str], actor: str = "sealgate", job: str = ""
    ) -> LogEntry:
        """Append an entry that is no step of a job.

        With `job` it belongs to the story of that contract flow, and must be one of
        `core.flow_story`.
        """

    def entries(
        self,
        *,
        job: str = "",
        event: str = "",
        events: Collection[str] = (),
        text: str = "",
        since: str = "",
        until: str = "",
        after: int = 0,
        limit: int = 0,
    ) -> Iterator[LogEntry]:
        """Yield entries in order; `event` may end in `*`, `text` is looked for in the details.

        With `events`, an entry's must be one of them. `since` and `until` belong to the answer.
        `after` is the sequence number behind which the search begins.
        """

    def search(
        self, query: LogQuery, *, after: int = 0, limit: int = 0, newest_first: bool = False
    ) -> Iterator[LogEntry]:
        """Yield what fits a query behind the number `after`, in order or from the newest back.

        Its words may also be in what is known of an entry's document: id, name, hash, inbox,
        seal, rule, service.
        """

    def verify(self) -> tuple[Flaw, ...]:
        """Check the whole chain, its head, and that each job has all its entries."""


@dataclass(frozen=True)
class Hold:
    """Work that is paused: `service:NAME`, `inbox:NAME` or `site`."""

    subject: str
    code: str
    detail: str
    since: datetime
    failures: int
    """Failed attempts in a row since the hold began."""
    probe_at: float
    """Seconds since the epoch at which one piece of work may try again."""


class Holds(Protocol):
    """What is held now; opening and closing are logged once (`hold.opened`, `hold.closed`)."""

    def hold(self, subject: str, code: str, detail: str, probe_at: float) -> Hold:
        """Open a hold, or count one more failure of an open one."""

    def release(self, subject: str) -> bool:
        """Close a hold; return whether there was one."""

    def all(self) -> tuple[Hold, ...]:
        """Return the open holds, oldest first."""


class Memory(Protocol):
    """Small durable facts that are neither jobs nor log."""

    def save_snapshot(self, snapshot: str, text: str) -> bool:
        """Keep a rulebook's canonical text under its hash; return whether it was new."""

    def remember(self, key: str, value: str) -> None:
        """Set a value, such as an inbox's mount point or the daemon's heartbeat."""

    def recall(self, key: str) -> str | None:
        """Return a remembered value."""


class Quotas(Protocol):
    """Prepaid quotas: what was bought, and every attempt that may have cost.

    The charge of a job follows the job's events by itself (`Jobs.send`, `Jobs.advance`).
    """

    def begin(self, price: Price, job: str, digest: str) -> int:
        """Commit that a call is about to leave; return the charge's number.

        Raises `ServiceFault`: `service.repeat-limit`, `service.out-of-quota`.
        """

    def end(self, number: int, state: ChargeState, code: str = "") -> None:
        """Say how the attempt ended."""

    def account(self, service: str) -> tuple[tuple[Package, ...], tuple[Spending, ...]]:
        """Return what was bought of a service, and what was spent, by day."""

    def unanswered(self, job: str, digest: str) -> int:
        """Count the attempts to have a digest signed of which nobody knows what they cost."""

    def acknowledge(self, actor: str, job: str = "") -> int:
        """Let digests be sent once more that went unanswered; of one job, or of all."""

    def abandon(self) -> int:
        """Take charges left under way by a process that ended for unanswered ones."""


class Accounts(Protocol):
    """The books of the quotas, for people: buying, listing, comparing with the provider's."""

    def buy(self, package: Package, actor: str) -> None:
        """Add a package; logged as `quota.bought`."""

    def charges(
        self, service: str, states: Iterable[ChargeState], since: str = ""
    ) -> tuple[Charge, ...]:
        """Return the attempts at a service in any of `states`, oldest first."""

    def reconcile(
        self, outcomes: Iterable[tuple[int, ChargeState]], source: str, actor: str
    ) -> None:
        """Settle charges by what the provider's own list says; logged as `quota.reconciled`."""


@dataclass(frozen=True)
class Renewal:
    """An archived result of level B-LTA, and how long its newest time-stamp lasts."""

    job: str
    path: Path
    """Of the newest version."""
    ends: str
    """ISO 8601, UTC: when the certificate of its newest time-stamp ends."""
    times: int = 0
    """How often it was renewed."""


class Renewals(Protocol):
    """Archived results whose time-stamps have to be renewed."""

    def watch(self, renewal: Renewal) -> None:
        """Remember when a result's newest time-stamp ends."""

    def renewed(self, renewal: Renewal, sha256: str, actor: str) -> None:
        """Remember a renewed version, and log it as `archive.renewed`."""

    def ending(self, before: str) -> tuple[Renewal, ...]:
        """Return the results whose newest time-stamp ends before a time, the first to end first."""
