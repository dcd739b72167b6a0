"""Commands that check: check, doctor, services list and test."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from cryptography import x509

from gateway.cli.output import Cell, complain, say, show
from gateway.cli.site import checked, opened
from gateway.core.errors import ConfigurationFault, SealgateError, ServiceFault, UsageFault
from gateway.core.services import CscSettings, Family, LocalSettings
from gateway.daemon.lock import holder
from gateway.ports import Credential, DigestService, Outcome, Timestamper
from gateway.wiring import Site

_EXPIRY_DAYS = 30


def check(chosen: argparse.Namespace) -> int:
    """Check configuration and rules; exit 0 when they are valid, 2 when not."""
    columns = ("file", "line", "column", "code", "message", "remedy")
    try:
        loaded = checked(chosen.site)
    except ConfigurationFault as fault:
        if not chosen.json:
            raise
        rows = [(p.file, p.line, p.column, p.code, p.message, p.remedy) for p in fault.problems]
        show("", columns, rows, as_json=True)
        return 2
    if chosen.json:
        show("", columns, [], as_json=True)
    else:
        say(
            f"valid: {len(loaded.settings.inboxes)} inboxes, {len(loaded.rulebook.rules)} rules, "
            f"{len(loaded.rulebook.seals)} seals; snapshot {loaded.rulebook.snapshot[:12]}"
        )
    return 0


def services_list(chosen: argparse.Namespace) -> int:
    """List the configured services without contacting any."""
    settings = checked(chosen.site).settings
    rows: list[tuple[Cell, ...]] = [
        (service.name, *_described(service.family)) for service in settings.services
    ]
    rows += [(stamp.name, "rfc3161", stamp.url, "") for stamp in settings.timestamps]
    show("Services", ("name", "family", "url", "credential"), rows, as_json=chosen.json)
    return 0


def services_test(chosen: argparse.Namespace) -> int:
    """Sign a random digest with each service, step by step; exit 1 when a step fails."""
    rows: list[tuple[Cell, ...]] = []
    with opened(chosen.site, serving=True, with_rules=False) as site:
        services = site.equipment.services
        stamps = {stamp.name: stamp for stamp in site.equipment.authorities.timestampers}
        if chosen.name is not None and chosen.name not in {*services, *stamps}:
            raise UsageFault("usage.unknown-service", chosen.name)
        for name, service in services.items():
            if chosen.name in (None, name):
                rows += _test_service(service)
        for name, timestamper in stamps.items():
            if chosen.name in (None, name):
                rows.append(_test_timestamper(timestamper))
    columns = ("service", "step", "result", "milliseconds", "detail")
    show("Service test", columns, rows, as_json=chosen.json)
    return 0 if rows and all(row[2] == "ok" for row in rows) else 1


def _described(family: Family) -> tuple[Cell, ...]:
    match family:
        case CscSettings():
            return "csc", family.url, family.credential or "(the only one)"
        case LocalSettings():
            return "local", str(family.file), ""


def _test_timestamper(timestamper: Timestamper) -> tuple[Cell, ...]:
    digest = secrets.token_bytes(32)
    work = partial(timestamper.timestamp, digest, "sha256")
    return _step(timestamper.name, "time-stamp", lambda: f"{len(work())} bytes")


def _test_service(service: DigestService) -> list[tuple[Cell, ...]]:
    digest = secrets.token_bytes(32)
    rows = [_step(service.name, "credential", lambda: _chain(service.credential()))]
    if rows[0][2] == "ok":
        rows.append(
            _step(service.name, "authorize", lambda: _said(service.authorize((digest,)), "SAD"))
        )
        rows.append(
            _step(
                service.name,
                "sign",
                lambda: _signed(service.sign(service.authorize((digest,)))[0]),
            )
        )
    return rows


def _signed(outcome: Outcome) -> str:
    if isinstance(outcome, ServiceFault):
        raise outcome
    return f"{len(outcome)} bytes, checked"


def _step(service: str, step: str, work: Callable[[], str]) -> tuple[Cell, ...]:
    began = time.monotonic()
    try:
        detail, result = work(), "ok"
    except SealgateError as error:
        detail, result = f"{error.sentence} {error.remedy}", error.code
    return service, step, result, round((time.monotonic() - began) * 1000), detail


def _said(value: object, words: str) -> str:
    return words if value else "nothing"


def _chain(credential: Credential) -> str:
    names = [x509.load_der_x509_certificate(der) for der in credential.chain]
    path = " < ".join(_common_name(certificate) for certificate in names)
    return f"{path}, valid until {names[0].not_valid_after_utc:%Y-%m-%d}"


def _common_name(certificate: x509.Certificate) -> str:
    found = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value) if found else certificate.subject.rfc4514_string()


def doctor(chosen: argparse.Namespace) -> int:
    """Check the whole installation; exit 1 when something would keep it from working."""
    rows: list[tuple[Cell, ...]] = []
    with opened(chosen.site, serving=True) as site:
        settings = site.loaded.settings
        rows.append(("configuration", "ok", f"snapshot {site.loaded.rulebook.snapshot[:12]}"))
        process = holder(settings.state)
        rows.append(("daemon", "ok", f"process {process}" if process else "not running"))
        rows += [_folder(name, path) for name, path in _folders(site)]
        flaws = site.equipment.log.verify()
        rows.append(("signing log", "fail" if flaws else "ok", f"{len(flaws)} flaws"))
        rows.append(_reader(site))
        rows.append(_watches())
        for name, service in site.equipment.services.items():
            rows.append(_service(name, service))
        rows += [
            (hold.subject, "fail", f"{hold.code} {hold.detail}")
            for hold in site.equipment.holds.all()
        ]
    show("Doctor", ("what", "result", "detail"), rows, as_json=chosen.json)
    failed = sum(row[1] == "fail" for row in rows)
    if failed and not chosen.json:
        complain(f"{failed} of {len(rows)} checks failed")
    return 1 if failed else 0


def _folders(site: Site) -> list[tuple[str, Path]]:
    settings = site.loaded.settings
    folders = [(f"inbox {inbox.name}", inbox.path) for inbox in settings.inboxes]
    folders += [("outbox", settings.outbox), ("archive", settings.archive)]
    return [*folders, ("failed", settings.failed), ("state", settings.state)]


def _folder(name: str, path: Path) -> tuple[Cell, ...]:
    if not path.is_dir():
        return name, "fail", f"{path} is missing"
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return name, "fail", f"{path} cannot be read and written"
    free = shutil.disk_usage(path).free
    result = "fail" if free < 100 * 2**20 else "ok"
    return name, result, f"{free / 2**30:.1f} GiB free"


def _reader(site: Site) -> tuple[Cell, ...]:
    """Start a reader process and let it refuse a file that is none."""
    try:
        site.documents.examine(Path(os.devnull))
    except SealgateError as error:
        fine = error.code == "intake.empty"
        return "PDF reader", "ok" if fine else "fail", "" if fine else error.sentence
    return "PDF reader", "fail", "it accepted an empty file"


def _watches() -> tuple[Cell, ...]:
    limit = Path("/proc/sys/fs/inotify/max_user_watches")
    return "folder events", "ok", f"{limit.read_text().strip() if limit.exists() else '?'} watches"


def _service(name: str, service: DigestService) -> tuple[Cell, ...]:
    try:
        credential = service.credential()
    except SealgateError as error:
        return f"service {name}", "fail", error.sentence
    certificate = x509.load_der_x509_certificate(credential.chain[0])
    days = (certificate.not_valid_after_utc - datetime.now(UTC)).days
    result = "warning" if days < _EXPIRY_DAYS else "ok"
    return f"service {name}", result, f"certificate valid for {days} days"
