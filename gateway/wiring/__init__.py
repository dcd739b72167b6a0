"""The one room that names concrete classes: it puts the ports of a site together."""

from gateway.wiring.distribution import Shared, local_threads, passages, shared_work
from gateway.wiring.flows import flow_clerk, flow_office
from gateway.wiring.keeping import seal_keeping
from gateway.wiring.ledgers import move_ledger
from gateway.wiring.log_stamping import log_audit, log_reporting, log_stamping, stamp_books
from gateway.wiring.positioning import hand_placing, positioning
from gateway.wiring.site import (
    Site,
    SystemClock,
    documents_of_no_site,
    first_link,
    known_people,
    landing,
    load_site,
    monitored,
    open_site,
    seal_artist,
    seal_designs,
)

__all__ = [
    "Shared",
    "Site",
    "SystemClock",
    "documents_of_no_site",
    "first_link",
    "flow_clerk",
    "flow_office",
    "hand_placing",
    "known_people",
    "landing",
    "load_site",
    "local_threads",
    "log_audit",
    "log_reporting",
    "log_stamping",
    "monitored",
    "move_ledger",
    "open_site",
    "passages",
    "positioning",
    "seal_artist",
    "seal_designs",
    "seal_keeping",
    "shared_work",
    "stamp_books",
]
