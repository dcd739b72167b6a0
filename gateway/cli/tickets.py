"""What commands tell of tickets, and of what waits in the inboxes for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from gateway.core.companions import document_of
from gateway.core.errors import SiteFault, UsageFault
from gateway.core.names import display
from gateway.core.site import Tickets
from gateway.core.tickets import ReceivedTicket
from gateway.pipeline.batches import look_into
from gateway.pipeline.equipment import Equipment
from gateway.ports import Bystander, Inbox
from gateway.wiring import Site


@dataclass(frozen=True)
class Left:
    """Something in an inbox that will be taken later, and what it waits for."""

    inbox: str
    source: str
    why: str


def ticket_beside(site: Site, inbox: str, file: Path, chosen: Path | None) -> ReceivedTicket | None:
    """Return the ticket that was named, or else the one that lies beside a document, if any.

    Raises `UsageFault` (`usage.no-file`) when the one that was named is not there.
    """
    equipment = site.equipment
    if chosen is not None:
        if not chosen.is_file():
            raise UsageFault("usage.no-file", display(str(chosen)))
        return equipment.read_ticket(chosen, chosen.name)
    settings = site.loaded.settings.inbox(inbox)
    if settings is None or site.rules.tickets(settings) is Tickets.NONE:
        return None
    beside = [path for path in file.parent.iterdir() if document_of(path.name) == file.name]
    return equipment.read_ticket(min(beside), min(beside).name) if beside else None


def describe_ticket(received: ReceivedTicket) -> str:
    """Return a ticket's name and what it asks for, in one line."""
    asked = ", ".join(f"{key} {value}" for key, value in _asked(received).items())
    return f"{received.name}: {asked or 'asks for nothing'}"


def ticket_value(received: ReceivedTicket) -> dict[str, object]:
    """Return a ticket's name and what it asks for, for JSON."""
    return {"file": received.name, **_asked(received)}


def left_of(equipment: Equipment, inboxes: Mapping[str, Inbox]) -> tuple[Left, ...]:
    """Return what waits in some inboxes and why; an inbox that cannot be read is passed over."""
    left: list[Left] = []
    for inbox in inboxes.values():
        try:
            left += waiting_among(look_into(equipment, inbox).left)
        except SiteFault:
            continue  # it has a hold of its own, which is shown
    return tuple(left)


def waiting_among(bystanders: Iterable[Bystander]) -> tuple[Left, ...]:
    """Return those of what was left in an inbox that will be taken later."""
    return tuple(Left(one.inbox, display(one.source), one.why) for one in bystanders if one.waits)


def _asked(received: ReceivedTicket) -> dict[str, object]:
    asks = asdict(received.asks) if received.asks is not None else {}
    if asks.pop("own_place", ()):
        asks["place"] = "own"
    asks["fields"] = dict(asks.pop("fields", ()))
    return {key: value for key, value in asks.items() if value not in ("", None, {})}
