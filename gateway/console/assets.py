"""Style sheet, script and pictures, read once: no path of a request ever reaches a file system."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Asset:
    """One file that pages are made with."""

    content: bytes
    type: str
    version: str
    """Changes with the content, so that browsers may keep it for ever."""


def load_assets() -> Mapping[str, Asset]:
    """Return the assets by their names."""
    found = {}
    for file in sorted((resources.files("gateway.console") / "assets").iterdir(), key=str):
        ending = "." + file.name.rsplit(".", 1)[-1]
        if ending in _TYPES:
            content = file.read_bytes()
            version = hashlib.sha256(content).hexdigest()[:12]
            found[file.name] = Asset(content, _TYPES[ending], version)
    return MappingProxyType(found)
