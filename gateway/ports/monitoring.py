"""Being watched: where measurements go, and what an engine tells of itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from gateway.core.monitoring import Queue


class Meter(Protocol):
    """Takes measurements; callable from any thread, never raises, and knows no document's name."""

    def stage(self, stage: str, seconds: float) -> None:
        """Note how long one stage took with one document, whether it went well or not."""

    def remote(self, service: str, outcome: str, seconds: float) -> None:
        """Note one call of a service; the outcome is `ok` or an error code."""

    def result(self, inbox: str, outcome: str, code: str) -> None:
        """Note that a document was `delivered`, or has `failed` with a code."""

    def certificate(self, service: str, ends: datetime) -> None:
        """Note when the first certificate of a service's chain ends."""


class Watched(Protocol):
    """An engine at work, as it is seen from another thread."""

    def queues(self) -> Mapping[str, Queue]:
        """Return what lay unclaimed in each inbox at its last scan."""

    def since_round(self) -> float:
        """Return the seconds since the last round of work."""
