"""What receipts consist of: the definition of their format.

`docs/schema/receipt.schema.json` is written from these models. Lengths are millimetres on the
page as displayed, origin at its top left.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.core.matching import Look


class Part(BaseModel):
    """A part of a receipt."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FileFacts(Part):
    """A file: its name or path, the SHA-256 of its bytes in hex, its size in bytes."""

    name: str
    sha256: str
    size: int


class PlaceFacts(Part):
    """Where the seal stands: page from 1, millimetres from the top left as displayed."""

    page: int
    x: float
    y: float
    width: float
    height: float
    rotation: float | None = Field(
        default=None,
        description="degrees by which the seal is turned clockwise; width and height are around it",
    )


class SealFacts(Part):
    """Which seal was used, with the SHA-256 of its artwork."""

    name: str
    artwork: str
    version: int | None = Field(
        default=None, description="in the registry, from 1; absent for a seal of gateway.yaml"
    )
    place: PlaceFacts | None = Field(default=None, description="absent when it is invisible")


class StampFacts(PlaceFacts):
    """Another place of a seal on the document, under the same signature."""

    seal: str
    version: int | None = Field(default=None, description="of a registered seal")
    part: tuple[float, float, float, float] = Field(
        default=(0, 0, 1, 1), description="left, top, right, bottom of what shows, from 0 to 1"
    )


class SignatureFacts(Part):
    """The signature as the release gate validated it."""

    level: str
    field: str
    service: str
    signer: str
    serial: str = Field(description="of the signer's certificate, in hex")
    fingerprint: str = Field(description="SHA-256 of the signer's certificate, in hex")
    signed_at: str
    timestamped: bool
    evidence: str = Field(
        default="", description="LT or LTA: what the file brings to be validated without a network"
    )
    ends: str = Field(
        default="", description="when the certificate that the signature's proof rests on ends"
    )


class RuleFacts(Part):
    """Which rule decided, of which snapshot of the rulebook, and why not the others."""

    name: str
    snapshot: str
    trace: tuple[Look, ...]
    terms: str = Field(
        default="", description="hash of all that the rule decided about the result, in hex"
    )


class DuplicateFacts(Part):
    """The rule had sealed the same bytes before, in job `of`.

    Its result is given again, or the document was sealed once more.
    """

    of: str
    what: Literal["returned", "again"]


class FindingFacts(Part):
    """Something that was found in the document; docs/examination.md says what it means."""

    name: str
    severity: Literal["note", "caution", "danger", "broken"]
    detail: str | None = None


class RepairFacts(Part):
    """The document's structure was mended: what is sealed is the mended file, by its SHA-256."""

    because: str = Field(description="code and detail for which the original cannot be sealed")
    sha256: str
    size: int
    changes: tuple[str, ...] = Field(description="what was done, in words")


class ErrorFacts(Part):
    """Why a document failed: stable code, plain sentence, remedy."""

    code: str
    sentence: str
    remedy: str
    retryable: bool


class TicketFacts(Part):
    """The ticket that came beside the document: its file, and what it asked for."""

    file: str
    sha256: str = Field(description="of the ticket's own bytes, in hex")
    seal: str | None = None
    place: str | None = None
    profile: str | None = None
    name: str | None = None
    reference: str | None = None
    recipient: str | None = None
    priority: int | None = None


class DropperFacts(Part):
    """Who dropped the file."""

    owner: str = Field(description="of the file, as the file system had it")
    user: str | None = Field(default=None, description="login, when it is a user of the site")


class BatchFacts(Part):
    """How many documents a manifest lists, and what became of them."""

    listed: int
    delivered: int
    failed: int
    missing: int


class FlowStepFacts(Part):
    """One step of a contract flow, and what became of it."""

    name: str
    kind: str
    state: str
    actor: str | None = None
    at: str | None = None
    why: str | None = None
    job: str | None = Field(default=None, description="which put its seal on")
    signer: str | None = Field(default=None, description="who signed outside")


class FlowFacts(Part):
    """A contract flow that was completed."""

    name: str
    definition: str = Field(description="SHA-256 of the definition it was pinned to")
    begun: str
    ended: str
    revisions: tuple[str, ...] = Field(description="SHA-256 of each, the first to the last")
    steps: tuple[FlowStepFacts, ...]


class Times(Part):
    """When the file was claimed and when its fate was decided; UTC, ISO 8601."""

    claimed: str
    finished: str


class Receipt(Part):
    """A receipt; `sealed` ones have result, rule, seal and signature, `failed` ones an error.

    `previewed` ones have a picture as their result, and no signature. Those of a `batch` have
    the report of a manifest, or the ZIP file of its results; those of a `flow` have a contract.
    """

    receipt: Literal[1] = 1
    status: Literal["sealed", "previewed", "failed", "batch", "flow"]
    job: str
    batch: str | None = Field(
        default=None, description="job of the manifest that lists the document"
    )
    inbox: str
    source: str = Field(description="path below the inbox")
    original: FileFacts
    generation: int
    dropper: DropperFacts | None = Field(default=None, description="absent when nobody knows")
    attempts: int = Field(description="failed attempts at the stage the job ended in")
    times: Times
    result: FileFacts | None = None
    rule: RuleFacts | None = None
    seal: SealFacts | None = None
    stamps: tuple[StampFacts, ...] = ()
    notes: tuple[str, ...] = Field(
        default=(), description="what was done so that the seals fit, in words"
    )
    findings: tuple[FindingFacts, ...] = Field(
        default=(), description="what examining the document found"
    )
    repaired: RepairFacts | None = Field(
        default=None, description="absent when the original itself is sealed"
    )
    added: int | None = Field(default=None, description="bytes by which the file has grown")
    signature: SignatureFacts | None = None
    ticket: TicketFacts | None = Field(default=None, description="absent when there was none")
    duplicate: DuplicateFacts | None = None
    flow: FlowFacts | None = Field(default=None, description="of a contract flow")
    documents: BatchFacts | None = Field(default=None, description="of a batch")
    error: ErrorFacts | None = None

    def to_bytes(self) -> bytes:
        """Write the receipt as indented UTF-8 JSON with a final newline."""
        return (self.model_dump_json(indent=2, exclude_none=True) + "\n").encode()
