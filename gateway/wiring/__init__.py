"""The one room that names concrete classes: it puts the ports of a site together."""

from gateway.wiring.keeping import seal_keeping
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
    "Site",
    "SystemClock",
    "documents_of_no_site",
    "first_link",
    "hand_placing",
    "known_people",
    "landing",
    "load_site",
    "monitored",
    "open_site",
    "positioning",
    "seal_artist",
    "seal_designs",
    "seal_keeping",
]
