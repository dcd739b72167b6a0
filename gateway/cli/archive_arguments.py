"""The command line of `sealgate archive`."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def add_archive(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    command: Callable[..., argparse.ArgumentParser],
) -> None:
    """Add the family `archive` to the commands."""
    archive = commands.add_parser("archive", help="legal holds; remove what need not be kept")
    verbs = archive.add_subparsers(dest="verb", required=True, metavar="VERB")
    hold = command(verbs, "hold", "keep a job's archived files, whatever their age")
    hold.add_argument("job", metavar="JOB")
    hold.add_argument("--why", required=True, metavar="TEXT", help="such as the case's number")
    release = command(verbs, "release", "end a job's legal hold")
    release.add_argument("job", metavar="JOB")
    command(verbs, "holds", "list the jobs under legal hold", table=True)
    purge = command(verbs, "purge", "remove files whose retention has passed", table=True)
    purge.add_argument("--dry-run", action="store_true", help="only list the jobs")
