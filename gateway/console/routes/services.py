"""Digest services and time-stamp authorities: certificates, quotas, a trial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from starlette.responses import Response

from gateway.console.charts import BurnDown, Chart, bars, burn_down
from gateway.console.routing import Routes
from gateway.console.visit import Visit
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
from gateway.pipeline import buying
from gateway.pipeline.foresight import (
    FIRST_TOLD,
    SOON,
    CertificateEnd,
    certificate_ends,
    remembered,
)
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
    course: BurnDown
    """What was left by day, and how that goes on."""
    chart: Chart
    """Units spent by day."""


@dataclass(frozen=True)
class Validity:
    """How long a service's certificate is still good."""

    subject: str
    ends: date
    days: int
    """Left; negative once it has ended."""

    @property
    def kind(self) -> str:
        """Return how bad it is, as a badge has it."""
        return "bad" if self.days < SOON else "warn" if self.days < FIRST_TOLD else "good"


@routes.get("/services", Permission.SEE_SERVICES)
def services(visit: Visit) -> Response:
    """Show every service and authority, without asking any."""
    equipment, settings = visit.site.equipment, visit.site.loaded.settings
    rows = [
        (one.name, _KINDS[type(one.family)], one.quota is not None) for one in settings.services
    ]
    rows += [(one.name, "time-stamp", one.quota is not None) for one in settings.timestamps]
    ends = certificate_ends(equipment.memory)
    shown = [
        (name, kind, _gauge(visit, name) if metered else None, _validity(visit, ends.get(name)))
        for name, kind, metered in rows
    ]
    held = {hold.subject.partition(":")[2]: hold for hold in equipment.holds.all()}
    soon = remembered(equipment.memory)
    return visit.page(
        "services/services.html", services=shown, held=held, soon=soon, told=FIRST_TOLD, act=SOON
    )


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
    name, units = visit.path("name"), visit.field("units").strip()
    if not (units.isascii() and units.isdecimal() and len(units) < 20):
        raise UsageFault("usage.wrong-number", units[:40])
    today = visit.site.equipment.clock.now().date()
    try:
        end = date.fromisoformat(visit.field("until")) if visit.field("until") else None
    except ValueError:
        raise UsageFault("usage.wrong-time", visit.field("until")[:40]) from None
    package = Package(name, int(units), today, end, visit.field("note").strip())
    buying.buy(visit.site.ledger, visit.site.loaded.settings, package, visit.actor)
    return visit.go("/services", said="saved")


def _validity(visit: Visit, end: CertificateEnd | None) -> Validity | None:
    if end is None:
        return None
    days = (end.ends - visit.site.equipment.clock.now()).days
    return Validity(end.subject, end.ends.date(), days)


def _gauge(visit: Visit, name: str) -> Gauge:
    today = visit.site.equipment.clock.now().date()
    packages, spending = visit.site.equipment.quotas.account(name)
    now = balance(packages, spending, today)
    used_up = run_out(spending, now.left, today)
    spent = {one.day: one.units for one in spending}
    days = [today - timedelta(days=past) for past in reversed(range(_DAYS))]
    left = [
        (day, balance(packages, [one for one in spending if one.day <= day], day).left)
        for day in days
    ]
    daily = bars([(day.isoformat(), spent.get(day, 0)) for day in days])
    return Gauge(now.bought, now.left, used_up, burn_down(left, used_up), daily)
