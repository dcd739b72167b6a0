"""The ports: what the verbs need from the world, each small enough to be written again.

Every implementation of a port passes that port's one contract suite in `tests/contracts/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from gateway.core.chain import Flaw, LogEntry
from gateway.core.errors import ServiceFault
from gateway.core.facts import DocumentFacts
from gateway.core.job import Artifact, Job, Slot
from gateway.core.plan import SealingPlan
from gateway.core.quota import Charge, ChargeState, Package, Price, Spending
from gateway.core.states import Event, State


class Clock(Protocol):
    """Time, so that tests may turn it."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""

    def monotonic(self) -> float:
        """Return seconds that never go back, from an arbitrary start."""


# --- the ledger: six faces of one store, each with its own users ---------------------------


class Jobs(Protocol):
    """Jobs and their transitions; each commit is durable when the call returns."""

    def open(self, job: Job, details: Mapping[str, str]) -> Job:
        """Insert a new job in CLAIMED and its `job.claimed` entry, in one transaction."""

    def advance(self, job: Job, event: Event, details: Mapping[str, str], **changes: object) -> Job:
        """Follow `event` from the job's state, set `changes`, log it; all in one transaction.

        `changes` name fields of `Job`. Raises `UsageFault` (`usage.illegal-transition`) when
        the table has no such row or the stored version is not `job.version` any more.
        """

    def send(self, job: Job, details: Mapping[str, str], price: Price) -> Job:
        """Follow SENT, and note what the call may cost, in one transaction.

        Raises `ServiceFault` (`service.repeat-limit`, `service.out-of-quota`) instead.
        """

    def get(self, job_id: str) -> Job | None:
        """Return a job, or None."""

    def find(
        self, states: Iterable[State], *, limit: int | None = None, newest_first: bool = False
    ) -> tuple[Job, ...]:
        """Return the jobs in any of `states`, by id."""

    def generations(self, inbox: str, source: str, sha256: str) -> int:
        """Count the jobs that accepted these bytes under this name before."""


class SigningLog(Protocol):
    """The hash-chained log; entries of jobs come through `Jobs`, others through `record`."""

    def record(self, event: str, details: Mapping[str, str], actor: str = "sealgate") -> LogEntry:
        """Append an entry that belongs to no job."""

    def entries(
        self, *, job: str = "", event: str = "", text: str = "", since: str = "", limit: int = 0
    ) -> Iterator[LogEntry]:
        """Yield entries in order; `event` may end in `*`, `text` is looked for in the details."""

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


# --- folders --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """A file in an inbox that nobody has claimed: path below the inbox and what identifies it."""

    inbox: str
    source: str
    device: int
    inode: int
    size: int
    modified: int
    """Nanoseconds since the epoch."""


@dataclass(frozen=True)
class Bystander:
    """Something in an inbox that is left where it is, and why, in words."""

    inbox: str
    source: str
    why: str


class Inbox(Protocol):
    """One watched folder; nothing in it is opened by following a link."""

    name: str

    def examine(self) -> tuple[tuple[Candidate, ...], tuple[Bystander, ...]]:
        """Scan the whole folder.

        Raises `SiteFault`: `site.folder-missing`, `site.mount-missing`, `site.denied`,
        `site.input-output`.
        """

    def looks_complete(self, candidate: Candidate) -> bool:
        """Tell whether the file opens as a PDF with a tail; anything that is no PDF is complete."""

    def spool_path(self, candidate: Candidate, job_id: str) -> Path:
        """Return where a claim would put the file: on the inbox's own file system."""

    def claim(self, candidate: Candidate, spooled: Path) -> bool:
        """Move the file there by rename, durably; return False when it is gone or not the same."""

    def give_back_changed(self, spooled: Path, source: str, accepted: str) -> str:
        """Move a claimed file back into the inbox if its bytes are no longer those accepted.

        `accepted` is the SHA-256 in hex of the version that was accepted. Returns the path
        below the inbox at which the new version now waits, empty when nothing had changed or
        the file is gone.
        """


class Vault(Protocol):
    """The stored artifacts of jobs; a slot is complete and durable or not there."""

    def put(self, job_id: str, slot: Slot, content: bytes | Path) -> Artifact:
        """Store bytes, or a copy of a file opened without following links.

        Raises `FileNotFoundError` when the file is gone, `SiteFault` when it cannot be stored.
        """

    def draft(self, job_id: str, slot: Slot) -> Path:
        """Return a path, not existing, at which a child process may write the slot's content."""

    def adopt(self, job_id: str, slot: Slot) -> Artifact:
        """Make the finished draft the slot's content, durably."""

    def path(self, job_id: str, slot: Slot, recorded: Artifact | None = None) -> Path:
        """Return the slot's path, whether or not it is there.

        With `recorded`, the bytes are checked against it first; raises `SiteFault`
        (`site.artifact-damaged`) when they differ or are missing.
        """

    def discard(self, job_id: str) -> None:
        """Remove all that is stored for a job."""


@dataclass(frozen=True)
class Parcel:
    """What goes to the outbox: the verified file, its names in order of preference, its receipt."""

    job_id: str
    sealed: Path
    sha256: str
    folder: str
    """Below the outbox, `/`-separated."""
    names: Iterator[str]
    """Endless; the first that is free is taken."""


class ReceiptWriter(Protocol):
    """Writes the receipt once the name is known."""

    def __call__(self, delivered: Path) -> bytes:
        """Return the receipt's JSON for a result at that path."""


class Outbox(Protocol):
    """Where results, archived documents and failed originals go; nothing is ever overwritten."""

    def deliver(self, parcel: Parcel, receipt: ReceiptWriter) -> Path:
        """Put receipt and result into the outbox under one free name; the same job, once.

        Done again after a crash, it finds its own receipt and finishes that delivery.
        """

    def archive(self, job: Job, original: Path, sealed: Path, receipt: bytes, result: str) -> Path:
        """Lay original, result and receipt into the dated archive; return their folder."""

    def lay_beside(self, archived: Path, content: Path, sha256: str, names: Iterator[str]) -> Path:
        """Lay a new version beside an archived file under the first free name; return its path."""

    def fail(self, job: Job, original: Path, receipt: ReceiptWriter) -> Path:
        """Move the claimed original into failed/, its receipt beside it; return its path."""

    def withdraw_failed(self, job: Job, spooled: Path) -> bool:
        """Take a failed original back into the spool, removing its receipt; False when gone."""


# --- the digest service: sees digests, never a document --------------------------------------


class AnswerForm(StrEnum):
    """What a digest service returns."""

    RAW = "raw"
    """The signature value over the digest of the signed attributes."""
    CMS = "cms"
    """A detached CMS (PKCS#7) over the digest of the document, with attributes of its own."""


@dataclass(frozen=True)
class Credential:
    """A signing credential as its service describes it."""

    id: str
    chain: tuple[bytes, ...]
    """DER certificates, signer first."""
    signature_algorithm: str
    """As asn1crypto names it: `rsassa_pkcs1v15`, `rsassa_pss`, `ecdsa` or `ed25519`."""
    digest_algorithm: str
    """`sha256`, `sha384`, `sha512` or their `sha3_` kin: of the digests to be sent."""
    batch: int = 1
    """How many digests one call may carry."""
    answer: AnswerForm = AnswerForm.RAW
    timestamped: bool = False
    """A CMS answer is expected to bring its own time-stamp."""
    reserve: int = 0
    """Bytes for which a file must keep room for a CMS answer; 0 for raw answers."""


@dataclass(frozen=True)
class Authorization:
    """Permission to sign exactly these digests (CSC: the SAD); empty where a service has none."""

    digests: tuple[bytes, ...]
    token: str
    """Secret: never logged."""


Outcome = bytes | ServiceFault
"""What became of one digest of a call: its signature, or why there is none."""


class DigestService(Protocol):
    """A remote service that signs digests. All errors are `ServiceFault`.

    What is sent for Ed25519, which hashes by itself (RFC 8419), are the signed attributes:
    they hold digests, and nothing of the document.
    """

    name: str
    idempotent: bool
    """The same digest sent again is answered again without being charged again."""

    def credential(self) -> Credential:
        """Return the credential, from the service or a short-lived memory of it."""

    def authorize(self, digests: tuple[bytes, ...]) -> Authorization:
        """Obtain permission to sign; costs nothing."""

    def sign(self, authorization: Authorization) -> tuple[Outcome, ...]:
        """Send the digests and return what became of each, in their order: the paid call.

        Every signature returned fits its digest and the certificate: a value, or a CMS where
        `Credential.answer` says so. Raises when all of the digests share one fate.
        """


class Timestamper(Protocol):
    """An RFC 3161 time-stamp authority. All errors are `ServiceFault` with a `tsa.` code."""

    name: str

    def timestamp(self, digest: bytes, digest_algorithm: str) -> bytes:
        """Return the DER time-stamp token (a CMS ContentInfo) over `digest`."""


@dataclass(frozen=True)
class Evidence:
    """What proves later that certificates were good: DER, each part without doubles."""

    certificates: tuple[bytes, ...]
    """The chain that was asked about, leaf first, then others that are needed."""
    ocsps: tuple[bytes, ...] = ()
    """OCSP responses (RFC 6960, 4.2.1), as they came."""
    crls: tuple[bytes, ...] = ()


class EvidenceSource(Protocol):
    """Revocation data of certificates; responders learn their serial numbers, no more.

    Raises `ServiceFault`: `revocation.unavailable`, `revocation.revoked`.
    """

    def of_chain(self, chain: tuple[bytes, ...]) -> Evidence:
        """Return evidence for a chain of DER certificates, leaf first."""

    def of_token(self, token: bytes) -> Evidence:
        """Return evidence for the signer of a DER time-stamp token."""


# --- PDF documents: always handled in a child process ---------------------------------------


@dataclass(frozen=True)
class Prepared:
    """What the seam carries from prepare to embed, besides the placeholder file."""

    digest: bytes
    """Of the DER-encoded signed attributes, or of the document where the service makes those:
    the only thing that leaves the site."""
    seam: bytes
    """JSON that `embed` reads back."""


class Proof(StrEnum):
    """What a file brings with which a signature in it can be validated without asking anybody."""

    NONE = ""
    EVIDENCE = "LT"
    """Certificates and revocation data."""
    ARCHIVED = "LTA"
    """The same, under a document time-stamp."""


@dataclass(frozen=True)
class Extension:
    """What is carried from extending a file to filling in its document time-stamp."""

    digest: bytes
    """SHA-256, for the time-stamp authority."""
    hole: bytes
    """JSON that `fill` reads back."""


@dataclass(frozen=True)
class SignatureReport:
    """One signature of a validated PDF."""

    field: str
    signer: str
    """Common name, or the whole subject."""
    serial: str
    """Of the signer's certificate, in hex."""
    fingerprint: str
    """SHA-256 of the signer's certificate, in hex."""
    signed_at: str
    """ISO 8601; the time-stamp's time when there is one, else the signer's claim."""
    timestamped: bool
    intact: bool
    """Digest and signature value fit."""
    trusted: bool
    """The certificate was valid and leads to a trust anchor of the site."""
    covers_all: bool
    """Nothing was appended after it, or only what it allows."""
    problem: str
    """In words; empty when all is well."""
    proof: Proof = Proof.NONE
    """What the file itself brings to prove it later."""
    ends: str = ""
    """ISO 8601: when the certificate that the proof rests on ends."""
    document_stamp: bool = False
    """It is a time-stamp over the document, not somebody's signature."""

    @property
    def good(self) -> bool:
        """Tell whether the signature is valid, trusted and undisturbed."""
        return self.intact and self.trusted and self.covers_all


@dataclass(frozen=True)
class Expectation:
    """What the release gate holds a sealed file against."""

    original: Path
    plan: SealingPlan
    certificate: bytes
    """DER certificate of the signer."""


@dataclass(frozen=True)
class Signer:
    """Who will sign, and whom the site trusts (certificates in PEM or DER)."""

    credential: Credential
    anchors: tuple[bytes, ...]


class Documents(Protocol):
    """PDF documents. All faults of a file are `DocumentFault`."""

    def examine(
        self, path: Path, patterns: tuple[str, ...] = (), anchors: tuple[str, ...] = ()
    ) -> DocumentFacts:
        """Read a document's facts; `patterns` are regular expressions, `anchors` literal texts."""

    def prepare(
        self, original: Path, draft: Path, plan: SealingPlan, artwork: Path, signer: Signer
    ) -> Prepared:
        """Write the placeholder file, original first and unchanged, to `draft`.

        Everything that the release gate could refuse and that can be known before a signature
        is paid for is refused here. Raises `DocumentFault` when the seal would disturb an
        earlier signature or anything else on a page, `ServiceFault`
        (`service.credential-untrusted`) when the site does not trust the signer.
        """

    def to_stamp(self, seam: bytes, signature: bytes) -> bytes | None:
        """Return the signature value that a time-stamp is to be over; None when it has one."""

    def embed(
        self, prepared: Path, draft: Path, seam: bytes, signature: bytes, timestamp: bytes | None
    ) -> None:
        """Write the signed file to `draft`; the same input gives the same bytes."""

    def extend(
        self, signed: Path, draft: Path, evidence: Evidence, *, vri_field: str, stamp: bool
    ) -> Extension | None:
        """Write the file with validation data to `draft`; with `stamp`, room for a time-stamp.

        With `vri_field`, the data are also listed for the signature in that field.
        """

    def fill(self, extended: Path, draft: Path, hole: bytes, token: bytes) -> None:
        """Write the extended file to `draft`, with its document time-stamp's token."""

    def last_token(self, path: Path) -> bytes:
        """Return the token of the newest document time-stamp; empty when there is none."""

    def verify(
        self, path: Path, anchors: tuple[bytes, ...], expected: Expectation | None = None
    ) -> tuple[SignatureReport, ...]:
        """Validate every signature; with `expected`, raise `DocumentFault` (`gate.…`) on doubt."""

    def draw(self, path: Path, page: int, png: Path, plan: SealingPlan | None = None) -> None:
        """Draw a page (index from 0) to `png`; with `plan`, mark the place of its seal."""


@dataclass(frozen=True)
class Artwork:
    """A seal's picture: SHA-256 of its bytes in hex, and its extent in pixels."""

    sha256: str
    width: int
    height: int


class SealArtwork(Protocol):
    """The bytes of seal artwork by their SHA-256, so that a pinned job finds them unchanged."""

    def keep(self, image: Path) -> Artwork:
        """Import a PNG (alpha kept); raises `ValueError` with a sentence when it cannot be used."""

    def path(self, sha256: str) -> Path:
        """Return the file; raises `SiteFault` (`site.artifact-damaged`) when it is not intact."""
