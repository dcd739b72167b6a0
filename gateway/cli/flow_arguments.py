"""The command line of `sealgate flows`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gateway.core.flow_events import FlowState


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
    _running(verbs, command)
    _defining(verbs, command)


def _running(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    command: Callable[..., argparse.ArgumentParser],
) -> None:
    listing = command(
        verbs, "list", "list flows that run: whose turn it is, and until when", table=True
    )
    listing.add_argument("--all", action="store_true", help="those that have ended, too")
    listing.add_argument(
        "--state",
        action="append",
        choices=[one.value for one in FlowState if one is not FlowState.NEW],
        help="only these; may be repeated",
    )
    listing.add_argument(
        "--party", default="", help="that wait for it; of ended ones, in which it took part"
    )
    listing.add_argument(
        "--overdue",
        action="store_true",
        help="that have waited too long: escalated, or behind their deadline",
    )
    showing = command(verbs, "show", "show where a flow stands, and its story", table=True)
    showing.add_argument("flow", metavar="FLOW", help="its id, or the end of it")
    act = command(verbs, "act", "do on behalf of a party what it would do by moving a file")
    act.add_argument("flow", metavar="FLOW", help="its id, or the end of it")
    act.add_argument("act", choices=("approve", "reject", "return", "delegate", "withdraw"))
    act.add_argument("--step", default="", help="where several steps wait for the party")
    act.add_argument("--party", default="", help="default: the only one whose turn it is")
    act.add_argument("--why", default="", help="the reason; a rejection needs one")
    act.add_argument("--to", default="", metavar="PARTY", help="delegate: who is handed the step")
    evidence = command(verbs, "evidence", "write what can be told of a flow: JSON and PDF")
    evidence.add_argument("flow", metavar="FLOW", help="its id, or the end of it")
    evidence.add_argument(
        "-o", "--output", type=Path, default=Path(), metavar="DIR", help="default: here"
    )
    verify = command(
        verbs, "verify", "compare evidence with the signing log, and a contract with it"
    )
    verify.add_argument("evidence", type=Path, metavar="EVIDENCE.json")
    verify.add_argument("contract", type=Path, nargs="?", metavar="CONTRACT.pdf")
    verify.add_argument("--json", action="store_true", help="print JSON")
    act.add_argument("--file", type=Path, metavar="SIGNED.pdf", help="return: what was signed")


def _defining(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    command: Callable[..., argparse.ArgumentParser],
) -> None:
    command(verbs, "templates", "list the definitions that come with Sealgate", table=True)
    template = command(verbs, "template", "print one of them, for rules/flows/")
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
