"""`sealgate seals requests, confirm, refuse`: what keepers want, with four eyes on it."""

from __future__ import annotations

import argparse

from gateway.cli.output import Cell, say, show
from gateway.cli.site import actor, opened
from gateway.core.four_eyes import KeeperRequest

_COLUMNS = ("number", "state", "wants", "subject", "asker", "asked", "expires", "change", "decider")


def seals_requests(chosen: argparse.Namespace) -> int:
    """List what waits for another keeper."""
    with opened(chosen.site, with_rules=False) as site:
        found = site.four_eyes.requests.all(waiting=not chosen.all)
    show("Requests", _COLUMNS, [_row(one) for one in found], as_json=chosen.json)
    return 0


def seals_confirm(chosen: argparse.Namespace) -> int:
    """Do what another keeper has asked for."""
    with opened(chosen.site, with_rules=False) as site:
        request = site.four_eyes.confirm(chosen.number, actor())
    say(f"request {request.number} is confirmed: {request.event} of {request.subject}")
    return 0


def seals_refuse(chosen: argparse.Namespace) -> int:
    """Refuse what a keeper has asked for."""
    with opened(chosen.site, with_rules=False) as site:
        request = site.four_eyes.refuse(chosen.number, actor(), chosen.why)
    say(f"request {request.number} is refused: nothing has changed")
    return 0


def _row(request: KeeperRequest) -> tuple[Cell, ...]:
    change = "; ".join(f"{key} {value}" for key, value in request.details if key != "seal")
    return (
        request.number,
        request.state.value,
        request.event,
        request.subject,
        request.asker,
        f"{request.asked:%Y-%m-%dT%H:%M:%SZ}",
        f"{request.expires:%Y-%m-%dT%H:%M:%SZ}",
        change,
        request.decider,
    )
