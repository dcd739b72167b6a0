"""`sealgate sweep --renew`: time-stamps of archived results, before their certificates end."""

from __future__ import annotations

import argparse
from datetime import timedelta

from gateway.cli.output import Cell, complain, say, show
from gateway.cli.site import actor, opened
from gateway.core.errors import DocumentFault, SealgateError
from gateway.core.names import display
from gateway.daemon.lock import SiteLock
from gateway.daemon.restored import refuse_restored
from gateway.pipeline.renewing import due, renew


def sweep_renew(chosen: argparse.Namespace) -> int:
    """Renew what ends soon; exit 0 all renewed, 1 some cannot be, 3 nobody answers."""
    rows: list[tuple[Cell, ...]] = []
    worst = 0
    with opened(chosen.site, serving=True, with_rules=False) as site:
        folder = site.loaded.settings.state / "renewals"
        folder.mkdir(mode=0o700, exist_ok=True)
        with SiteLock(folder):
            refuse_restored(site.equipment.holds)
            waiting = due(site.equipment, timedelta(days=chosen.within))
            for number, renewal in enumerate(waiting, 1):
                name = display(renewal.path.name)
                try:
                    after = renew(site.equipment, renewal, folder / renewal.job, actor())
                    row = (renewal.job, name, "renewed", display(after.path.name), after.ends)
                except SealgateError as error:
                    row = (renewal.job, name, error.code, error.sentence, renewal.ends)
                    worst = max(worst, 1 if isinstance(error, DocumentFault) else 3)
                rows.append(row)
                if not chosen.json:
                    say(f"{number}/{len(waiting)}  {row[2]:10} {name}: {row[3]}")
    if chosen.json:
        show("", ("job", "file", "result", "detail", "ends"), rows, as_json=True)
    else:
        failed = sum(row[2] != "renewed" for row in rows)
        say(f"{len(rows) - failed} renewed, {failed} not")
        if failed:
            complain("what could not be renewed is tried again by the next sweep --renew")
    return worst
