"""Put together what works on contract flows."""

from __future__ import annotations

from collections.abc import Callable

from gateway.flows.certifying import Certifying
from gateway.flows.clerk import Clerk
from gateway.flows.office import Office, Returns
from gateway.flows.room import FlowRoom
from gateway.folders.papers import FolderPapers
from gateway.folders.party_folders import FolderOfParties
from gateway.folders.ticket_writing import InboxTickets
from gateway.ports import TicketWriting
from gateway.wiring.log_stamping import report_printing
from gateway.wiring.site import Site


def flow_office(site: Site) -> Office:
    """Return what acts on the flows of an open site, and shows them."""
    ledger, equipment = site.ledger, site.equipment
    returns = Returns(site.documents, equipment.anchors)
    return Office(ledger.flows, ledger.flows, equipment.revisions, equipment.clock, returns)


def flow_certifying(site: Site) -> Certifying:
    """Return what tells what happened in the flows of an open site."""
    settings = site.loaded.settings
    return Certifying(settings.name, site.equipment.log, report_printing, settings.language)


def _quiet(site: Site) -> float | None:
    """Return for how long files in parties' folders must stay the same; None for the usual time.

    It is that of the inboxes in which flows begin, the longest one that is set.
    """
    begins = {flow.inbox for flow in site.rules.flows()}
    inboxes = site.loaded.settings.inboxes
    chosen = (one.settle for one in inboxes if one.name in begins and one.settle is not None)
    return max(chosen, default=None)


def inbox_tickets(site: Site) -> TicketWriting:
    """Return what lays tickets beside documents that were handed over by hand."""
    return InboxTickets({inbox.name: inbox.path for inbox in site.loaded.settings.inboxes})


def flow_clerk(site: Site, say: Callable[[str], None]) -> Clerk:
    """Return what attends to the flows of an open site."""
    return Clerk(flow_room(site), say)


def flow_room(site: Site) -> FlowRoom:
    """Return what the room of flows works with on an open site."""
    settings, equipment = site.loaded.settings, site.equipment
    parties = FolderOfParties(
        settings.parties, equipment.clock, quiet=_quiet(site), largest=settings.limits.max_file_size
    )
    return FlowRoom(
        office=flow_office(site),
        certifying=flow_certifying(site),
        papers=FolderPapers(settings.failed),
        enclosures=FolderPapers(settings.outbox),
        outbox=settings.outbox,
        agenda=site.ledger.flows,
        revisions=equipment.revisions,
        folders=parties,
        trays=parties,
        jobs=equipment.jobs,
        vault=equipment.vault,
        spool=settings.state / "spool",
        droppers=equipment.droppers,
        holds=equipment.holds,
        log=equipment.log,
        clock=equipment.clock,
        parties=lambda: tuple(party.name for flow in site.rules.flows() for party in flow.parties),
        language=settings.language,
    )
