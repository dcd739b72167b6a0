"""Commands about the signing log: search, show, export, verify."""

from __future__ import annotations

import argparse
import sys
from collections import deque

from gateway.cli.output import complain, say, show
from gateway.cli.site import opened
from gateway.core.chain import LogEntry
from gateway.core.errors import UsageFault
from gateway.ledger.export import write_csv, write_json_lines

_COLUMNS = ("sequence", "at", "event", "job", "actor", "details")


def log_search(chosen: argparse.Namespace) -> int:
    """Show the newest entries that fit; exit 1 when there are none."""
    with opened(chosen.site, with_rules=False) as site:
        found = deque(
            site.equipment.log.entries(
                job=chosen.job, event=chosen.event, text=chosen.text, since=chosen.since
            ),
            maxlen=max(1, chosen.limit),
        )
    show("Signing log", _COLUMNS, [_row(entry) for entry in found], as_json=chosen.json)
    return 0 if found else 1


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
    write = write_csv if chosen.format == "csv" else write_json_lines
    with opened(chosen.site, with_rules=False) as site:
        entries = site.equipment.log.entries(since=chosen.since)
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


def log_verify(chosen: argparse.Namespace) -> int:
    """Check the whole chain; exit 1 when anything was altered, is missing or was reordered."""
    with opened(chosen.site, with_rules=False) as site:
        flaws = site.equipment.log.verify()
    rows = [(flaw.sequence, flaw.what) for flaw in flaws]
    if rows or chosen.json:
        show("Flaws", ("sequence", "what"), rows, as_json=chosen.json)
    if not flaws and not chosen.json:
        say("the signing log is whole: no entry is altered, missing or out of order")
    return 1 if flaws else 0


def _row(entry: LogEntry) -> tuple[int, str, str, str, str, str]:
    details = " ".join(f"{key}={value}" for key, value in entry.details)
    return entry.sequence, entry.at, entry.event, entry.job, entry.actor, details
