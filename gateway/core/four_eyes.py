"""Four eyes: what one keeper wants counts only when another one has confirmed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.core.errors import AccessFault

ALONE = frozenset({"seal.retired", "seal.grant-removed"})
"""What one keeper may always do: it only takes away, at once, and can be given back."""


class RequestState(StrEnum):
    """How a request stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    """By another keeper, or taken back by who asked."""
    EXPIRED = "expired"


@dataclass(frozen=True)
class KeeperRequest:
    """What one keeper wants, and what became of it."""

    kind: str
    """`seal` or `rule`."""
    subject: str
    """Name of the seal or of the rule file."""
    event: str
    """What the log will call it, such as `seal.granted`."""
    content: str
    """JSON: everything that is needed to do it."""
    details: tuple[tuple[str, str], ...]
    """What changes, as the log will tell it."""
    asker: str
    """As the log writes who acts."""
    asked: datetime
    expires: datetime
    number: int = 0
    """From 1; 0 before it is filed."""
    state: RequestState = RequestState.OPEN
    decider: str = ""
    decided: datetime | None = None
    why: str = ""
    """What the decider said."""


class RequestFiled(AccessFault):
    """Say that something was not done, but asked for: another keeper has to confirm it."""

    def __init__(self, request: KeeperRequest) -> None:
        super().__init__("access.four-eyes", f"request {request.number}: {request.event}")
        self.request = request
