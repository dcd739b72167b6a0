"""Put the ports of a site together."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING

from gateway.core.flow_people import KnownPeople
from gateway.core.ledger_settings import PostgresqlSettings
from gateway.core.people_settings import SIGN_ON_PATH
from gateway.core.registry import RegisteredSeal
from gateway.core.site import InboxSettings, Limits, SiteSettings
from gateway.folders.archived import ArchiveReader
from gateway.folders.immutable import Protection
from gateway.folders.inbox import FolderInbox
from gateway.folders.known_files import KnownFiles
from gateway.folders.landing import InboxLanding
from gateway.folders.outbox import FolderOutbox
from gateway.folders.packing import pack
from gateway.folders.purging import FolderPurger
from gateway.folders.revisions import FolderRevisions
from gateway.folders.traces import FolderTraces
from gateway.folders.vault import FolderVault
from gateway.ledger import Ledger, registered_seals
from gateway.ledger import known_people as people_of
from gateway.pdf.reader import ReaderDocuments
from gateway.people.site_people import SitePeople, put_together, site_people
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.flow_telling import FlowTelling
from gateway.pipeline.foresight import metered
from gateway.pipeline.four_eyes import FourEyes
from gateway.pipeline.live_rules import LiveRules
from gateway.pipeline.metering import (
    Unmetered,
)
from gateway.pipeline.notifying import Notifying
from gateway.ports import (
    IdentityProvider,
    SealArtist,
    SealDesigns,
    Watched,
)
from gateway.remotes.fetching import Fetcher
from gateway.remotes.pushing import Pusher
from gateway.seals.store import ArtworkStore
from gateway.settings import LoadedSite, load
from gateway.settings.manifest_file import read_manifest
from gateway.settings.ticket_file import read_ticket
from gateway.wiring.elsewhere import fetchers, notifier, pushers
from gateway.wiring.ledgers import ledger_place, open_ledger
from gateway.wiring.services import anchors, remote_services

if TYPE_CHECKING:
    from gateway.monitoring.meter import PrometheusMeter


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return monotonic()


@dataclass(frozen=True)
class Site:
    """A site with its ports put together; close it when done."""

    loaded: LoadedSite
    equipment: Equipment
    inboxes: tuple[tuple[InboxSettings, FolderInbox], ...]
    fetchers: tuple[Fetcher, ...]
    pushers: tuple[Pusher, ...]
    rules: LiveRules
    documents: ReaderDocuments
    ledger: Ledger
    notifying: Notifying
    meter: PrometheusMeter | None
    """None where nobody watches."""
    people: SitePeople
    four_eyes: FourEyes

    def close(self) -> None:
        """End the reader processes and close the ledger."""
        self.documents.close()
        self.ledger.close()


def load_site(
    root: Path,
    drafts: Mapping[str, str] = MappingProxyType({}),
    *,
    with_rules: bool = True,
    flow: Path | None = None,
) -> LoadedSite:
    """Read and check the configuration of the site at `root`; raises `ConfigurationFault`.

    `drafts` has texts that count instead of what is in rule files, by their names; `flow` is a
    file that counts instead of the site's flows.
    """
    return load(
        root,
        ArtworkStore(root / "state" / "artwork"),
        os.environ,
        with_rules=with_rules,
        registry=_registry,
        drafts=drafts,
        flow=flow,
    )


def landing(folder: Path) -> InboxLanding:
    """Return where files land in a folder of an inbox."""
    return InboxLanding(folder)


def _registry(state: Path, ledger: PostgresqlSettings | None) -> tuple[RegisteredSeal, ...]:
    return registered_seals(ledger_place(state, ledger))


def known_people(settings: SiteSettings) -> KnownPeople:
    """Return who is known to a site; raises `SiteFault` when its ledger cannot be read."""
    return people_of(ledger_place(settings.state, settings.ledger))


def open_site(root: Path, loaded: LoadedSite | None = None) -> Site:
    """Put the ports of the site at `root` together; raises faults of settings and ledger."""
    loaded = loaded or load_site(root)
    settings, clock = loaded.settings, SystemClock()
    spool, vault = settings.state / "spool", settings.state / "vault"
    revisions = settings.state / "flows"
    ledger = open_ledger(settings.state, settings.ledger, clock)  # before there is a vault
    for folder in (spool, vault, revisions):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (settings.outbox, settings.archive, settings.failed):
        # Never a bare mount point: that would be there. Folders elsewhere are the operator's.
        if folder.parent == root:
            folder.mkdir(exist_ok=True)
    _make_flow_inboxes(root, loaded)
    documents = ReaderDocuments(settings.limits, settings.passwords)
    rules = LiveRules(
        loaded, partial(load_site, root), ledger, ledger, revisions=ledger.seals.revisions
    )
    known = KnownFiles()
    inboxes = tuple(
        (inbox, FolderInbox(inbox, spool, ledger, partial(rules.tickets, inbox), known))
        for inbox in settings.inboxes
    )
    meter = _meter(settings)
    remote = remote_services(settings, ledger, clock, meter or Unmetered())
    equipment = Equipment(
        clock=clock,
        jobs=ledger,
        log=ledger,
        holds=ledger,
        memory=ledger,
        inboxes={inbox.name: port for inbox, port in inboxes},
        vault=FolderVault(vault, known),
        outbox=FolderOutbox(
            settings.outbox,
            settings.archive,
            settings.failed,
            Protection(settings.immutable, ledger, ledger),
        ),
        archived=ArchiveReader(settings.archive),
        archive_folders=FolderPurger(settings.archive),
        purges=ledger.purges,
        batches=ledger.batches,
        batch_terms={one.name: one.batches for one in settings.inboxes if one.batches},
        read_manifest=read_manifest,
        pack=pack,
        flows=ledger.flows,
        revisions=FolderRevisions(revisions),
        field_making=documents,
        signatures=documents,
        flow_of=rules.flow_of,
        documents=documents,
        repairing=documents,
        pages=documents,
        artist=seal_artist,
        designs=seal_designs,
        artwork=ArtworkStore(root / "state" / "artwork"),
        seals=ledger.seals,
        seal_uses=ledger.seal_uses,
        droppers=ledger.droppers,
        quotas=ledger,
        renewals=ledger,
        services=remote.services,
        desks=remote.desks,
        authorities=remote.authorities,
        evidence=remote.evidence,
        anchors=partial(anchors, settings),
        read_ticket=read_ticket,
        rulebook=rules.rulebook,
        retry=settings.retry,
        max_file_size=settings.limits.max_file_size,
        meter=meter or Unmetered(),
        traces=FolderTraces(settings.outbox, settings.archive),
        watches_revocation=settings.revocation.watch,
        previews={one.name: one.preview_of for one in settings.inboxes if one.preview_of},
    )
    notifying = Notifying(
        settings.name,
        subscriptions=settings.notices,
        notifiers={one.name: notifier(one, clock) for one in settings.notices},
        queue=ledger.notices,
        jobs=ledger,
        clock=clock,
        telling=FlowTelling(ledger.flows, ledger.people, ledger.groups),
    )
    people = site_people(ledger, clock, settings, _provider(settings))
    return Site(
        loaded,
        equipment,
        inboxes,
        fetchers(settings, ledger, clock),
        pushers(settings, ledger),
        rules,
        documents,
        ledger,
        notifying,
        meter,
        people,
        FourEyes(ledger.keeper_requests, ledger.seals, ledger.droppers, clock, settings.people),
    )


def _provider(settings: SiteSettings) -> IdentityProvider | None:
    if settings.people.oidc is None:
        return None
    from gateway.services.oidc import OidcProvider  # noqa: PLC0415  # only where configured

    return OidcProvider(settings.people.oidc, settings.console.url + SIGN_ON_PATH)


def first_link(root: Path, actor: str) -> str:
    """Return the first administrator's link of a site that was just made."""
    clock = SystemClock()
    with closing(open_ledger(root / "state", None, clock)) as ledger:
        people = put_together(ledger, clock, root / "state")
        return people.access.make_link("", actor)


def _meter(settings: SiteSettings) -> PrometheusMeter | None:
    if settings.monitoring is None:
        return None
    from gateway.monitoring.meter import PrometheusMeter  # noqa: PLC0415  # only where configured

    return PrometheusMeter(tuple(inbox.name for inbox in settings.inboxes))


def monitored(site: Site, watched: Watched) -> AbstractContextManager[None]:
    """Answer monitoring while a block runs, if the site says where; raises `SiteFault`."""
    settings = site.loaded.settings
    if settings.monitoring is None or site.meter is None:
        return nullcontext()
    from gateway.monitoring.collector import Sources  # noqa: PLC0415
    from gateway.monitoring.site import monitored as served  # noqa: PLC0415

    sources = Sources(
        jobs=site.ledger,
        holds=site.ledger,
        quotas=site.ledger,
        metered=tuple(metered(site.equipment)),
        inboxes=tuple(inbox.name for inbox in settings.inboxes),
        clock=site.equipment.clock,
        ends=site.meter.ends,
    )
    return served(settings.monitoring, site.meter, sources, watched)


def _make_flow_inboxes(root: Path, loaded: LoadedSite) -> None:
    """Make the inboxes of new flows, where those are the site's own folders."""
    begun = {*loaded.own_inboxes, *(flow.inbox for flow in loaded.flows)}
    for inbox in loaded.settings.inboxes:
        if (
            inbox.name in begun
            and inbox.path.parent == root / "inbox"
            and inbox.path.parent.is_dir()
        ):
            inbox.path.mkdir(exist_ok=True)


@cache
def seal_artist() -> SealArtist:
    """Return the artist that draws with the fonts of this machine; loaded when first asked for."""
    from gateway.seals.artist import DesignArtist  # noqa: PLC0415  # a tenth of a second

    return DesignArtist()


@cache
def seal_designs() -> SealDesigns:
    """Return what reads designs; loaded when first asked for."""
    from gateway.seals import templates  # noqa: PLC0415  # a twentieth of a second

    return templates


def documents_of_no_site() -> ReaderDocuments:
    """Return readers of PDFs under the usual limits; close them when done."""
    return ReaderDocuments(Limits())
