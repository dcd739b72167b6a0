"""The nodes that share a site's work: who they are, and letting one drain."""

from __future__ import annotations

import argparse
import time

from gateway.cli.output import say, show, show_value
from gateway.cli.site import actor, opened
from gateway.core.errors import UsageFault
from gateway.ports import Cluster, Hold, Node, Nodes
from gateway.wiring import Site

_POLL = 0.2
_SILENT = 3.0
"""Times the seconds for taking over after which a node that does nothing is said to be away."""


def cluster(chosen: argparse.Namespace) -> int:
    """Show the nodes of a site, and what waits for them."""
    with opened(chosen.site, with_rules=False) as site:
        found, holds = _nodes_of(site).look(), site.equipment.holds.all()
        settings = site.loaded.settings.ledger
        patience = settings.takeover if settings is not None else 0.0
    if chosen.json:
        show_value(_value(found, holds, patience))
        return 0
    rows = [
        (
            node.facts.name,
            node.facts.host,
            node.facts.version,
            _state(node, patience),
            node.in_flight,
            f"{node.silent:.0f} s ago",
        )
        for node in found.nodes
    ]
    columns = ("node", "host", "version", "state", "in flight", "last sign of life")
    show("Nodes", columns, rows, as_json=False)
    say(f"queue    {found.queued} jobs wait for a node")
    if len({node.facts.configuration for node in found.nodes if node.working}) > 1:
        say("warning  the nodes do not have the same gateway.yaml: restart those with an old one")
    for hold in holds:
        say(f"held     {hold.subject} since {hold.since:%Y-%m-%d %H:%M:%S}Z: {hold.code}")
    return 0


def nodes_drain(chosen: argparse.Namespace) -> int:
    """Let a node finish what it has and take nothing new; its process goes on until stopped."""
    with opened(chosen.site, with_rules=False) as site:
        nodes = _nodes_of(site)
        nodes.drain(chosen.name, True, actor())
        while chosen.wait and not _has_drained(nodes, chosen.name):
            time.sleep(_POLL)
    done = "has finished" if chosen.wait else "finishes what it has"
    say(f"{chosen.name} {done} and takes nothing new; sealgate nodes resume lets it work again")
    return 0


def nodes_resume(chosen: argparse.Namespace) -> int:
    """Let a node that drained work again."""
    with opened(chosen.site, with_rules=False) as site:
        _nodes_of(site).drain(chosen.name, False, actor())
    say(f"{chosen.name} works again")
    return 0


def _nodes_of(site: Site) -> Nodes:
    if site.ledger.nodes is None:
        raise UsageFault("usage.one-node")
    return site.ledger.nodes


def _has_drained(nodes: Nodes, name: str) -> bool:
    return not any(
        node.facts.name == name and (node.working or node.coordinating)
        for node in nodes.look().nodes
    )


def _state(node: Node, patience: float) -> str:
    """Return what a node does, in one or two words."""
    if node.working:
        doing = "draining" if node.draining else "working"
    elif node.silent > patience * _SILENT:
        doing = "away"
    else:
        doing = "drained" if node.draining else "starting"
    return f"{doing}, coordinating" if node.coordinating else doing


def _value(found: Cluster, holds: tuple[Hold, ...], patience: float) -> dict[str, object]:
    return {
        "nodes": [
            {
                "name": node.facts.name,
                "host": node.facts.host,
                "version": node.facts.version,
                "configuration": node.facts.configuration,
                "state": _state(node, patience).partition(",")[0],
                "coordinating": node.coordinating,
                "in_flight": node.in_flight,
                "since": node.since.isoformat(),
                "seen": node.seen.isoformat(),
            }
            for node in found.nodes
        ],
        "queued": found.queued,
        "holds": [
            {"subject": hold.subject, "code": hold.code, "since": hold.since.isoformat()}
            for hold in holds
        ],
    }
