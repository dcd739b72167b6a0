"""Commands about the signing log: search, show, export, verify."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields

from gateway.cli.log_timestamps import tell_audited
from gateway.cli.output import complain, say, show
from gateway.cli.site import actor, opened
from gateway.core.chain import Flaw, LogEntry
from gateway.core.errors import UsageFault
from gateway.core.log_query import LogOutcome, LogQuery
from gateway.core.names import display
from gateway.ledger.export import write_csv, write_json_lines
from gateway.pipeline.auditing import ArchiveAudit, audit_archive
from gateway.pipeline.log_reporting import Asked
from gateway.wiring import log_audit, log_reporting

_COLUMNS = ("sequence", "at", "event", "job", "actor", "details")


def log_search(chosen: argparse.Namespace) -> int:
    """Show the newest entries that fit; exit 1 when there are none."""
    with opened(chosen.site, with_rules=False) as site:
        log, most = site.equipment.log, max(1, chosen.limit)
        found = list(log.search(query_of(chosen), newest_first=True, limit=most))
    rows = [_row(entry) for entry in reversed(found)]
    show("Signing log", _COLUMNS, rows, as_json=chosen.json)
    return 0 if found else 1


def query_of(chosen: argparse.Namespace) -> LogQuery:
    """Return what a command looks for."""
    names = (field.name for field in fields(LogQuery) if field.name != "outcome")
    outcome = LogOutcome(chosen.outcome) if chosen.outcome else None
    return LogQuery(outcome=outcome, **{name: getattr(chosen, name) for name in names})


def log_show(chosen: argparse.Namespace) -> int:
    """Show every entry of one job."""
    with opened(chosen.site, with_rules=False) as site:
        entries = list(site.equipment.log.entries(job=chosen.job))
    if not entries:
        raise UsageFault("usage.unknown-job", chosen.job)
    show(f"Job {chosen.job}", _COLUMNS, [_row(entry) for entry in entries], as_json=chosen.json)
    return 0


def log_export(chosen: argparse.Namespace) -> int:
    """Write the log to a file or to standard output."""
    if chosen.pdf is not None:
        return _report(chosen)
    write = write_csv if chosen.format == "csv" else write_json_lines
    with opened(chosen.site, with_rules=False) as site:
        entries = site.equipment.log.search(query_of(chosen))
        if chosen.output is None:
            write(entries, sys.stdout)
        else:
            try:
                target = chosen.output.open("x", encoding="utf-8", newline="")
            except OSError as error:
                detail = f"{chosen.output}: {error.strerror}"
                raise UsageFault("usage.no-output", detail) from error
            with target:
                write(entries, target)
            complain(f"written to {chosen.output}")
    return 0


def _report(chosen: argparse.Namespace) -> int:
    """Write a PDF report; exit 1 when it says that the log is not whole."""
    if chosen.output is not None:
        raise UsageFault("usage.no-output", "write either --output or --pdf")
    if chosen.pdf.exists():
        raise UsageFault("usage.no-output", f"{display(str(chosen.pdf))} is there already")
    with opened(chosen.site, with_rules=False) as site:
        asked = Asked(query_of(chosen), actor(), site.loaded.settings.language)
        report = log_reporting(site).make(asked, chosen.pdf)
    if report.shown < report.found:
        complain(f"only the newest {report.shown} of {report.found} entries are shown")
    if report.chain.flaws:
        complain(f"{len(report.chain.flaws)} flaws were found: see sealgate log verify")
    complain(f"written to {chosen.pdf}")
    return 1 if report.chain.flaws else 0


def log_verify(chosen: argparse.Namespace) -> int:
    """Check the whole chain; exit 1 when anything was altered, is missing or was reordered.

    With `--archive`, go through the archived files afterwards, and print their flaws, too.
    """
    for folder in chosen.timestamps:
        if not folder.is_dir():
            raise UsageFault("usage.no-file", str(folder))
    with opened(chosen.site, with_rules=False) as site:
        found = log_audit(site, tuple(chosen.timestamps))
        archive = audit_archive(site.equipment) if chosen.archive else None
    if archive is not None:
        return _show_audit(found.flaws, archive, as_json=chosen.json)
    rows = [(flaw.sequence, flaw.what) for flaw in found.flaws]
    if rows or chosen.json:
        show("Flaws", ("sequence", "what"), rows, as_json=chosen.json)
    if not rows and not chosen.json:
        say("the signing log is whole: no entry is altered, missing or out of order")
    if not chosen.json:
        tell_audited(found)
    return 1 if rows else 0


def _show_audit(flaws: Sequence[Flaw], audit: ArchiveAudit, *, as_json: bool) -> int:
    """Show the flaws of log and archive as one table; sequence 0 for those of the archive."""
    rows = [(flaw.sequence, "", "", flaw.what) for flaw in flaws]
    rows += [
        (0, flaw.job, flaw.file.what.value, f"{display(str(flaw.file.path))}: {flaw.why}")
        for flaw in audit.flaws
    ]
    if rows or as_json:
        show("Flaws", ("sequence", "job", "file", "what"), rows, as_json=as_json)
    if not as_json:
        looked = f"{audit.files} archived files of {audit.jobs} jobs were hashed"
        looked += f"; those of {audit.purged} were purged" if audit.purged else ""
        if rows:
            complain(f"{len(flaws)} flaws in the log, {len(audit.flaws)} in the archive; {looked}")
        else:
            say(f"the signing log and the archive are whole; {looked}")
    return 1 if rows else 0


def _row(entry: LogEntry) -> tuple[int, str, str, str, str, str]:
    details = " ".join(f"{key}={value}" for key, value in entry.details)
    return entry.sequence, entry.at, entry.event, entry.job, entry.actor, details
