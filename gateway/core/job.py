"""A job: one dropped file on its way, as the ledger remembers it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.core.states import State


class Slot(StrEnum):
    """The stored artifacts of a job; the value is the file's name in the job's vault folder."""

    ORIGINAL = "original.pdf"
    REPAIRED = "repaired.pdf"
    """The original with its structure mended: sealed instead of it where a rule wants that."""
    TICKET = "ticket.json"
    """What the file beside the document asks for, as it was read."""
    FINDINGS = "findings.json"
    """What was found in a document that then failed before there was a plan."""
    PLAN = "plan.json"
    PREPARED = "prepared.pdf"
    SEAM = "seam.json"
    """What must survive between prepare and embed: offsets, signed attributes, digest."""
    SIGNER = "signer.der"
    """The certificate that the signature was prepared for."""
    SIGNATURE = "signature.bin"
    TIMESTAMP = "timestamp.der"
    SIGNER_EVIDENCE = "signer-evidence.json"
    """The signer's chain and its revocation data, from before anything was sent."""
    EVIDENCE = "evidence.json"
    SIGNED = "signed.pdf"
    """The signed file, before it is extended for the long term."""
    EXTENDED = "extended.pdf"
    HOLE = "hole.json"
    DOCUMENT_DIGEST = "document-digest.bin"
    """What the document time-stamp is to be over."""
    DOCUMENT_STAMP = "document-timestamp.bin"
    """The digest it was asked for, then its token."""
    PREVIEW = "preview.png"
    """The result of a preview inbox."""
    BATCH = "batch.bin"
    """The result of a manifest: its report, or a ZIP file with the results."""
    CONTRACT = "contract.pdf"
    """The result of a contract flow: its last revision."""
    SEALED = "sealed.pdf"
    REPORT = "report.json"
    PLACES = "places.json"
    """Where the result is about to go, and the drafts that wait for those names."""
    RECEIPT = "receipt.json"


@dataclass(frozen=True)
class Artifact:
    """One stored artifact: its slot, the SHA-256 of its bytes in hex, and its size in bytes."""

    slot: Slot
    sha256: str
    size: int
    content: bytes | None = field(default=None, repr=False, compare=False)
    """Its bytes, as far as they are at hand; None for what is a file."""


def paper(slot: Slot, content: bytes) -> Artifact:
    """Return a small artifact that the ledger keeps, with the transition that stores it."""
    return Artifact(slot, hashlib.sha256(content).hexdigest(), len(content), content)


def job_name(now: datetime, chance: bytes) -> str:
    """Return the id of a new job: its moment, and four random bytes in hex."""
    return f"{now:%Y%m%d-%H%M%S}-{chance.hex()}"


@dataclass(frozen=True)
class Job:
    """One dropped file; a new value after every transition."""

    id: str
    """Sortable by time of claim and unique, such as `20261123-230714-7f3a9c`."""
    state: State
    version: int
    """Counts the transitions; a writer that knows an older version is refused."""
    inbox: str
    source: str
    """Path below the inbox, `/`-separated, undecodable bytes as surrogate escapes."""
    spooled: str
    """Absolute path to which the file is claimed by rename."""
    created: datetime
    updated: datetime
    sha256: str = ""
    """Of the original, in hex; empty until accepted."""
    size: int = 0
    """Of the original, in bytes."""
    generation: int = 0
    """Counts the times the same bytes were dropped under the same name, from 1."""
    rule: str = ""
    seal: str = ""
    service: str = ""
    """Name of the digest service that signs; the dispatcher leaves its jobs when it is held."""
    snapshot: str = ""
    """Hash of the rulebook the job was planned with."""
    digest: str = ""
    """Hex digest that is sent to the service; fixed from PREPARED on."""
    attempts: int = 0
    """Failed attempts at the present stage."""
    not_before: float = 0.0
    """Seconds since the epoch before which the next attempt is not made."""
    code: str = ""
    """Stable code of the last error."""
    detail: str = ""
    delivered: str = ""
    """Absolute path of the result in the outbox."""
    returned: str = ""
    """Absolute path of the original in failed/."""
    alternatives: tuple[str, ...] = ()
    """All services the rule allows, in its order; empty when there is only one."""
    dropper: str = ""
    """User who owned the dropped file; empty when nobody knows."""
    person: str = ""
    """Login of the site's user who dropped the file; empty when it is nobody's."""
    priority: int = 0
    """Jobs of a higher one go first."""
    batch: str = ""
    """Id of the job of the manifest that lists it, its own for a manifest; empty without one."""
    flow: str = ""
    """Id of the job whose document goes through a contract flow; empty without one."""
    same_as: str = ""
    """Id of the earlier job of the same bytes whose result it got."""
    artifacts: tuple[Artifact, ...] = ()

    def artifact(self, slot: Slot) -> Artifact | None:
        """Return the recorded artifact in `slot`, or None when there is none yet."""
        return next((item for item in self.artifacts if item.slot is slot), None)

    @property
    def result(self) -> Slot:
        """Return the slot whose content goes to the outbox."""
        others = (Slot.PREVIEW, Slot.BATCH, Slot.CONTRACT)
        return next((slot for slot in others if self.artifact(slot) is not None), Slot.SEALED)

    @property
    def of_step(self) -> bool:
        """Tell whether it puts the seal of one step onto the document of a flow."""
        return self.flow not in ("", self.id)

    def without(self, slot: Slot) -> tuple[Artifact, ...]:
        """Return the job's artifacts but that in `slot`."""
        return tuple(item for item in self.artifacts if item.slot is not slot)

    def storing(self, *stored: Artifact) -> tuple[Artifact, ...]:
        """Return the job's artifacts with `stored` added, each replacing its slot's former one."""
        fresh = {item.slot for item in stored}
        return tuple(item for item in self.artifacts if item.slot not in fresh) + stored
