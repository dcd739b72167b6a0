"""Checks of the nodes that share a site, for `sealgate doctor`."""

from __future__ import annotations

from gateway import __version__
from gateway.cli.output import Cell
from gateway.daemon.at_work import configuration_of
from gateway.folders.passages import passage_in
from gateway.ports import Node
from gateway.wiring import Site


def node_checks(site: Site) -> list[tuple[Cell, ...]]:
    """Return a row for each node at work: sees this site's folders, has its program and settings.

    What a node drafts in lies below the state folder, and below other folders on other devices:
    where it is not to be seen from here, the node does not see the same folders.
    """
    if site.ledger.nodes is None:
        return []
    working = [node for node in site.ledger.nodes.look().nodes if node.working and node.number]
    return [(f"node {node.facts.name}", *_check(site, node)) for node in working]


def _check(site: Site, node: Node) -> tuple[str, str]:
    settings, here = site.loaded.settings, site.loaded.settings.state.stat().st_dev
    for root in (settings.state, settings.outbox, settings.archive, settings.failed):
        apart = root != settings.state and root.stat().st_dev == here
        if not apart and not passage_in(root, node.number).is_dir():
            return "fail", f"works on {node.facts.host}, and not in {root} as it is here"
    if node.facts.version != __version__:
        return "warn", f"has version {node.facts.version}, here is {__version__}"
    if node.facts.configuration != configuration_of(site):
        return "warn", "was started with another gateway.yaml: restart it"
    return "ok", f"on {node.facts.host}, {node.in_flight} jobs in flight"
