"""Laying tickets beside documents that wait in an inbox."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gateway.core.companions import TICKETS
from gateway.core.errors import UsageFault
from gateway.core.names import display
from gateway.folders import durable
from gateway.folders.faults import as_site_fault
from gateway.folders.opening import is_plain, names_in, open_folder, parts

_ENDING = ".yaml"


class InboxTickets:
    """The port `TicketWriting`."""

    def __init__(self, inboxes: Mapping[str, Path]) -> None:
        self._inboxes = inboxes

    def lay(self, inbox: str, source: str, content: bytes) -> str:
        """Lay the ticket of a document beside it; raises as the port says."""
        if inbox not in self._inboxes:
            raise UsageFault("usage.unknown-inbox", inbox)
        with as_site_fault(self._inboxes[inbox] / source):
            *folders, name = parts(source) or ("",)
            with open_folder(self._inboxes[inbox], folders) as folder:
                if not is_plain(name, dir_fd=folder):
                    raise UsageFault("usage.no-file", display(source))
                others = {name.lower() + ending for ending in TICKETS.values()}
                if any(one.lower() in others for one in names_in(folder)):
                    raise UsageFault("tickets.taken", display(source))
                try:
                    durable.write_exclusive(name + _ENDING, content, dir_fd=folder)
                except FileExistsError:
                    raise UsageFault("tickets.taken", display(source)) from None
        return source + _ENDING
