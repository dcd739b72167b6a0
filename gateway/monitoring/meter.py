"""Measurements, kept in the process as Prometheus wants them: they begin anew with the daemon."""

from __future__ import annotations

import threading
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram

_STAGE_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0)
_REMOTE_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class PrometheusMeter:
    """The port `Meter`; labels are names of the configuration and codes of closed lists."""

    def __init__(self, inboxes: tuple[str, ...]) -> None:
        self.registry = CollectorRegistry()
        self._stages = Histogram(
            "sealgate_stage_seconds",
            "Time that one stage took with one document.",
            ("stage",),
            buckets=_STAGE_SECONDS,
            registry=self.registry,
        )
        self._remote = Histogram(
            "sealgate_remote_seconds",
            "Time that one call of a service took, by its outcome: ok or an error code.",
            ("service", "outcome"),
            buckets=_REMOTE_SECONDS,
            registry=self.registry,
        )
        self._results = Counter(
            "sealgate_results",
            "Documents that came to their end since the daemon started.",
            ("inbox", "outcome", "code"),
            registry=self.registry,
        )
        for inbox in inboxes:
            # From zero, so that the first one counts in rate() and increase().
            self._results.labels(inbox, "delivered", "")
        self._ends: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def stage(self, stage: str, seconds: float) -> None:
        """Note how long one stage took."""
        self._stages.labels(stage).observe(seconds)

    def remote(self, service: str, outcome: str, seconds: float) -> None:
        """Note one call of a service."""
        self._remote.labels(service, outcome).observe(seconds)

    def result(self, inbox: str, outcome: str, code: str) -> None:
        """Note a document that came to its end."""
        self._results.labels(inbox, outcome, code).inc()

    def certificate(self, service: str, ends: datetime) -> None:
        """Note when a service's first certificate ends."""
        with self._lock:
            self._ends[service] = ends

    def ends(self) -> dict[str, datetime]:
        """Return what is known of certificates, by service."""
        with self._lock:
            return dict(self._ends)
