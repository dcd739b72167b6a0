"""Commands about where the ledger is kept."""

from __future__ import annotations

import argparse

from gateway.cli.output import complain, say
from gateway.cli.site import actor, checked
from gateway.daemon.lock import SiteLock
from gateway.wiring import SystemClock, move_ledger


def ledger_move(chosen: argparse.Namespace) -> int:
    """Move the ledger from its file to the database that gateway.yaml names."""
    settings = checked(chosen.site, with_rules=False).settings
    with SiteLock(settings.state):
        moved = move_ledger(settings, SystemClock(), actor())
    say(f"moved {moved.rows} rows, among them {moved.entries} entries of the signing log")
    say(f"the file is kept: {moved.kept}")
    if moved.flaws:
        complain(f"the log had {len(moved.flaws)} flaw(s) before, and has them still:")
        complain("see sealgate log verify")
        return 1
    say("the log is whole")
    return 0
