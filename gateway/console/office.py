"""What every page of one console works with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.fernet import Fernet

from gateway.console.assets import Asset
from gateway.console.pages import Pages
from gateway.console.positioning_desk import PositioningDesk
from gateway.core.people_settings import ConsoleSettings
from gateway.flows.office import Office as FlowOffice
from gateway.wiring import Site, hand_placing, positioning
from gateway.wiring.flows import flow_office

_STREAMS = 60


@dataclass(frozen=True)
class Office:
    """An open site, and the means of showing it."""

    site: Site
    pages: Pages
    assets: Mapping[str, Asset]
    sealing: Callable[[], bool]
    """Tells whether some process works on the site."""
    envelope: Fernet = field(default_factory=lambda: Fernet(Fernet.generate_key()))
    """Encrypts what a page has to carry and may not show, until this process ends."""
    streams: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_STREAMS))
    """Open pages that are told of what happens; they leave connections for others."""

    @property
    def settings(self) -> ConsoleSettings:
        """Return where the console listens, and how it is reached."""
        return self.site.loaded.settings.console

    @cached_property
    def flows(self) -> FlowOffice:
        """Return what acts on contract flows, and shows them."""
        return flow_office(self.site)

    @cached_property
    def positioning(self) -> PositioningDesk:
        """Return what answers the page on which seals are placed."""
        tried = positioning(self.site)
        return PositioningDesk(tried, hand_placing(self.site, tried))
