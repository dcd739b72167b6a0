"""Telling that a package of a prepaid quota was bought."""

from __future__ import annotations

from dataclasses import replace

from gateway.core.errors import UsageFault
from gateway.core.quota import Package
from gateway.core.site import SiteSettings
from gateway.ports import Accounts

_MOST = 10**9
_LONGEST_NOTE = 200


def buy(accounts: Accounts, settings: SiteSettings, package: Package, actor: str) -> None:
    """Add a package to the books of a service or time-stamp authority of the site.

    Its note becomes one short line. Raises `UsageFault`: `usage.unknown-service`,
    `usage.wrong-number`, `usage.wrong-time`.
    """
    known = {one.name for one in settings.services} | {one.name for one in settings.timestamps}
    if package.service not in known:
        raise UsageFault("usage.unknown-service", package.service[:100])
    if not 0 < package.units < _MOST:
        raise UsageFault("usage.wrong-number", str(package.units)[:40])
    first, end = package.valid_from, package.valid_until
    if end is not None and end < first:
        raise UsageFault("usage.wrong-time", f"{end} is before {first}")
    note = " ".join(package.note.split())[:_LONGEST_NOTE]
    accounts.buy(replace(package, note=note), actor)
