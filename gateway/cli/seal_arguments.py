"""The command line of `sealgate seals`: names, arguments and help."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

Command = Callable[..., argparse.ArgumentParser]
Verbs = argparse._SubParsersAction  # argparse has no public name for it


def add_seals(commands: Verbs[argparse.ArgumentParser], command: Command) -> None:
    """Add the family of commands; `command` makes one of them."""
    seals = commands.add_parser("seals", help="register, grant, limit, approve and revoke seals")
    verbs = seals.add_subparsers(dest="verb", required=True, metavar="VERB")
    _making(verbs, command)
    _looking(verbs, command)
    _keeping(verbs, command)
    _deciding(verbs, command)


def _making(verbs: Verbs[argparse.ArgumentParser], command: Command) -> None:
    add = command(verbs, "add", "register a seal from a PNG, JPEG, SVG or PDF")
    add.add_argument("name", metavar="NAME")
    add.add_argument("file", type=Path, metavar="FILE")
    add.add_argument("--whiteness", choices=("keep", "transparent"), default="keep")
    draw = command(verbs, "draw", "register a seal that is drawn from a design")
    draw.add_argument("name", metavar="NAME")
    what = draw.add_mutually_exclusive_group(required=True)
    what.add_argument("--design", type=Path, metavar="FILE", help="a design, as YAML or JSON")
    what.add_argument("--template", metavar="NAME", help="a ready design")
    draw.add_argument("--text", help="template: its main text")
    draw.add_argument("--lower", help="template: its lower text")
    draw.add_argument("--serial", help="template: its number")
    draw.add_argument(
        "--word",
        action="append",
        default=[],
        metavar="WORD=TEXT",
        help="template: any other of its words; may be given more than once",
    )
    draw.add_argument("--colour", metavar="#c8161e", help="or a name, such as seal-red")
    draw.add_argument("--date-format", metavar="yyyy-MM-dd", help="of changing dates")
    draw.add_argument("--locale", metavar="en", help="of changing dates")
    draw.add_argument("--time-zone", metavar="Asia/Shanghai", help="of changing dates")
    command(verbs, "templates", "list the ready designs and their words", table=True)
    for parser in (add, draw):
        _look(parser)
        parser.add_argument("--service", metavar="S", help="the digest service that signs")
        _terms(parser)
        _grants(parser)
        parser.add_argument(
            "--new-version", action="store_true", help="let a registered seal look so from now on"
        )


def _look(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--width", metavar="40mm", help="as printed")
    parser.add_argument("--height", metavar="40mm", help="as printed; else from its shape")
    parser.add_argument("--opacity", type=float, metavar="0.9")
    parser.add_argument("--multiply", action="store_true", help="darken what is below, as ink does")
    parser.add_argument("--turn", type=float, metavar="DEGREES", help="counter-clockwise")


def _terms(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--owner", metavar="WHO", help="whose seal it is")
    parser.add_argument("--keeper", metavar="WHO", help="who answers for its use")
    parser.add_argument(
        "--from", dest="valid_from", metavar="DAY", help="first day; none: no bound"
    )
    parser.add_argument("--until", dest="valid_until", metavar="DAY", help="last day; none: no end")
    parser.add_argument("--per-day", metavar="N", help="most uses a day (UTC); none: no limit")
    parser.add_argument("--per-month", metavar="N", help="most uses a month (UTC); none: no limit")
    parser.add_argument(
        "--approval",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="a person approves each use",
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--fixed-size",
        dest="fixed_size",
        action="store_const",
        const=True,
        help="rules may show it in its own size only",
    )
    size.add_argument(
        "--any-size",
        dest="fixed_size",
        action="store_const",
        const=False,
        help="rules may give it another width (the default)",
    )


def _grants(parser: argparse.ArgumentParser) -> None:
    for option, shape, what in (
        ("--rule", "INBOX/RULE", "this rule may use it"),
        ("--inbox", "NAME", "every rule of this inbox may use it"),
        ("--user", "NAME", "only for documents that this user dropped"),
        ("--group", "NAME", "only for documents that somebody of this group dropped"),
        ("--role", "NAME", "only for documents that somebody with this role dropped"),
        ("--step", "FLOW/STEP", "this step of a contract flow may use it"),
    ):
        parser.add_argument(
            option,
            action="append",
            default=[],
            metavar=shape,
            help=f"{what}; * and ? stand for any",
        )
    parser.add_argument("--any", action="store_true", help="every rule of the site may use it")


def _looking(verbs: Verbs[argparse.ArgumentParser], command: Command) -> None:
    command(verbs, "list", "list the registered seals", table=True)
    show = command(verbs, "show", "show versions, grants, limits, uses and history", table=True)
    show.add_argument("name", metavar="NAME")
    export = command(verbs, "export", "write a seal's artwork, its facts, or both")
    export.add_argument("name", metavar="NAME")
    export.add_argument("target", type=Path, metavar="OUT.(pdf|json|zip)")
    export.add_argument("--version", type=int, metavar="N", help="default: the newest")


def _keeping(verbs: Verbs[argparse.ArgumentParser], command: Command) -> None:
    grant = command(verbs, "grant", "say who and what may use a seal")
    grant.add_argument("name", metavar="NAME")
    _grants(grant)
    grant.add_argument("--remove", action="store_true", help="not any more")
    change = command(verbs, "change", "change a seal's terms")
    change.add_argument("name", metavar="NAME")
    change.add_argument("--service", metavar="S", help="the digest service that signs")
    _terms(change)
    for verb, about in (
        ("revoke", "end a seal for ever"),
        ("retire", "take a seal out of use"),
        ("restore", "bring a retired seal back"),
    ):
        stand = command(verbs, verb, about)
        stand.add_argument("name", metavar="NAME")
        stand.add_argument("--why", default="", required=verb == "revoke", help="for the log")


def _deciding(verbs: Verbs[argparse.ArgumentParser], command: Command) -> None:
    requests = command(verbs, "requests", "list what other keepers have to confirm", table=True)
    requests.add_argument("--all", action="store_true", help="and what was decided or expired")
    confirm = command(verbs, "confirm", "do what another keeper has asked for")
    refuse = command(verbs, "refuse", "refuse what a keeper has asked for, or take it back")
    refuse.add_argument("--why", default="", help="for the log")
    for parser in (confirm, refuse):
        parser.add_argument("number", type=int, metavar="NUMBER")
    command(verbs, "waiting", "list documents that wait for a seal", table=True)
    approve = command(verbs, "approve", "let a waiting document be sealed")
    approve.add_argument("job", metavar="JOB")
    approve.add_argument("--why", default="", help="for the log")
    reject = command(verbs, "reject", "let a waiting document fail")
    reject.add_argument("job", metavar="JOB")
    reject.add_argument("--why", required=True, help="for the receipt and the log")
