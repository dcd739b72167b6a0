"""Laying tickets beside documents that wait in an inbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
        with self._folder(inbox, source) as (folder, name):
            if not is_plain(name, dir_fd=folder):
                raise UsageFault("usage.no-file", display(source))
            if not _laid(folder, name, content):
                raise UsageFault("tickets.taken", display(source))
        return source + _ENDING

    def lay_ahead(self, inbox: str, source: str, content: bytes) -> bool:
        """Lay the ticket of a document that comes at once; tell whether it lies there."""
        with self._folder(inbox, source) as (folder, name):
            return _laid(folder, name, content)

    def take_back(self, inbox: str, source: str) -> None:
        """Remove a ticket that was laid ahead of a document which has not come."""
        with self._folder(inbox, source) as (folder, name):
            durable.remove(name + _ENDING, dir_fd=folder)

    @contextmanager
    def _folder(self, inbox: str, source: str) -> Iterator[tuple[int, str]]:
        """Yield the open folder of a document, and the document's name."""
        if inbox not in self._inboxes:
            raise UsageFault("usage.unknown-inbox", inbox)
        with as_site_fault(self._inboxes[inbox] / source):
            *folders, name = parts(source) or ("",)
            with open_folder(self._inboxes[inbox], folders) as folder:
                yield folder, name


def _laid(folder: int, name: str, content: bytes) -> bool:
    """Lay a ticket unless there is one, of whichever ending."""
    others = {name.lower() + ending for ending in TICKETS.values()}
    if any(one.lower() in others for one in names_in(folder)):
        return False
    try:
        durable.write_exclusive(name + _ENDING, content, dir_fd=folder)
    except FileExistsError:
        return False
    return True
