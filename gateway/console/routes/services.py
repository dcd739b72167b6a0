"""Digest services and time-stamp authorities: certificates, quotas, a trial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from gateway.console.charts import Chart, bars
from gateway.console.routing import Routes
from gateway.console.visit import Visit, whole_number
from gateway.core.errors import UsageFault
from gateway.core.people import Permission
from gateway.core.quota import Package, balance, run_out
from gateway.core.services import (
    CscSettings,
    DigestCmsSettings,
    DigestRawSettings,
    Family,
    LocalSettings,
    Pkcs11Settings,
)
from gateway.pipeline.foresight import remembered
from gateway.pipeline.service_trial import try_service, try_timestamps

routes = Routes()
_DAYS = 28
_KINDS: dict[type[Family], str] = {
    CscSettings: "CSC",
    LocalSettings: "local key",
    Pkcs11Settings: "PKCS#11",
    DigestRawSettings: "digest → signature",
    DigestCmsSettings: "digest → CMS",
}


@dataclass(frozen=True)
class Gauge:
    """What is left of a prepaid quota."""

    bought: int
    left: int
    used_up: date | None
    """When it will be used up if it goes on like this."""
    chart: Chart
    """Units spent by day."""


@routes.get("/services", Permission.SEE_SERVICES)
def services(visit: Visit) -> Response:
    """Show every service and authority, without asking any."""
    equipment, settings = visit.site.equipment, visit.site.loaded.settings
    rows = [
        (one.name, _KINDS[type(one.family)], one.quota is not None) for one in settings.services
    ]
    rows += [(one.name, "time-stamp", one.quota is not None) for one in settings.timestamps]
    shown = [(name, kind, _gauge(visit, name) if metered else None) for name, kind, metered in rows]
    held = {hold.subject.partition(":")[2]: hold for hold in equipment.holds.all()}
    soon = remembered(equipment.memory)
    return visit.page("services/services.html", services=shown, held=held, soon=soon)


@routes.post("/services/{name}/test", Permission.WORK_SERVICES)
def test(visit: Visit) -> Response:
    """Sign a random digest with a service; it costs what a document costs."""
    equipment, name = visit.site.equipment, visit.path("name")
    service = visit.site.loaded.settings.service(name)
    steps = try_service(equipment, service) if service is not None else []
    steps += try_timestamps(equipment, name)
    if not steps:
        raise UsageFault("usage.unknown-service", name[:100])
    return visit.page("services/trial.html", name=name, steps=steps)


@routes.post("/services/{name}/packages", Permission.WORK_SERVICES)
def buy(visit: Visit) -> Response:
    """Tell that a package of units was bought."""
    name, told = visit.path("name"), visit.field("units").strip()
    settings = visit.site.loaded.settings
    known = {one.name for one in settings.services} | {one.name for one in settings.timestamps}
    if name not in known:
        raise UsageFault("usage.unknown-service", name[:100])
    units = whole_number(told)
    if units is None or not 0 < units < 10**9:
        raise UsageFault("usage.wrong-number", told[:40])
    today = visit.site.equipment.clock.now().date()
    try:
        end = date.fromisoformat(visit.field("until")) if visit.field("until") else None
    except ValueError:
        raise UsageFault("usage.wrong-time", visit.field("until")[:40]) from None
    note = visit.field("note").strip()[:200]
    visit.site.ledger.buy(Package(name, units, today, end, note), visit.actor)
    return visit.go("/services", said="saved")


def _gauge(visit: Visit, name: str) -> Gauge:
    today = visit.site.equipment.clock.now().date()
    packages, spending = visit.site.equipment.quotas.account(name)
    now = balance(packages, spending, today)
    days = [(one.day.isoformat(), one.units) for one in spending[-_DAYS:]]
    return Gauge(now.bought, now.left, run_out(spending, now.left, today), bars(days))
