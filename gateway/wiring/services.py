"""Put together what signs and vouches: digest services, time-stamp authorities, evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gateway.core.services import (
    CscSettings,
    DigestCmsSettings,
    DigestRawSettings,
    LocalSettings,
    Pkcs11Settings,
    ServiceSettings,
    TimestampSettings,
)
from gateway.core.site import SiteSettings
from gateway.ledger import Ledger
from gateway.pipeline.desk import Desk
from gateway.pipeline.metering import (
    MeteredEvidence,
    MeteredService,
    MeteredTimestamper,
)
from gateway.pipeline.timestamping import Authorities
from gateway.ports import (
    Clock,
    DigestService,
    EvidenceSource,
    Memory,
    Meter,
    Timestamper,
)
from gateway.services.csc import CscService
from gateway.services.csc_timestamp import CscTimestamper
from gateway.services.digest_cms import DigestCmsService
from gateway.services.digest_raw import DigestRawService
from gateway.services.local import LocalService
from gateway.services.pkcs11 import Pkcs11Service
from gateway.services.revocation import HttpEvidence
from gateway.services.sandbox_address import resolve, resolve_written
from gateway.services.tsa import HttpTimestamper

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Remote:
    """Everything of a site that is reached over a network."""

    services: Mapping[str, DigestService]
    desks: Mapping[str, Desk]
    authorities: Authorities
    evidence: EvidenceSource


def remote_services(settings: SiteSettings, ledger: Ledger, clock: Clock, meter: Meter) -> Remote:
    """Put together everything of a site that signs or vouches over a network."""
    find = partial(resolve, state=settings.state)
    services = {
        service.name: _digest_service(service, clock, ledger, find, sandbox=settings.sandbox)
        for service in settings.services
    }
    stamps = [
        (MeteredTimestamper(_timestamper(stamp, services, find), meter), stamp)
        for stamp in settings.timestamps
    ]
    desks = {
        one.name: Desk(MeteredService(services[one.name], meter), one, ledger)
        for one in settings.services
    }
    written = partial(resolve_written, state=settings.state) if settings.sandbox else str
    evidence = HttpEvidence(settings.revocation, clock, partial(anchors, settings), written)
    return Remote(
        services,
        desks,
        Authorities(stamps, ledger, clock),
        MeteredEvidence(evidence, meter),
    )


def _timestamper(
    settings: TimestampSettings, services: Mapping[str, DigestService], find: Callable[[str], str]
) -> Timestamper:
    service = services.get(settings.service)
    if isinstance(service, CscService):
        return CscTimestamper(settings.name, service.calls, paid=settings.quota is not None)
    return HttpTimestamper(settings, find)


def anchors(settings: SiteSettings) -> tuple[bytes, ...]:
    """Return the site's trust anchors, as DER or PEM; raises `OSError`."""
    return tuple(anchor.read_bytes() for anchor in settings.trust_anchors)


def _digest_service(
    settings: ServiceSettings,
    clock: Clock,
    memory: Memory,
    find: Callable[[str], str],
    *,
    sandbox: bool,
) -> DigestService:
    match settings.family:
        case CscSettings() as family:
            return CscService(settings, family, clock, sandbox_allowed=sandbox, resolve=find)
        case LocalSettings() as family:
            return LocalService(settings, family)
        case Pkcs11Settings() as family:
            return Pkcs11Service(settings, family, clock, sandbox_allowed=sandbox)
        case DigestRawSettings() as family:
            return DigestRawService(settings, family, clock, sandbox_allowed=sandbox, resolve=find)
        case DigestCmsSettings() as family:
            return DigestCmsService(
                settings, family, clock, memory, sandbox_allowed=sandbox, resolve=find
            )
