"""Time-stamps: from the first authority that gives one, each with a quota of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from gateway.core.errors import ServiceFault
from gateway.core.quota import Price
from gateway.core.services import TimestampSettings
from gateway.pipeline.charging import charged
from gateway.ports import Clock, Quotas, Timestamper

_REST = 60.0
"""Seconds for which an authority that failed is asked after the others."""


class Authorities:
    """The site's time-stamp authorities; safe to use from several threads."""

    def __init__(
        self,
        peers: Iterable[tuple[Timestamper, TimestampSettings]],
        quotas: Quotas,
        clock: Clock,
    ) -> None:
        self._peers = tuple((timestamper, _price(settings)) for timestamper, settings in peers)
        self._quotas = quotas
        self._clock = clock
        self._failed: dict[str, float] = {}
        self._lock = threading.Lock()

    @property
    def timestampers(self) -> tuple[Timestamper, ...]:
        """Return the authorities in the order of the configuration."""
        return tuple(timestamper for timestamper, _ in self._peers)

    @property
    def metered(self) -> tuple[str, ...]:
        """Return the names of the authorities that have a quota."""
        return tuple(peer.name for peer, price in self._peers if price is not None)

    def time_stamp(
        self, job: str, digest: bytes, digest_algorithm: str = "sha256"
    ) -> tuple[bytes, str]:
        """Return a token over `digest` and the name of the authority that gave it.

        Raises the first authority's `ServiceFault` when none gives one.
        """
        first: ServiceFault | None = None
        for timestamper, price in self._in_order():
            try:
                return self._ask(timestamper, price, job, digest, digest_algorithm)
            except ServiceFault as fault:
                self._note_failure(timestamper.name)
                first = first or fault
        raise first or ServiceFault("tsa.refused", "no time-stamp authority is configured")

    def ask(self, name: str, job: str, digest: bytes) -> bytes:
        """Return a SHA-256 token of one authority; raises `ServiceFault`."""
        peer, price = next(one for one in self._peers if one[0].name == name)
        return self._ask(peer, price, job, digest, "sha256")[0]

    def _in_order(self) -> list[tuple[Timestamper, Price | None]]:
        """Return who is to be asked, those that failed lately last."""
        with self._lock:
            resting = {
                name
                for name, since in self._failed.items()
                if self._clock.monotonic() - since < _REST
            }
        return sorted(self._peers, key=lambda peer: peer[0].name in resting)

    def _note_failure(self, name: str) -> None:
        with self._lock:
            self._failed[name] = self._clock.monotonic()

    def _ask(
        self, timestamper: Timestamper, price: Price | None, job: str, digest: bytes, algorithm: str
    ) -> tuple[bytes, str]:
        if price is None:
            return timestamper.timestamp(digest, algorithm), timestamper.name
        with charged(self._quotas, price, job, digest):
            return timestamper.timestamp(digest, algorithm), timestamper.name


def _price(settings: TimestampSettings) -> Price | None:
    """Return what a token costs; None where nobody counts."""
    if settings.quota is None:
        return None
    return Price(
        service=settings.name,
        units=1,
        repeats=None,
        repeats_are_free=False,
        per_document=False,
        metered=True,
        alarm_at=settings.quota.alarm_at,
    )
