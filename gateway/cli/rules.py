"""`sealgate rules changes, undo`: what the console has changed in rule files."""

from __future__ import annotations

import argparse

from gateway.cli.output import say, show, show_value
from gateway.cli.site import actor, opened
from gateway.core.names import display
from gateway.settings.rule_editing import difference
from gateway.wiring import positioning

_COLUMNS = ("number", "at", "file", "rule", "actor", "reason")


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
        )
        for one in changes
    ]
    if chosen.diff and chosen.json:
        found = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        show_value([one | {"diff": text} for one, text in zip(found, differences, strict=True)])
        return 0
    show("Changes of rules", _COLUMNS, rows, as_json=chosen.json)
    for row, text in zip(rows, differences, strict=False):
        say(f"\nchange {row[0]}\n{text}")
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
