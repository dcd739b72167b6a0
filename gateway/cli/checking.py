"""Commands that check: check, doctor, services list and test."""

from __future__ import annotations

import argparse
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from gateway.cli.flow_checks import party_checks
from gateway.cli.node_checks import node_checks
from gateway.cli.notices import notice_checks
from gateway.cli.output import Cell, complain, say, show
from gateway.cli.people_checks import people_checks
from gateway.cli.probing import doctor_folder
from gateway.cli.site import checked, opened, turn_of
from gateway.core.errors import ConfigurationFault, SealgateError, SiteFault
from gateway.core.site import Immutable, SiteSettings
from gateway.core.states import State
from gateway.core.ticket_codes import INBOX_REMOVED
from gateway.folders.immutable import probe
from gateway.pipeline.permission import Warned, warnings
from gateway.ports import DigestService
from gateway.wiring import Site, known_people, log_audit

_EXPIRY_DAYS = 30


def check(chosen: argparse.Namespace) -> int:
    """Check configuration and rules; exit 0 when they are valid, 2 when not.

    A rule whose seal may not be used now is valid all the same; it is warned of.
    """
    columns = ("file", "line", "column", "code", "message", "remedy", "severity")
    try:
        loaded = checked(chosen.site)
    except ConfigurationFault as fault:
        if not chosen.json:
            raise
        rows = [
            (p.file, p.line, p.column, p.code, p.message, p.remedy, "error") for p in fault.problems
        ]
        show("", columns, rows, as_json=True)
        return 2
    warned = tuple(warnings(loaded, datetime.now(UTC).date(), known_people(loaded.settings)))
    if chosen.json:
        show("", columns, [_warning_row(one) for one in warned], as_json=True)
    else:
        for one in warned:
            what = f"warning: {one.source}: {one.fault.sentence} [{one.fault.code}]"
            complain(f"{what}\n    {one.fault.remedy}")
        say(
            f"valid: {len(loaded.settings.inboxes)} inboxes, {len(loaded.rulebook.rules)} rules, "
            + (f"{len(loaded.flows)} flows, " if loaded.flows else "")
            + f"{len(loaded.rulebook.seals)} seals; snapshot {loaded.rulebook.snapshot[:12]}"
        )
    return 0


def _warning_row(one: Warned) -> tuple[Cell, ...]:
    file, _, line = one.source.rpartition(":")
    fault = one.fault
    return file, int(line), 0, fault.code, fault.sentence, fault.remedy, "warning"


def doctor(chosen: argparse.Namespace) -> int:
    """Check the whole installation, or one folder; exit 1 when something would not work."""
    if chosen.folder is not None:
        return doctor_folder(chosen)
    rows: list[tuple[Cell, ...]] = []
    with opened(chosen.site, serving=True) as site:
        settings = site.loaded.settings
        rows.append(("configuration", "ok", f"snapshot {site.loaded.rulebook.snapshot[:12]}"))
        process = turn_of(site).worker()
        at_work = f"process {process}" if process else "on another node"
        rows.append(("daemon", "ok", "not running" if process is None else at_work))
        rows += node_checks(site)
        rows += [_folder(name, path) for name, path in _folders(site)]
        rows += _immutable(settings)
        rows.append(_log(site))
        rows.append(_reader(site))
        rows.append(_watches())
        for name, service in site.equipment.services.items():
            rows.append(_service(name, service))
        rows += [
            (hold.subject, "fail", f"{hold.code} {hold.detail}")
            for hold in site.equipment.holds.all()
        ]
        rows += _strayed(site)
        rows += notice_checks(site)
        rows += people_checks(site)
        rows += party_checks(site)
    show("Doctor", ("what", "result", "detail"), rows, as_json=chosen.json)
    failed = sum(row[1] == "fail" for row in rows)
    if failed and not chosen.json:
        complain(f"{failed} of {len(rows)} checks failed")
    return 1 if failed else 0


def _log(site: Site) -> tuple[Cell, ...]:
    """Check the chain, and its time-stamps where the archive is there."""
    try:
        flaws = log_audit(site).flaws
    except SiteFault:
        flaws = site.equipment.log.verify()
    return "signing log", "fail" if flaws else "ok", f"{len(flaws)} flaws"


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


def _immutable(settings: SiteSettings) -> list[tuple[Cell, ...]]:
    """Try whether archived files can be made immutable, where the site wants it."""
    if settings.immutable is Immutable.NO or not settings.archive.is_dir():
        return []
    try:
        why = probe(settings.archive)
    except OSError as error:
        why = error.strerror or str(error)
    bad = "fail" if settings.immutable is Immutable.REQUIRED else "warning"
    return [("immutable archive", bad if why else "ok", why)]


def _strayed(site: Site) -> list[tuple[Cell, ...]]:
    """Name what was claimed for inboxes that are no longer there, and waits to go back."""
    claimed = site.equipment.jobs.find((State.CLAIMED,))
    return [
        (f"inbox {job.inbox}", "fail", f"{job.id} waits: {job.code} {job.detail}")
        for job in claimed
        if job.code == INBOX_REMOVED
    ]


def _reader(site: Site) -> tuple[Cell, ...]:
    """Start a reader process and let it refuse a file that is none."""
    try:
        site.documents.examine(Path(os.devnull))
    except SealgateError as error:
        if error.code != "intake.empty":
            return "PDF reader", "fail", error.sentence
        kept_from = site.documents.kept_from
        if not kept_from.network:
            return "PDF reader", "warning", "this system cannot keep it off the network (seccomp)"
        if not kept_from.files:
            return "PDF reader", "warning", "this system cannot keep it from files (Landlock)"
        return "PDF reader", "ok", "kept off the network and from all files but its own"
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
