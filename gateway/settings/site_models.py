"""What may stand in `gateway.yaml`: the edge at which its YAML is parsed.

The models also give the JSON Schema for editors (`docs/schema/`), so each key says what it is.
Names and files are checked later, when everything is read.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.settings.console_models import ConsolePart
from gateway.settings.ledger_models import LedgerPart
from gateway.settings.log_models import LogPart
from gateway.settings.monitoring_models import MonitoringPart
from gateway.settings.notice_models import NoticePart
from gateway.settings.people_models import PeoplePart
from gateway.settings.push_models import PushPart
from gateway.settings.remote_models import RemotePart
from gateway.settings.retention_models import ArchivePart, ChosenArchive, ChosenRetention
from gateway.settings.service_families import ServicePart
from gateway.settings.service_models import RevocationPart, SecretReference, TimestampPart
from gateway.settings.time_models import CalendarPart
from gateway.settings.triggers import Trigger
from gateway.settings.written import (
    FileSize,
    LengthText,
    Memory,
    Name,
    Names,
    Part,
    Paths,
    PathText,
    Quiet,
    Scan,
    Span,
    Words,
)


class BatchesPart(Part):
    """How an inbox treats manifests."""

    missing_after: Span = "1h"  # type: ignore[assignment]
    """A listed file that has not come after so long is reported as missing."""
    alone: bool = False
    """Documents that no manifest lists are taken by themselves; otherwise they wait for one."""
    zip: bool = False
    """Results and receipts come back in one ZIP file, too."""


class InboxPart(Part):
    """A folder below which PDFs are dropped."""

    path: PathText | None = None
    """The folder; inbox/NAME when not given."""
    watching: Literal["auto", "events", "polling"] = "auto"
    """How changes are noticed between scans: auto means events on local disks, else polling."""
    settle: Quiet | None = None
    """How long a file must not have changed; 2s on local disks, 10s on network shares."""
    incomplete_after: Span = "30s"  # type: ignore[assignment]
    """After so long a quiet time a file without a PDF's end mark is taken as it is."""
    open_after: Span = "1h"  # type: ignore[assignment]
    """After so long a quiet time a file that is still open for writing is taken all the same."""
    scan_every: Scan = "20s"  # type: ignore[assignment]
    """Interval of the scan that finds whatever events have missed."""
    recursive: bool = True
    """Sub-folders count, and are kept in the outbox."""
    preview_of: Name | None = None
    """Pictures of the pages, sealed by the rules of this inbox, come back; nothing is spent."""
    remote: RemotePart | None = None
    """A folder on another machine, from which the inbox is filled."""
    must_be_mount: bool = False
    """The folder is a mounted share: while it is not mounted, nothing is read or written."""
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    """Documents of an inbox with a higher number go first."""
    status_page: bool | None = None
    """_STATUS.txt and _STATUS.html in the inbox tell how its documents stand; else the site's."""
    in_flight: Annotated[int, Field(ge=1, le=256)] | None = None
    """Documents of this inbox worked on at the same time; the site's limit when not given."""
    tickets: Literal["none", "optional", "required"] | None = None
    """x.pdf.yaml is the ticket of x.pdf; optional when a rule permits tickets, else none."""
    trigger: Trigger | None = None
    """Such as .done: x.pdf is taken only when x.pdf.done or x.done is there, which is removed."""
    batches: BatchesPart | None = None
    """NAME.batch.csv or .json lists documents that belong together; docs/batches.md."""
    orphaned_after: Span = "10m"  # type: ignore[assignment]
    """A ticket or trigger without its document is reported when it has been there so long."""
    open: Name | None = None
    """Name of a calendar: outside of its hours files wait untouched."""
    sweeps: Names = ()
    """When all that waits is taken, in cron's five fields; in between files wait untouched."""


class SealPart(Part):
    """A seal: picture, physical size, service."""

    image: PathText
    """A PNG, best with transparent background."""
    width: LengthText
    """On paper, 5 to 300 mm."""
    height: LengthText | None = None
    """On paper; from the picture when not given."""
    service: Words
    """Name of the digest service that signs with this seal."""


class TrustPart(Part):
    """Whom the site trusts."""

    anchors: Paths = ()
    """PEM or DER files, one certificate each: the authorities above signers and time-stamps."""


class RetryPart(Part):
    """When work that could not be done is tried again."""

    first: Span = "2s"  # type: ignore[assignment]
    """The first pause; each later one is twice as long."""
    longest: Span = "5m"  # type: ignore[assignment]
    """No pause is longer."""
    cap: Annotated[int, Field(ge=1, le=1000)] = 8
    """Failed attempts of one document, while others were served, until it is given up."""


class LimitsPart(Part):
    """Bounds on one document and on the whole."""

    max_file_size: FileSize = "512MiB"  # type: ignore[assignment]
    """A larger document fails."""
    document_seconds: Span = "20s"  # type: ignore[assignment]
    """Processor time that examining, preparing and checking one document may take in all."""
    document_memory: Memory = "1GiB"  # type: ignore[assignment]
    """Memory that reading a document may take beyond its own size."""
    in_flight: Annotated[int, Field(ge=1, le=256)] = 32
    """Documents worked on at the same time."""
    readers: Annotated[int, Field(ge=1, le=64)] = 2
    """Processes that read documents."""


class SiteFile(Part):
    """`gateway.yaml`."""

    name: Words
    """The organisation, for people."""
    sandbox: bool = False
    """An evaluation site, with throw-away keys; never for real documents."""
    inboxes: Annotated[dict[Name, InboxPart | None], Field(min_length=1)]
    """Name of each inbox, and what differs from the defaults."""
    outbox: PathText = "outbox"
    """Results and their receipts."""
    archive: ChosenArchive = ArchivePart()
    """The folder of original, result and receipt, by date; or path: and immutable:."""
    retention: ChosenRetention | None = None
    """How long archived files are kept, such as 90d, 18mo or 10y; or keep: and purge:."""
    failed: PathText = "failed"
    """What could not be sealed, with its receipt."""
    state: PathText = "state"
    """Ledger and working files; on a local disk."""
    ledger: LedgerPart = LedgerPart()
    """Where the ledger is kept, when it is not in the state folder."""
    rules: PathText = "rules"
    """The folder of the rule files."""
    services: Annotated[dict[Name, ServicePart], Field(min_length=1)]
    """Name of each digest service, and how to reach it."""
    timestamp: TimestampPart | None = None
    """Who stamps the time."""
    log: LogPart = LogPart()
    """The signing log."""
    revocation: RevocationPart = RevocationPart()
    """How revocation data are fetched."""
    seals: Annotated[dict[Name, SealPart], Field(default_factory=dict)]
    """Name of each seal, and what it looks like; those of the registry come besides."""
    passwords: Annotated[tuple[SecretReference, ...], Field(max_length=20)] = ()
    """Passwords to try on encrypted documents, in turn; each is a reference to a secret."""
    notices: Annotated[dict[Name, NoticePart], Field(default_factory=dict)]
    """Name of each notice, whom it tells, and of what."""
    push: Annotated[dict[Name, PushPart], Field(default_factory=dict)]
    """Name of each folder on another machine that gets results, and how to reach it."""
    time_zone: Words = "UTC"
    """Of the site, by its IANA name, such as Europe/Berlin."""
    calendars: Annotated[dict[Name, CalendarPart], Field(default_factory=dict)]
    """Name of each calendar, and its hours."""
    status_page: bool = False
    """_STATUS.txt and _STATUS.html in each inbox tell people how their documents stand."""
    monitoring: MonitoringPart | None = None
    """Where the daemon answers monitoring."""
    console: ConsolePart = ConsolePart()
    """The web console."""
    people: PeoplePart = PeoplePart()
    """Rules for users."""
    language: Literal["en", "zh"] = "en"
    """Of the texts that Sealgate brings for notices and status pages."""
    trust: TrustPart = TrustPart()
    """Whom the site trusts."""
    retry: RetryPart = RetryPart()
    """When work is tried again."""
    limits: LimitsPart = LimitsPart()
    """Bounds on one document and on the whole."""
