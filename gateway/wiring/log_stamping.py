"""Puts together what stamps the signing log, and what audits it."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

from gateway.folders.immutable import Protection
from gateway.folders.log_timestamps import FolderLogTimestamps
from gateway.pipeline.log_auditing import LogAudit, audit_log
from gateway.pipeline.log_reporting import LogReporting
from gateway.pipeline.log_stamping import LogStamping, StampBooks
from gateway.ports import Lettering, Printer, TokenJudge
from gateway.wiring.site import Site


@cache
def token_reader() -> TokenJudge:
    """Return what reads time-stamp tokens; loaded when first asked for."""
    from gateway.pdf.timestamp_tokens import TokenReader  # noqa: PLC0415  # half a second

    return TokenReader()


def stamp_books(site: Site) -> StampBooks:
    """Return where an open site keeps the time-stamps of its log."""
    settings, ledger = site.loaded.settings, site.ledger
    protection = Protection(settings.immutable, ledger, ledger)
    files = FolderLogTimestamps(settings.archive, protection=protection)
    return StampBooks(ledger.log_timestamps, files, token_reader)


def log_stamping(site: Site) -> LogStamping:
    """Return what stamps the log of an open site."""
    return LogStamping(site.equipment, stamp_books(site), site.loaded.settings.log_timestamp)


def log_reporting(site: Site) -> LogReporting:
    """Return what makes reports of the log of an open site."""
    name, audit = site.loaded.settings.name, partial(log_audit, site)
    return LogReporting(site.equipment, name, audit, report_printing)


def report_printing() -> tuple[Printer, Lettering]:
    """Return what prints pages, with the fonts of this machine."""
    from gateway.pdf.printing import PdfPrinter  # noqa: PLC0415  # half a second
    from gateway.seals.lettering import FontLettering  # noqa: PLC0415  # a tenth of a second

    return PdfPrinter(), FontLettering()


def log_audit(site: Site, elsewhere: tuple[Path, ...] = ()) -> LogAudit:
    """Audit the log of an open site, also by the copies of time-stamps in folders elsewhere."""
    others = [FolderLogTimestamps(folder, "") for folder in elsewhere]
    return audit_log(site.equipment, stamp_books(site), others)
