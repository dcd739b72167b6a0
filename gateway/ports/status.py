"""Where the pages hang that tell people how their documents stand."""

from __future__ import annotations

from typing import Protocol


class Noticeboard(Protocol):
    """A folder in which people look; what we put there is never taken for a document."""

    name: str

    def post(self, name: str, content: bytes) -> None:
        """Put a page up, whole or not at all, in the place of an older one; follows no link.

        Raises `SiteFault`: `site.folder-missing`, `site.mount-missing`, `site.denied`,
        `site.disk-full`, `site.input-output`.
        """

    def shows(self, name: str) -> bool:
        """Tell whether a page hangs there; also when it cannot be told."""
