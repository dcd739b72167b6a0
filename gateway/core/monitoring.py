"""What monitoring is told: where it listens, and what waits in the inboxes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class MonitoringSettings:
    """Where the daemon answers whoever watches it."""

    host: str
    """A literal IP address, or `localhost`."""
    port: int


@dataclass(frozen=True)
class Arriving:
    """A file that lies in an inbox and was not claimed yet."""

    source: str
    """Path below the inbox."""
    since: datetime
    """When it was first seen."""
    why: str = ""
    """Why it is not taken yet; empty when it only waits for its turn."""


@dataclass(frozen=True)
class Queue:
    """What lies in one inbox and was not claimed yet."""

    count: int = 0
    first: tuple[Arriving, ...] = ()
    """Those that lie there longest, only so many of them."""
