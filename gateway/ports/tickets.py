"""Tickets that Sealgate writes itself, beside documents that wait."""

from __future__ import annotations

from typing import Protocol


class TicketWriting(Protocol):
    """The folders of the inboxes, in which a ticket may be laid beside a document."""

    def lay(self, inbox: str, source: str, content: bytes) -> str:
        """Lay the ticket of a document beside it, whole and durably; return its path below.

        Raises `UsageFault`: `usage.no-file` when the document is gone, `tickets.taken` when it
        has a ticket; `SiteFault` when it cannot be written.
        """

    def lay_ahead(self, inbox: str, source: str, content: bytes) -> bool:
        """Lay the ticket of a document that comes at once, whole and durably.

        Tell whether it lies there: not where there is a ticket of that name. Raises `UsageFault`
        (`usage.unknown-inbox`) and `SiteFault`.
        """

    def take_back(self, inbox: str, source: str) -> None:
        """Remove a ticket that was laid ahead of a document which has not come."""
