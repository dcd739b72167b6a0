"""Foresight: certificates that will end and quotas that will be used up, told before they hold.

Each certificate is told of at a few distances from its end, each quota while its forecast
lies near; the last findings are remembered for `sealgate status`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from gateway.core.errors import ServiceFault
from gateway.core.quota import balance, run_out
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.waiting import NEVER
from gateway.ports import Memory

_DAYS = (60, 30, 14, 7, 3, 1)
"""Distances, in days, at which an end is told."""
FIRST_TOLD, SOON = _DAYS[0], _DAYS[2]
"""Days before an end at which it is told first, and at which it is time to act."""
_QUOTA_DAYS = 14
_KEY = "foreseen"
_ENDS_KEY = "certificates"
_REVOKED = "revocation.revoked"


@dataclass(frozen=True)
class Foreseen:
    """Something that will hold work unless somebody acts."""

    event: str
    """As logged: `credential.expiring`, `credential.revoked` or `quota.running-out`."""
    service: str
    what: str
    once: str
    """What it is told of once: told again only when this changes."""


@dataclass(frozen=True)
class CertificateEnd:
    """The certificate of a service's chain that ends first."""

    subject: str
    ends: datetime


def foresee(equipment: Equipment) -> tuple[Foreseen, ...]:
    """Look at every credential and quota; a service that cannot be asked holds work by itself."""
    now = equipment.clock.now()
    found: list[Foreseen] = []
    known = certificate_ends(equipment.memory)
    for name, service in equipment.services.items():
        try:
            chain = service.credential().chain
        except ServiceFault:
            continue  # the next document that needs it opens the hold, with this very fault
        first = min(
            map(x509.load_der_x509_certificate, chain), key=lambda one: one.not_valid_after_utc
        )
        known[name] = CertificateEnd(first.subject.rfc4514_string(), first.not_valid_after_utc)
        equipment.meter.certificate(name, first.not_valid_after_utc)
        found += _ends(name, first, now)
        found += _revoked(equipment, name, chain)
    written = {name: (one.subject, one.ends.isoformat()) for name, one in known.items()}
    equipment.memory.remember(_ENDS_KEY, json.dumps(written))
    for name in metered(equipment):
        found += _used_up(equipment, name, now)
    return tuple(found)


def tell(equipment: Equipment, found: Iterable[Foreseen]) -> tuple[Foreseen, ...]:
    """Log what is news, remember everything for `sealgate status`, and return the news.

    A service whose certificate is revoked is held until a person has seen to it.
    """
    all_of_it = tuple(found)
    before = {(one.event, one.service): one.once for one in remembered(equipment.memory)}
    news = tuple(one for one in all_of_it if before.get((one.event, one.service)) != one.once)
    held = {hold.subject for hold in equipment.holds.all()}
    for one in all_of_it:
        if one.event == "credential.revoked" and f"service:{one.service}" not in held:
            equipment.holds.hold(f"service:{one.service}", _REVOKED, one.what, NEVER)
    for one in news:
        equipment.log.record(one.event, {"service": one.service, "what": one.what})
    written = [[one.event, one.service, one.what, one.once] for one in all_of_it]
    equipment.memory.remember(_KEY, json.dumps(written))
    return news


def remembered(memory: Memory) -> tuple[Foreseen, ...]:
    """Return what was foreseen when somebody last looked."""
    return tuple(Foreseen(*entry) for entry in json.loads(memory.recall(_KEY) or "[]"))


def certificate_ends(memory: Memory) -> dict[str, CertificateEnd]:
    """Return when services' certificates end, as far as they were ever asked; by service."""
    found = json.loads(memory.recall(_ENDS_KEY) or "{}")
    return {
        name: CertificateEnd(subject, datetime.fromisoformat(ends))
        for name, (subject, ends) in found.items()
    }


def _ends(name: str, first: x509.Certificate, now: datetime) -> Iterator[Foreseen]:
    """Tell of the certificate of the chain that ends first."""
    days = (first.not_valid_after_utc - now).days
    distance = min((one for one in _DAYS if days < one), default=None)
    if distance is not None:
        subject = first.subject.rfc4514_string()
        what = f"{subject} ends on {first.not_valid_after_utc:%Y-%m-%d}, in {days} days"
        yield Foreseen("credential.expiring", name, what, f"{first.serial_number:x} at {distance}")


def _revoked(equipment: Equipment, name: str, chain: tuple[bytes, ...]) -> Iterator[Foreseen]:
    """Tell of a revoked certificate; that nobody can be asked is no news at every level."""
    if not equipment.watches_revocation:
        return
    try:
        equipment.evidence.of_chain(chain)
    except ServiceFault as fault:
        if fault.code == _REVOKED:
            yield Foreseen("credential.revoked", name, fault.detail, fault.detail)


def metered(equipment: Equipment) -> Iterator[str]:
    """Yield the names of the services and authorities that have a quota."""
    yield from (name for name, desk in equipment.desks.items() if desk.metered)
    yield from equipment.authorities.metered


def _used_up(equipment: Equipment, name: str, now: datetime) -> Iterator[Foreseen]:
    packages, spending = equipment.quotas.account(name)
    today = now.date()
    left = balance(packages, spending, today).left
    day = run_out(spending, left, today)
    if day is not None and (day - today).days < _QUOTA_DAYS:
        what = f"{left} left, used up about {day}"
        yield Foreseen("quota.running-out", name, what, f"week {today:%G-%V}")
