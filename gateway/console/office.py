"""What every page of one console works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.console.assets import Asset
from gateway.console.pages import Pages
from gateway.core.people_settings import ConsoleSettings
from gateway.wiring import Site


@dataclass(frozen=True)
class Office:
    """An open site, and the means of showing it."""

    site: Site
    pages: Pages
    assets: Mapping[str, Asset]

    @property
    def settings(self) -> ConsoleSettings:
        """Return where the console listens, and how it is reached."""
        return self.site.loaded.settings.console
