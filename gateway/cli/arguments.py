"""The command line: names, arguments and help, as scripts may rely on them."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from gateway import __version__
from gateway.cli.archive_arguments import add_archive
from gateway.cli.backup_arguments import add_backups
from gateway.cli.flow_arguments import add_flows
from gateway.cli.ledger_arguments import add_ledger
from gateway.cli.log_arguments import add_log
from gateway.cli.notice_arguments import add_notices
from gateway.cli.rules_arguments import add_rules
from gateway.cli.seal_arguments import add_seals
from gateway.cli.user_arguments import add_users


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="sealgate",
        description="Puts an organisation's e-seal on PDFs; the signing service sees only hashes.",
    )
    top.add_argument("--version", action="version", version=f"sealgate {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _starting(commands)
    _working(commands)
    _nodes(commands)
    _looking(commands)
    add_log(commands, _command)
    add_ledger(commands, _command)
    add_backups(commands, _command)
    _services(commands)
    add_seals(commands, _command)
    add_notices(commands, _command)
    add_archive(commands, _command)
    add_rules(commands, _command)
    add_flows(commands, _command)
    add_users(commands, _command)
    return top


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    about: str,
    *,
    table: bool = False,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=about, description=about)
    command.add_argument(
        "--site", type=Path, default=Path(), help="the site's folder (default: the current one)"
    )
    if table:
        command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return command


def _starting(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    demo = commands.add_parser("demo", help="seal sample PDFs with the embedded sandbox service")
    demo.add_argument("--dir", type=Path, default=Path("demo-site"), help="where the site goes")
    demo.add_argument("--no-serve", action="store_true", help="end when the samples are sealed")
    init = commands.add_parser("init", help="make a new site")
    init.add_argument("folder", type=Path, metavar="DIR")
    init.add_argument(
        "--sandbox", action="store_true", help="an evaluation site with the embedded service"
    )


def _node(written: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}", written) is None:
        raise argparse.ArgumentTypeError("letters, digits, dots, - and _")
    return written


def _working(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = _command(commands, "run", "work as a daemon in the foreground")
    run.add_argument(
        "--log",
        choices=("text", "json"),
        default="text",
        help="on standard error: lines for people, or the signing log as JSON (default text)",
    )
    run.add_argument(
        "--node",
        type=_node,
        metavar="NAME",
        help="of this one, where several share the work (default: the machine's)",
    )
    _command(commands, "console", "serve the web console in the foreground")
    sweep = _command(commands, "sweep", "seal everything that waits, then end", table=True)
    sweep.add_argument("inboxes", nargs="*", metavar="INBOX", help="only these (default: all)")
    sweep.add_argument(
        "--now", action="store_true", help="outside of their hours and schedules, too"
    )
    sweep.add_argument(
        "--renew",
        action="store_true",
        help="instead, renew the time-stamps of archived B-LTA results that end soon",
    )
    sweep.add_argument(
        "--within", type=int, default=90, metavar="DAYS", help="renew: how soon (default 90)"
    )
    retry = _command(commands, "retry", "let failed documents try again", table=True)
    which = retry.add_mutually_exclusive_group(required=True)
    which.add_argument("job", nargs="?", metavar="JOB")
    which.add_argument("--all-failed", action="store_true", help="every failed job; end holds")
    which.add_argument(
        "--restored", action="store_true", help="let a site work that was restored from a backup"
    )


def _nodes(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    nodes = commands.add_parser("nodes", help="let a node of several drain, or work again")
    verbs = nodes.add_subparsers(dest="verb", required=True, metavar="VERB")
    drain = _command(verbs, "drain", "let a node finish what it has and take nothing new")
    drain.add_argument("name", metavar="NAME")
    drain.add_argument("--wait", action="store_true", help="until it has finished")
    _command(verbs, "resume", "let a node work again").add_argument("name", metavar="NAME")


def _looking(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    _command(commands, "check", "check gateway.yaml and the rules, every error at once", table=True)
    explain = _command(commands, "explain", "show the plan for a file; spends nothing", table=True)
    explain.add_argument("file", type=Path, metavar="FILE")
    explain.add_argument("--inbox", metavar="NAME", help="as if dropped there")
    explain.add_argument("--ticket", type=Path, metavar="FILE", help="as if dropped beside it")
    explain.add_argument("--png", type=Path, metavar="OUT.png", help="draw its pages and seals")
    explain.add_argument("--pdf", type=Path, metavar="OUT.pdf", help="the same, every page")
    status = _command(commands, "status", "show inboxes, jobs and holds", table=True)
    status.add_argument("--cluster", action="store_true", help="instead, the nodes of the site")
    verify = _command(commands, "verify", "validate the signatures of PDFs", table=True)
    verify.add_argument("files", nargs="+", type=Path, metavar="FILE")
    doctor = _command(commands, "doctor", "check the whole installation, or a folder", table=True)
    doctor.add_argument(
        "folder", nargs="?", type=Path, metavar="FOLDER", help="probe this folder instead"
    )


def _services(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    services = commands.add_parser("services", help="list and test digest services; quotas")
    verbs = services.add_subparsers(dest="verb", required=True, metavar="VERB")
    _command(verbs, "list", "list the configured services", table=True)
    test = _command(verbs, "test", "sign a random digest end to end (costs one)", table=True)
    test.add_argument("name", nargs="?", help="default: all")
    quota = _command(verbs, "quota", "show prepaid quotas, or keep their books", table=True)
    quota.add_argument("name", nargs="?", help="default: all")
    act = quota.add_mutually_exclusive_group()
    act.add_argument("--add", type=int, metavar="UNITS", help="add a package that was bought")
    act.add_argument("--unanswered", action="store_true", help="list calls nobody answered")
    act.add_argument(
        "--compare", type=Path, metavar="FILE.csv", help="compare with the provider's own list"
    )
    quota.add_argument("--from", dest="valid_from", metavar="DAY", help="package: default today")
    quota.add_argument("--until", metavar="DAY", help="package: last day; default no end")
    quota.add_argument("--note", default="", help="package: such as the invoice's number")
    quota.add_argument("--settle", action="store_true", help="compare: let our books follow")
