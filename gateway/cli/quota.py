"""`sealgate services quota`: what was bought, what is left, what may have been charged."""

from __future__ import annotations

import argparse
import base64
import binascii
import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from gateway.cli.output import Cell, complain, say, show
from gateway.cli.site import actor, opened
from gateway.core.errors import UsageFault
from gateway.core.quota import ChargeState, Package, balance, run_out
from gateway.core.reconciliation import Usage, compare
from gateway.core.services import QuotaSettings
from gateway.core.states import State
from gateway.pipeline.buying import buy
from gateway.wiring import Site

_ON_THE_WAY = (State.PLANNED, State.PREPARED)
_LARGEST = 64 * 1024 * 1024
_OPEN = (ChargeState.SENT, ChargeState.UNKNOWN)
_DIGESTS = ("digest", "hash", "hash_value", "document_hash")
_DAYS = ("time", "date", "timestamp", "day", "created", "at")
_UNITS = ("units", "count", "amount", "quantity")
"""Names of columns, in any case, as providers give them to their lists."""


def services_quota(chosen: argparse.Namespace) -> int:
    """Show the quotas, add a package, list what is unanswered, or compare with a provider's list.

    Exit 0; 1 when the books differ or a quota is used up; 2 for wrong usage.
    """
    with opened(chosen.site, with_rules=False) as site:
        quotas = _quotas(site)
        metered = {name: quota for name, quota in quotas.items() if quota is not None}
        if chosen.name is not None and chosen.name not in quotas:
            raise UsageFault("usage.unknown-service", chosen.name)
        acting = chosen.add is not None or chosen.unanswered or chosen.compare is not None
        if chosen.name is None and acting:
            raise UsageFault("usage.unknown-service", "name the service")
        if chosen.add is not None:
            return _add(site, chosen, metered)
        if chosen.unanswered:
            return _unanswered(site, chosen)
        if chosen.compare is not None:
            return _compare(site, chosen)
        return _overview(site, chosen, metered)


def _quotas(site: Site) -> dict[str, QuotaSettings | None]:
    """Return what is counted at each service and time-stamp authority, by name."""
    settings = site.loaded.settings
    services = {service.name: service.quota for service in settings.services}
    return services | {stamp.name: stamp.quota for stamp in settings.timestamps}


def _add(site: Site, chosen: argparse.Namespace, metered: Mapping[str, QuotaSettings]) -> int:
    today = datetime.now(UTC).date()
    first = _day(chosen.valid_from) if chosen.valid_from else today
    end = _day(chosen.until) if chosen.until else None
    package = Package(chosen.name, chosen.add, first, end, chosen.note)
    buy(site.ledger, site.loaded.settings, package, actor())
    if chosen.name not in metered:
        complain(f"gateway.yaml has no quota: for {chosen.name}, so nothing is stopped by it")
    return _overview(site, chosen, metered)


def _overview(site: Site, chosen: argparse.Namespace, metered: Mapping[str, QuotaSettings]) -> int:
    today = datetime.now(UTC).date()
    rows: list[tuple[Cell, ...]] = []
    for name, settings in metered.items():
        if chosen.name in (None, name):
            rows.append(_row(site, name, settings, today))
    columns = (
        *("service", "counts", "bought", "left", "on the way", "unanswered"),
        *("valid until", "used up about"),
    )
    if not rows and not chosen.json:
        say("no service has a quota: in gateway.yaml")
    else:
        show("Quotas", columns, rows, as_json=chosen.json)
    return 1 if any(row[3] == 0 for row in rows) else 0


def _row(site: Site, name: str, settings: QuotaSettings, today: date) -> tuple[Cell, ...]:
    packages, spending = site.ledger.account(name)
    now = balance(packages, spending, today)
    ends = [p.valid_until for p in packages if p.holds(today) and p.valid_until is not None]
    used_up = run_out(spending, now.left, today)
    on_the_way = sum(job.service == name for job in site.ledger.find(_ON_THE_WAY))
    unanswered = len(site.ledger.charges(name, _OPEN))
    return (
        *(name, settings.counts.value, now.bought, now.left, on_the_way, unanswered),
        min(ends).isoformat() if ends else "",
        used_up.isoformat() if used_up else "",
    )


def _unanswered(site: Site, chosen: argparse.Namespace) -> int:
    rows: list[tuple[Cell, ...]] = [
        (
            charge.number,
            charge.sent.isoformat(),
            charge.job,
            charge.units,
            charge.code,
            charge.digest,
        )
        for charge in site.ledger.charges(chosen.name, _OPEN)
    ]
    columns = ("charge", "sent", "job", "units", "code", "digest")
    show("Unanswered", columns, rows, as_json=chosen.json)
    return 0


def _compare(site: Site, chosen: argparse.Namespace) -> int:
    usage = tuple(_usage(chosen.compare))
    since = min((row.day for row in usage), default=date.min).isoformat()
    charges = site.ledger.charges(chosen.name, tuple(ChargeState), since)
    differences = compare(usage, charges)
    rows: list[tuple[Cell, ...]] = [
        (found.day.isoformat(), found.what, found.number, found.digest) for found in differences
    ]
    show("Differences", ("day", "what", "charge", "digest"), rows, as_json=chosen.json)
    clear = [
        (found.number, found.settled)
        for found in differences
        if found.number is not None and found.settled is not None
    ]
    if chosen.settle:
        site.ledger.reconcile(clear, chosen.compare.name, actor())
    if not chosen.json:
        done = "settled" if chosen.settle else "could be settled with --settle"
        say(f"{len(usage)} rows, {len(differences)} differences, {len(clear)} {done}")
    return 1 if len(differences) > (len(clear) if chosen.settle else 0) else 0


def _usage(path: Path) -> Iterable[Usage]:
    """Read a provider's list; raises `UsageFault` with the line that cannot be read."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageFault("usage.no-file", f"{path}: larger than {_LARGEST // 2**20} MiB")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageFault("usage.no-file", f"{path}: {error}") from error
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    rows = csv.DictReader(text.splitlines(), delimiter=separator)
    for number, row in enumerate(rows, 2):
        plain = {str(key).strip().lower(): str(value or "").strip() for key, value in row.items()}
        try:
            yield _usage_row(plain)
        except ValueError as error:
            raise UsageFault("usage.wrong-list", f"{path.name}:{number}: {error}") from error


def _usage_row(row: Mapping[str, str]) -> Usage:
    day = next((row[name] for name in _DAYS if row.get(name)), "")
    if not day:
        raise ValueError(f"no column of a time is filled: one of {', '.join(_DAYS)}")
    units = next((row[name] for name in _UNITS if row.get(name)), "1")
    digest = next((row[name] for name in _DIGESTS if row.get(name)), "")
    moment = datetime.fromisoformat(day)
    utc = moment.astimezone(UTC) if moment.tzinfo is not None else moment
    return Usage(utc.date(), int(units), _hex(digest))


def _hex(digest: str) -> str:
    """Return a digest in lower-case hex, be it written so or in Base64."""
    try:
        return bytes.fromhex(digest).hex()
    except ValueError:
        pass
    try:
        return base64.b64decode(digest, validate=True).hex()
    except binascii.Error as error:
        raise ValueError(f"{digest[:40]!r} is neither hex nor Base64") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageFault("usage.wrong-time", text) from None
