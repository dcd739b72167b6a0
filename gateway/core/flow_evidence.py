"""What became of a contract flow, as evidence: parties, acts, revisions, seals, log positions.

The models are the format's definition; `docs/schema/evidence.schema.json` is written from them.
Everything is taken from the signing log, so that it can be made again and held against the log.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.core.chain import LogEntry
from gateway.core.errors import UsageFault


class EvidencePart(BaseModel):
    """A part of the evidence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EvidenceParty(EvidencePart):
    """One side of the flow, as the definition names it."""

    name: str
    title: str
    user: str
    group: str
    mail: str


class EvidenceEntry(EvidencePart):
    """An entry of the signing log, whole: its hash can be computed from it."""

    entry: int = Field(description="number of the entry, from 1")
    at: str = Field(description="UTC, ISO 8601")
    event: str
    job: str
    actor: str
    details: dict[str, str]
    previous: str = Field(description="hash of the entry before it, in hex")
    hash: str = Field(description="SHA-256 in hex: of the other fields as canonical JSON")

    def as_logged(self) -> LogEntry:
        """Return it as the log has it."""
        return LogEntry(
            self.entry,
            self.at,
            self.event,
            self.job,
            self.actor,
            tuple(sorted(self.details.items())),
            self.previous,
            self.hash,
        )

    @classmethod
    def of(cls, entry: LogEntry) -> EvidenceEntry:
        """Take over an entry of the log."""
        return cls(
            entry=entry.sequence,
            at=entry.at,
            event=entry.event,
            job=entry.job,
            actor=entry.actor,
            details=dict(entry.details),
            previous=entry.previous,
            hash=entry.hash,
        )


class EvidenceAct(EvidencePart):
    """One event of the flow: who, what, when, why, and the log entry that says so."""

    at: str
    event: str
    step: str
    party: str = Field(description="of the step; empty for the flow as a whole")
    actor: str
    why: str
    sha256: str = Field(description="of the document that was acted on or made, in hex")
    logged: EvidenceEntry


class EvidenceRevision(EvidencePart):
    """One version of the document."""

    sha256: str
    step: str = Field(
        description="that made it; empty for the one with which the flow began, "
        "the level (B-LT, B-LTA) for one that was extended at the end"
    )
    at: str
    entry: int = Field(description="number of the log entry that names it")


class EvidenceSeal(EvidencePart):
    """A seal that was put on, and the certificate that signed."""

    step: str
    job: str
    seal: str
    look: str = Field(description="name and version, or hash of the artwork")
    service: str
    credential: str = Field(description="at the digest service")
    digest: str = Field(description="what was signed, in hex: all that left the site")
    signer: str = Field(description="subject of the certificate")
    serial: str = Field(description="of the certificate, in hex")
    fingerprint: str = Field(description="SHA-256 of the certificate, in hex")
    logged: tuple[EvidenceEntry, ...] = Field(description="what the job did, until it was sealed")


class EvidenceSignature(EvidencePart):
    """A signature that a party made outside."""

    step: str
    signer: str = Field(description="as the certificate names him")
    fingerprint: str = Field(description="SHA-256 of the certificate, in hex")
    at: str
    sha256: str
    entry: int


class FlowEvidence(EvidencePart):
    """A contract flow from its beginning to its end."""

    evidence: Literal[1] = 1
    site: str
    job: str = Field(description="id of the flow: that of the job of its document")
    name: str
    title: str
    state: str
    document: str = Field(description="path below the inbox, as it was dropped")
    owner: str = Field(description="login of the person who began it; empty when nobody knows")
    begun: str
    ended: str
    ended_by: str
    why: str
    fields: dict[str, str] = Field(description="of the ticket")
    original: str = Field(description="SHA-256 of the document as it was dropped, in hex")
    contract: str = Field(description="SHA-256 of the last revision, in hex")
    parties: tuple[EvidenceParty, ...]
    acts: tuple[EvidenceAct, ...]
    revisions: tuple[EvidenceRevision, ...]
    seals: tuple[EvidenceSeal, ...]
    signatures: tuple[EvidenceSignature, ...]
    definition: str = Field(description="SHA-256 of `definition_text` as UTF-8, in hex")
    definition_text: str = Field(description="the definition to which the flow was pinned, as JSON")

    def to_json(self) -> bytes:
        """Write it as indented UTF-8 JSON with a final newline."""
        return (self.model_dump_json(indent=2) + "\n").encode()

    @classmethod
    def from_json(cls, text: bytes) -> FlowEvidence:
        """Read what `to_json` wrote; raises `UsageFault` (`flow.no-evidence`)."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise UsageFault("flow.no-evidence", f"{where}: {first['msg']}"[:200]) from None
