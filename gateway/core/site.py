"""A site: what `gateway.yaml` says, checked and frozen. Paths are absolute."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gateway.core.ledger_settings import PostgresqlSettings
from gateway.core.log_timestamps import LogTimestampSettings
from gateway.core.monitoring import MonitoringSettings
from gateway.core.notice_settings import Language, Subscription
from gateway.core.opening import Opening
from gateway.core.people_settings import ConsoleSettings, PeopleSettings
from gateway.core.remotes import PushSettings, RemoteSettings
from gateway.core.retention import Retention
from gateway.core.retry import RetryPolicy
from gateway.core.schedules import Schedule
from gateway.core.secret import Secret
from gateway.core.services import RevocationSettings, ServiceSettings, TimestampSettings

SANDBOX_ORGANISATION = "Sealgate Sandbox"
"""Organisation in every certificate of the sandbox; a production site refuses such certificates."""


class Watching(StrEnum):
    """How changes of an inbox are noticed between scans."""

    AUTO = "auto"
    """Events on local file systems, polling on network file systems."""
    EVENTS = "events"
    POLLING = "polling"


class Immutable(StrEnum):
    """Whether archived files are made immutable, so that nobody changes or removes them."""

    NO = "false"
    WANTED = "true"
    """Where file system and privileges allow it."""
    REQUIRED = "require"
    """Where they do not, nothing is archived."""


class Tickets(StrEnum):
    """What a file `x.pdf.yaml` or `x.pdf.json` in an inbox is."""

    NONE = "none"
    """A document like any other."""
    OPTIONAL = "optional"
    """The ticket of `x.pdf`, if it is there in time."""
    REQUIRED = "required"
    """The ticket of `x.pdf`, which waits for it."""


@dataclass(frozen=True)
class BatchTerms:
    """How an inbox treats manifests."""

    missing_after: float = 3600.0
    """Seconds after which a listed file that has not come is reported as missing."""
    alone: bool = False
    """Documents that no manifest lists are taken by themselves; otherwise they wait."""
    zip: bool = False
    """Results and receipts come back in one ZIP file, too."""


@dataclass(frozen=True)
class InboxSettings:
    """One inbox; durations in seconds."""

    name: str
    path: Path
    watching: Watching = Watching.AUTO
    settle: float | None = None
    """Quiet time; None chooses 2 s on local and 10 s on network file systems."""
    incomplete_after: float = 30.0
    """A file without a PDF tail is taken as it is when it has been quiet for so long."""
    open_after: float = 3600.0
    """A file that somebody still has open for writing is taken when quiet for so long."""
    scan_every: float = 20.0
    """Interval of the reconcile scan."""
    recursive: bool = True
    preview_of: str = ""
    """Inbox whose rules are shown: pictures come back, and nothing is sealed or spent."""
    opening: Opening = Opening()
    """When it is attended."""
    remote: RemoteSettings | None = None
    """The folder on another machine from which it is filled."""
    must_be_mount: bool = False
    """The folder is meant to lie on a mount of its own; if not, nothing is read or written."""
    priority: int = 0
    """Documents of a higher one go first."""
    status_page: bool = False
    """A page in it tells how its documents stand."""
    in_flight: int | None = None
    """Its jobs worked on at the same time; None means only the site's limit."""
    tickets: Tickets | None = None
    """None lets the rules decide: optional when one of them permits tickets, else none."""
    trigger: str = ""
    """Ending, with its dot, of the file that says `x.pdf` is complete; empty when there is none."""
    batches: BatchTerms | None = None
    """How manifests are treated; None where there are none."""
    orphaned_after: float = 600.0
    """A ticket without its document is reported when it has been there for so long."""


@dataclass(frozen=True)
class Limits:
    """Bounds on one document and on the whole."""

    max_file_size: int = 512 * 1024 * 1024
    """Bytes."""
    document_seconds: float = 20.0
    """Seconds of processor time that one document may take in all."""
    document_memory: int = 1024 * 1024 * 1024
    """Bytes that reading it may take beyond its own size."""
    in_flight: int = 32
    """Jobs worked on at the same time; most of them wait for a service."""
    readers: int = 2
    """Child processes that read PDFs."""


@dataclass(frozen=True)
class SiteSettings:
    """Everything `gateway.yaml` says."""

    root: Path
    name: str
    sandbox: bool
    inboxes: tuple[InboxSettings, ...]
    outbox: Path
    archive: Path
    failed: Path
    state: Path
    rules: Path
    services: tuple[ServiceSettings, ...]
    timestamps: tuple[TimestampSettings, ...]
    """Time-stamp authorities in the order in which they are asked."""
    trust_anchors: tuple[Path, ...]
    """PEM or DER files."""
    revocation: RevocationSettings = RevocationSettings()
    retry: RetryPolicy = RetryPolicy()
    limits: Limits = Limits()
    passwords: tuple[Secret, ...] = ()
    """Tried in turn on encrypted documents."""
    notices: tuple[Subscription, ...] = ()
    """Who is told of what happens."""
    pushes: tuple[PushSettings, ...] = ()
    """Remote folders that get results."""
    language: Language = Language.ENGLISH
    """Of what Sealgate writes for people who drop documents."""
    monitoring: MonitoringSettings | None = None
    """Where metrics are served; None: nowhere."""
    immutable: Immutable = Immutable.NO
    """Whether archived files are made immutable."""
    retention: Retention | None = None
    """How long archived files are kept; None: for ever."""
    purges: tuple[Schedule, ...] = ()
    """When the daemon removes what need not be kept any longer."""
    log_timestamp: LogTimestampSettings | None = None
    """When the head of the signing log is time-stamped; None: never by itself."""
    console: ConsoleSettings = ConsoleSettings()
    people: PeopleSettings = PeopleSettings()
    ledger: PostgresqlSettings | None = None
    """The database of the ledger; None: the file `ledger.sqlite` of the state folder."""

    @property
    def parties(self) -> Path:
        """Return the folder below which the parties of contract flows have theirs."""
        return self.root / "flows"

    def inbox(self, name: str) -> InboxSettings | None:
        """Return the inbox called `name`, or None."""
        return next((inbox for inbox in self.inboxes if inbox.name == name), None)

    def service(self, name: str) -> ServiceSettings | None:
        """Return the digest service called `name`, or None."""
        return next((service for service in self.services if service.name == name), None)
