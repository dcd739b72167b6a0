"""Everything of monitoring put together for one site."""

from __future__ import annotations

from contextlib import AbstractContextManager

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway.core.monitoring import MonitoringSettings
from gateway.monitoring.collector import SiteCollector, Sources
from gateway.monitoring.health import Answer, health, readiness
from gateway.monitoring.meter import PrometheusMeter
from gateway.monitoring.server import serving
from gateway.ports import Watched


def monitored(
    settings: MonitoringSettings, meter: PrometheusMeter, sources: Sources, watched: Watched
) -> AbstractContextManager[None]:
    """Serve metrics, health and readiness while a block runs; raises `SiteFault` on entering."""
    meter.registry.register(SiteCollector(sources, watched))

    def metrics() -> Answer:
        return Answer(200, generate_latest(meter.registry), CONTENT_TYPE_LATEST)

    routes = {
        "/metrics": metrics,
        "/healthz": lambda: health(watched),
        "/readyz": lambda: readiness(sources.holds),
    }
    return serving(settings, routes)
