"""The command line of `sealgate notices`."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def add_notices(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    command: Callable[..., argparse.ArgumentParser],
) -> None:
    """Add the family `notices` to the commands."""
    notices = commands.add_parser("notices", help="list, repeat and test notices")
    verbs = notices.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = command(verbs, "list", "list what waits to be told or was laid aside", table=True)
    listing.add_argument("--all", action="store_true", help="also what was told in the last days")
    retry = command(verbs, "retry", "tell again what was laid aside")
    retry.add_argument("name", nargs="?", default="", help="default: all")
    test = command(verbs, "test", "send a test notice now")
    test.add_argument("name", metavar="NAME", help="as it stands below notices: in gateway.yaml")
