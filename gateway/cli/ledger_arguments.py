"""The command line of `sealgate ledger`."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def add_ledger(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    command: Callable[..., argparse.ArgumentParser],
) -> None:
    """Add the family `ledger` to the commands."""
    ledger = commands.add_parser("ledger", help="move the ledger to PostgreSQL")
    verbs = ledger.add_subparsers(dest="verb", required=True, metavar="VERB")
    move = command(verbs, "move", "move it from its file to the database of gateway.yaml")
    move.add_argument("--to", choices=("postgresql",), default="postgresql")
