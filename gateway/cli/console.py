"""`sealgate console`: the web pages, beside the daemon."""

from __future__ import annotations

import argparse

from gateway.cli.output import complain
from gateway.cli.site import opened, turn_of
from gateway.console.serving import serve


def console(chosen: argparse.Namespace) -> int:
    """Serve the console until told to stop."""
    with opened(chosen.site) as site:
        complain(f"console at {site.loaded.settings.console.url}; Ctrl-C ends")
        turn = turn_of(site)
        serve(site, lambda: turn.worker() is not None)
    return 0
