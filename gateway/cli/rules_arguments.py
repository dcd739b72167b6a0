"""The command line of `sealgate rules`."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def add_rules(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    command: Callable[..., argparse.ArgumentParser],
) -> None:
    """Add the family `rules` to the commands."""
    rules = commands.add_parser("rules", help="what the console has changed in rule files; undo")
    verbs = rules.add_subparsers(dest="verb", required=True, metavar="VERB")
    changes = command(verbs, "changes", "list the changes, newest first", table=True)
    changes.add_argument("--diff", action="store_true", help="show what each of them changed")
    undo = command(verbs, "undo", "write back what a rule file held before a change")
    undo.add_argument("number", metavar="NUMBER", type=int)
    undo.add_argument("--why", required=True, metavar="TEXT", help="for the signing log")
    requests = command(verbs, "requests", "list what other keepers have to confirm", table=True)
    requests.add_argument("--diff", action="store_true", help="show what each of them would change")
    confirm = command(verbs, "confirm", "write what another keeper has asked for")
    confirm.add_argument("number", metavar="NUMBER", type=int)
    refuse = command(verbs, "refuse", "refuse a request, or take one's own back")
    refuse.add_argument("number", metavar="NUMBER", type=int)
    refuse.add_argument("--why", default="", metavar="TEXT", help="for the signing log")
