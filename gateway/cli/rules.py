"""`sealgate rules …`: what was changed in rule files, and what keepers want to change."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from gateway.cli.output import say, show, show_value
from gateway.cli.site import actor, opened
from gateway.core.names import display
from gateway.pipeline.rule_requests import asked_change
from gateway.settings.rule_editing import difference
from gateway.wiring import positioning

_COLUMNS = ("number", "at", "file", "rule", "actor", "reason", "confirmer")
_WANTED = ("number", "wants", "file", "rule", "asker", "reason", "asked", "expires")


def rules_changes(chosen: argparse.Namespace) -> int:
    """List the changes of rule files, newest first; with --diff, what each of them changed."""
    with opened(chosen.site, with_rules=False) as site:
        keeping = positioning(site).keeping
        keeping.settle()
        changes = keeping.changes.all()
        differences = [
            difference(one.file, *(keeping.changes.content(key) for key in (one.before, one.after)))
            for one in (changes if chosen.diff else ())
        ]
    rows = [
        (
            str(one.number),
            f"{one.at:%Y-%m-%d %H:%M:%S}Z" if one.at else "",
            one.file,
            one.rule + (f" (undoes {one.undoes})" if one.undoes else ""),
            display(one.actor),
            display(one.reason),
            display(one.confirmer),
        )
        for one in changes
    ]
    _show("Changes of rules", _COLUMNS, rows, differences, chosen)
    return 0


def rules_undo(chosen: argparse.Namespace) -> int:
    """Write back what a rule file held before a change."""
    with opened(chosen.site) as site:
        keeping = positioning(site).keeping
        draft = keeping.undoing(chosen.number)
        change = keeping.undo(chosen.number, actor(), chosen.why)
    say(draft.difference)
    say(f"change {chosen.number} is undone by change {change.number}")
    return 0


def rules_requests(chosen: argparse.Namespace) -> int:
    """List the changes that wait for another keeper; with --diff, what each would change."""
    with opened(chosen.site, with_rules=False) as site:
        found = [(one, asked_change(one)) for one in positioning(site).keeping.requests()]
    rows = [
        (
            str(request.number),
            request.event,
            wanted.file,
            wanted.rule,
            display(request.asker),
            display(wanted.reason),
            f"{request.asked:%Y-%m-%d %H:%M:%S}Z",
            f"{request.expires:%Y-%m-%d %H:%M:%S}Z",
        )
        for request, wanted in found
    ]
    differences = [wanted.difference for _, wanted in found] if chosen.diff else []
    _show("Requests", _WANTED, rows, differences, chosen)
    return 0


def rules_confirm(chosen: argparse.Namespace) -> int:
    """Write what another keeper has asked for, and show it."""
    with opened(chosen.site, with_rules=False) as site:
        request = positioning(site).keeping.confirm(chosen.number, actor())
    say(asked_change(request).difference)
    say(f"request {request.number} is confirmed: rules/{request.subject} is written")
    return 0


def rules_refuse(chosen: argparse.Namespace) -> int:
    """Refuse what a keeper has asked for."""
    with opened(chosen.site, with_rules=False) as site:
        request = positioning(site).keeping.refuse(chosen.number, actor(), chosen.why)
    say(f"request {request.number} is refused: nothing has changed")
    return 0


def _show(
    title: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    differences: Sequence[str],
    chosen: argparse.Namespace,
) -> None:
    """Print a table, with differences behind it or, as JSON, in it."""
    if chosen.diff and chosen.json:
        found = [dict(zip(columns, row, strict=True)) for row in rows]
        show_value([one | {"diff": text} for one, text in zip(found, differences, strict=True)])
        return
    show(title, columns, rows, as_json=chosen.json)
    for row, text in zip(rows, differences, strict=False):
        say(f"\n{row[0]}\n{text}")
