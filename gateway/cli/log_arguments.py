"""The command line of `sealgate log`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from gateway.core.log_query import LogOutcome

_TEXT = "looked for in the details, and in name, hash, seal, rule, inbox of the document"


def add_log(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    command: Callable[..., argparse.ArgumentParser],
) -> None:
    """Add the family `log` to the commands."""
    log = commands.add_parser("log", help="search, show, export, verify, time-stamp the log")
    verbs = log.add_subparsers(dest="verb", required=True, metavar="VERB")
    search = command(verbs, "search", "find entries", table=True)
    search.add_argument("text", nargs="?", default="", help=_TEXT)
    _filters(search)
    search.add_argument("--limit", type=int, default=100, help="newest N entries (default 100)")
    show = command(verbs, "show", "show the story of one job", table=True)
    show.add_argument("job", metavar="JOB")
    export = command(verbs, "export", "write the log as CSV, JSON lines or a PDF report")
    export.add_argument("--format", choices=("csv", "json"), default="csv")
    export.add_argument("--output", type=Path, help="default: standard output")
    export.add_argument("--pdf", type=Path, metavar="REPORT.pdf", help="a report instead")
    export.add_argument("--text", default="", help=_TEXT)
    _filters(export)
    verify = command(verbs, "verify", "find altered, missing or reordered entries", table=True)
    verify.add_argument(
        "--archive", action="store_true", help="and hash every archived file again (reads them all)"
    )
    verify.add_argument(
        "--timestamps",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="and hold it against time-stamps (.tsr) that were copied there",
    )
    command(verbs, "timestamp", "have the log's head time-stamped now", table=True)


def _filters(search: argparse.ArgumentParser) -> None:
    search.add_argument("--event", default="", help="such as sign.sent, or sign.*")
    search.add_argument("--outcome", choices=[one.value for one in LogOutcome], default="")
    search.add_argument("--job", default="")
    search.add_argument("--actor", default="", metavar="WHO", help="such as person:mia; a part")
    search.add_argument("--since", default="", help="UTC, ISO 8601, such as 2026-01-31")
    search.add_argument("--until", default="", help="the same; a day is the whole of it")
