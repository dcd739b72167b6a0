"""Puts together what changes registered seals, for command line and console."""

from __future__ import annotations

from gateway.pipeline.seal_keeping import SealKeeping
from gateway.wiring.site import Site


def seal_keeping(site: Site, actor: str) -> SealKeeping:
    """Return what changes the seals of an open site on behalf of somebody."""
    equipment = site.equipment
    return SealKeeping(
        equipment.seals,
        equipment.clock,
        actor,
        tuple(service.name for service in site.loaded.settings.services),
        tuple(seal.name for seal in site.loaded.rulebook.seals if not seal.version),
        four_eyes=site.four_eyes,
    )
