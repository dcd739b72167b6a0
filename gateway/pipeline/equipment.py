"""What the stages work with: the ports of one site, handed to every stage as one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.batches import Manifest
from gateway.core.flow_definition import FlowDefinition
from gateway.core.job import Job
from gateway.core.retry import RetryPolicy
from gateway.core.rules import Rulebook
from gateway.core.site import BatchTerms
from gateway.core.tickets import ReceivedTicket
from gateway.pipeline.desk import Desk
from gateway.pipeline.metering import Unmetered
from gateway.pipeline.timestamping import Authorities
from gateway.ports import (
    ArchivedFiles,
    ArchiveFolders,
    Batches,
    Clock,
    DigestService,
    Documents,
    Droppers,
    EvidenceSource,
    Flows,
    Holds,
    Inbox,
    Jobs,
    Memory,
    Meter,
    Outbox,
    Packer,
    Purges,
    Quotas,
    Renewals,
    Repairing,
    Revisions,
    SealArtist,
    SealArtwork,
    SealDesigns,
    SealPages,
    SealRegistry,
    SealUses,
    SigningLog,
    Vault,
)
from gateway.ports.returning import FieldMaking
from gateway.ports.signers import SignatureReading
from gateway.ports.traces import Traces

Stage = Callable[["Equipment", Job], Job]
"""Takes a job one or more transitions further, or raises an error of the tree."""


@dataclass(frozen=True)
class Equipment:
    """The ports of one site."""

    clock: Clock
    jobs: Jobs
    log: SigningLog
    holds: Holds
    memory: Memory
    inboxes: Mapping[str, Inbox]
    vault: Vault
    outbox: Outbox
    archived: ArchivedFiles
    archive_folders: ArchiveFolders
    """Takes away what the site need not keep any longer."""
    purges: Purges
    batches: Batches
    batch_terms: Mapping[str, BatchTerms]
    """Inboxes that take manifests."""
    read_manifest: Callable[[Path, str], Manifest]
    """Reads the manifest at a path, called so by its sender."""
    pack: Packer
    flows: Flows
    revisions: Revisions
    """Of the documents of flows."""
    field_making: FieldMaking
    """Makes the signature fields of flows in advance."""
    signatures: SignatureReading
    """Takes the signatures of contracts apart."""
    flow_of: Callable[[str], FlowDefinition | None]
    """Returns the definition of the flow that an inbox begins, as it is now."""
    documents: Documents
    repairing: Repairing
    pages: SealPages
    """Makes pages of seals, in child processes."""
    artwork: SealArtwork
    artist: Callable[[], SealArtist]
    """Loaded when it is first asked for: few commands draw, and fonts take long to load."""
    designs: Callable[[], SealDesigns]
    """The same."""
    seals: SealRegistry
    seal_uses: SealUses
    droppers: Droppers
    quotas: Quotas
    renewals: Renewals
    services: Mapping[str, DigestService]
    desks: Mapping[str, Desk]
    """Where jobs hand in digests, by the name of the service."""
    authorities: Authorities
    """Who stamps the time."""
    evidence: EvidenceSource
    anchors: Callable[[], tuple[bytes, ...]]
    """Trust anchors in PEM or DER; read anew, so that a renewed file counts."""
    read_ticket: Callable[[Path, str], ReceivedTicket]
    """Reads the ticket at a path, called so by its sender; raises `FileNotFoundError`."""
    rulebook: Callable[[], Rulebook]
    """The present snapshot; a job is pinned to the one it was planned with by its plan."""
    retry: RetryPolicy
    max_file_size: int
    """Bytes."""
    previews: Mapping[str, str] = field(default_factory=dict)
    """Inboxes that give back pictures, and the inbox whose rules each of them shows."""
    meter: Meter = field(default_factory=Unmetered)
    """Takes measurements, if anybody watches."""
    traces: Traces | None = None
    """What lies about of jobs from before a restore; None where there was none."""
    watches_revocation: bool = False
    """The certificates of services are looked after while they are not used."""
