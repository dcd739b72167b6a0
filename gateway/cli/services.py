"""`sealgate services list` and `test`: who signs and stamps, and whether they do."""

from __future__ import annotations

import argparse
from dataclasses import astuple

from gateway.cli.output import Cell, complain, show
from gateway.cli.site import checked, opened
from gateway.core.errors import UsageFault
from gateway.core.services import (
    CscSettings,
    DigestCmsSettings,
    DigestRawSettings,
    Family,
    LocalSettings,
    Pkcs11Settings,
    ServiceSettings,
)
from gateway.pipeline.service_trial import try_service, try_timestamps


def services_list(chosen: argparse.Namespace) -> int:
    """List the configured services without contacting any."""
    settings = checked(chosen.site).settings
    rows: list[tuple[Cell, ...]] = [
        (service.name, *_described(service.family), _counted(service))
        for service in settings.services
    ]
    for stamp in settings.timestamps:
        counted = "time-stamp" if stamp.quota is not None else ""
        rows.append((stamp.name, "rfc3161", stamp.url, "", counted))
    columns = ("name", "family", "url", "credential", "quota counts")
    show("Services", columns, rows, as_json=chosen.json)
    return 0


def _described(family: Family) -> tuple[Cell, ...]:
    match family:
        case CscSettings():
            return "csc", family.url, family.credential or "(the only one)"
        case LocalSettings():
            return "local", str(family.file), ""
        case Pkcs11Settings():
            return "pkcs11", family.token or family.module.name, family.key or family.key_id.hex()
        case DigestRawSettings():
            return "digest-raw", family.call.url, family.call.certificates.name
        case DigestCmsSettings():
            return "digest-cms", family.call.url, family.call.certificates.name


def _counted(service: ServiceSettings) -> str:
    return service.quota.counts.value if service.quota is not None else ""


def services_test(chosen: argparse.Namespace) -> int:
    """Sign a random digest with each service, step by step; exit 1 when a step fails."""
    rows: list[tuple[Cell, ...]] = []
    with opened(chosen.site, serving=True, with_rules=False) as site:
        stamps = {stamp.name for stamp in site.loaded.settings.timestamps}
        if chosen.name is not None and chosen.name not in {*site.equipment.services, *stamps}:
            raise UsageFault("usage.unknown-service", chosen.name)
        for settings in site.loaded.settings.services:
            if chosen.name in (None, settings.name):
                rows += map(astuple, try_service(site.equipment, settings))
        rows += map(astuple, try_timestamps(site.equipment, chosen.name))
    columns = ("service", "step", "result", "milliseconds", "detail")
    show("Service test", columns, rows, as_json=chosen.json)
    failed = sum(row[2] != "ok" for row in rows)
    if failed and not chosen.json:
        complain(f"{failed} of {len(rows)} steps failed")
    return 1 if failed or not rows else 0
