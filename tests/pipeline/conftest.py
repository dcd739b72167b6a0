"""A site put together from real adapters around a service that can be told what to do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest

from gateway.core.places import Place
from gateway.core.retry import RetryPolicy
from gateway.core.rules import Rule, Rulebook, Seal
from gateway.core.secret import Secret
from gateway.core.services import LocalSettings, RevocationSettings, ServiceSettings
from gateway.core.site import InboxSettings, Limits
from gateway.core.tickets import mode
from gateway.daemon.attendance import Attendance
from gateway.daemon.engine import Engine
from gateway.daemon.work import JobWork
from gateway.folders.archived import ArchiveReader
from gateway.folders.inbox import FolderInbox
from gateway.folders.outbox import FolderOutbox
from gateway.folders.packing import pack
from gateway.folders.purging import FolderPurger
from gateway.folders.revisions import FolderRevisions
from gateway.folders.vault import FolderVault
from gateway.ledger import SqliteLedger
from gateway.pdf.reader import ReaderDocuments
from gateway.pipeline.desk import Desk
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.timestamping import Authorities
from gateway.seals import templates
from gateway.seals.artist import DesignArtist
from gateway.seals.store import ArtworkStore
from gateway.services.revocation import HttpEvidence
from gateway.settings.manifest_file import read_manifest
from gateway.settings.ticket_file import read_ticket
from gateway.wiring import local_threads
from tests.fakes.csc import PickyService
from tests.pdf.conftest import Key, artwork, key

__all__ = ["artwork", "key"]


def settings_of(service: PickyService, **terms: object) -> ServiceSettings:
    """Return settings that fit a service."""
    family = LocalSettings(Path("unused"), Secret("", ""))
    plain = ServiceSettings(service.name, family, idempotent=service.idempotent)
    return replace(plain, **terms)  # type: ignore[arg-type]


class Clock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the wall time."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return monotonic()


class House:
    """A small site in one process."""

    def __init__(
        self,
        root: Path,
        service: PickyService,
        artwork: Path,
        key: Key,
        *others: PickyService,
        **terms: object,
    ) -> None:
        for folder in (
            "inbox",
            "outbox",
            "archive",
            "failed",
            "state/spool",
            "state/vault",
            "state/flows",
        ):
            (root / folder).mkdir(parents=True)
        self.root = root
        self.service = service
        self.ledger = SqliteLedger(root / "state" / "ledger.sqlite", Clock())
        settings = InboxSettings("in", root / "inbox", settle=0.05, scan_every=0.2)
        inbox = FolderInbox(
            settings,
            root / "state" / "spool",
            self.ledger,
            lambda: mode(None, self.rulebook, "in"),
        )
        store = ArtworkStore(root / "state" / "artwork")
        seal = Seal("seal", store.keep(artwork).sha256, 100.0, 75.0, service.name)
        failover = tuple(other.name for other in others)
        rule = Rule("all", "in", "seal", (Place(),), failover=failover)
        services = {one.name: one for one in (service, *others)}
        self.rulebook = Rulebook(hashlib.sha256(b"rules").hexdigest(), (rule,), (seal,))
        self.documents = ReaderDocuments(Limits(readers=1))
        self.equipment = Equipment(
            clock=Clock(),
            jobs=self.ledger,
            log=self.ledger,
            holds=self.ledger,
            memory=self.ledger,
            inboxes={"in": inbox},
            vault=FolderVault(root / "state" / "vault"),
            outbox=FolderOutbox(root / "outbox", root / "archive", root / "failed"),
            archived=ArchiveReader(root / "archive"),
            archive_folders=FolderPurger(root / "archive"),
            purges=self.ledger.purges,
            batches=self.ledger.batches,
            batch_terms={},
            read_manifest=read_manifest,
            pack=pack,
            flows=self.ledger.flows,
            revisions=FolderRevisions(root / "state" / "flows"),
            field_making=self.documents,
            signatures=self.documents,
            flow_of=lambda inbox: None,
            documents=self.documents,
            repairing=self.documents,
            artwork=store,
            pages=self.documents,
            artist=DesignArtist,
            designs=lambda: templates,
            seals=self.ledger.seals,
            seal_uses=self.ledger.seal_uses,
            droppers=self.ledger.droppers,
            quotas=self.ledger,
            renewals=self.ledger,
            services=services,
            desks={
                name: Desk(one, settings_of(one, **terms), self.ledger)
                for name, one in services.items()
            },
            authorities=Authorities((), self.ledger, Clock()),
            evidence=HttpEvidence(RevocationSettings(), Clock(), lambda: (key.certificate,)),
            anchors=lambda: (key.certificate,),
            read_ticket=read_ticket,
            rulebook=lambda: self.rulebook,
            retry=RetryPolicy(first=0.05, longest=0.1, cap=3),
            max_file_size=10**7,
        )
        self.inboxes = ((settings, inbox),)
        self.engine = self._new_engine()

    def start_again(self) -> None:
        """Let another engine work, as after a restart."""
        self.engine.stop()
        self.engine = self._new_engine()

    def _new_engine(self) -> Engine:
        attendance = Attendance(self.equipment, self.inboxes, self.root / "reports")
        threads = local_threads(2, JobWork(self.equipment, print))
        return Engine(self.equipment, attendance, threads)

    def run_until(self, what: str, condition: object) -> None:
        """Run rounds until a condition holds."""
        deadline = monotonic() + 60
        self.engine.round()
        while not condition():  # type: ignore[operator]
            assert monotonic() < deadline, what
            self.engine.round()

    def events(self, event: str) -> list[str]:
        """Return the jobs of the log's entries of one event."""
        return [entry.job for entry in self.ledger.entries(event=event)]


@pytest.fixture
def house(tmp_path: Path, artwork: Path, key: Key) -> Iterator[House]:
    """Return a site of one's own."""
    built = House(tmp_path / "site", PickyService(key), artwork, key)
    yield built
    built.engine.stop()
    built.documents.close()
    built.ledger.close()
