"""The command line of `sealgate flows`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


class _Scripted(argparse.Action):
    """Gathers acts and waits in the order in which they are given."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        former = getattr(namespace, self.dest) or ()
        setattr(namespace, self.dest, (*former, ((option_string or "").lstrip("-"), str(values))))


def add_flows(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    command: Callable[..., argparse.ArgumentParser],
) -> None:
    """Add the family `flows` to the commands."""
    flows = commands.add_parser("flows", help="contract flows: definitions, and what runs")
    verbs = flows.add_subparsers(dest="verb", required=True, metavar="VERB")
    _defining(verbs, command)


def _defining(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    command: Callable[..., argparse.ArgumentParser],
) -> None:
    templates = verbs.add_parser("templates", help="list the definitions that come with Sealgate")
    templates.add_argument("--json", action="store_true", help="print JSON instead of a table")
    template = verbs.add_parser("template", help="print one of them, for rules/flows/")
    template.add_argument("name", metavar="NAME")
    simulate = command(verbs, "simulate", "play a definition; nothing is sealed", table=True)
    simulate.add_argument(
        "definition", metavar="DEFINITION", help="a flow's name, or a file that is not one yet"
    )
    simulate.add_argument(
        "--field", action="append", default=[], metavar="NAME=VALUE", help="of the ticket"
    )
    simulate.add_argument(
        "--act",
        dest="script",
        action=_Scripted,
        metavar="'STEP approve [by PARTY]'",
        help="approve, return, reject, delegate … to PARTY, each … because WHY; or withdraw",
    )
    simulate.add_argument(
        "--wait", dest="script", action=_Scripted, metavar="3d", help="let time pass"
    )
    simulate.add_argument(
        "--finish", action="store_true", help="then everybody agrees; so it is without --act"
    )
    simulate.add_argument("--svg", type=Path, metavar="OUT.svg", help="draw the path")
    draw = command(verbs, "draw", "draw definitions and where documents stand, as SVG")
    which = draw.add_mutually_exclusive_group()
    which.add_argument("definition", nargs="?", metavar="DEFINITION", help="default: all")
    which.add_argument("--flow", metavar="FLOW", help="the story of one document instead")
    draw.add_argument("-o", "--output", type=Path, metavar="OUT.svg", help="default: output")
