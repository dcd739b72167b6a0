"""Who may work on a site whose ledger several machines reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Lease:
    """The right to work on the site, for a time."""

    holder: str
    """Name of the node."""
    term: int
    """Counts the times it was taken; what an earlier term commits is refused."""
    until: datetime
    """By the ledger's clock, when it was looked at."""
    expired: bool = False


class Leases(Protocol):
    """The one lease of a site; the ledger's clock alone says when it ends."""

    def take(self, holder: str, seconds: float) -> Lease | None:
        """Take it when it is free, has expired, or is this holder's; None while another has it.

        From here on this ledger commits nothing when another has taken it: every transaction
        raises `SiteFault` (`ledger.fenced`) then.
        """

    def renew(self, lease: Lease, seconds: float) -> None:
        """Keep it for so long from now; raises `SiteFault` (`ledger.fenced`)."""

    def release(self, lease: Lease) -> None:
        """Give it back, if it is still held."""

    def current(self) -> Lease | None:
        """Return the lease as it is now; None when it was given back, or never taken."""
