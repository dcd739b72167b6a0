"""`sealgate console`: the web pages, beside the daemon."""

from __future__ import annotations

import argparse

from gateway.cli.output import complain
from gateway.cli.site import opened
from gateway.console.serving import serve
from gateway.daemon.lock import holder


def console(chosen: argparse.Namespace) -> int:
    """Serve the console until told to stop."""
    with opened(chosen.site) as site:
        complain(f"console at {site.loaded.settings.console.url}; Ctrl-C ends")
        state = site.loaded.settings.state
        serve(site, lambda: holder(state) is not None)
    return 0
