"""What the room of contract flows works with: the ports of one site, as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.core.notice_settings import Language
from gateway.flows.certifying import Certifying
from gateway.flows.office import Office
from gateway.ports import (
    Clock,
    Droppers,
    FlowAgenda,
    Holds,
    Jobs,
    Papers,
    PartyFolders,
    PartyTrays,
    Revisions,
    SigningLog,
    Vault,
)


@dataclass(frozen=True)
class FlowRoom:
    """The ports of one site."""

    office: Office
    agenda: FlowAgenda
    revisions: Revisions
    folders: PartyFolders
    trays: PartyTrays
    jobs: Jobs
    vault: Vault
    spool: Path
    """Where originals of jobs that seal for flows are laid."""
    droppers: Droppers
    holds: Holds
    log: SigningLog
    clock: Clock
    certifying: Certifying
    papers: Papers
    """Lays records of flows that came to nothing beside their originals."""
    enclosures: Papers
    """Lays certificates beside contracts."""
    outbox: Path
    parties: Callable[[], tuple[str, ...]] = tuple
    """Of the flows that may begin: they have their folders from the start."""
    language: Language = Language.ENGLISH
    """Of cover notes."""
