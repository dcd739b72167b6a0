"""What a remote folder looks like from the side of its server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway.core.remotes import RemoteSettings


class Shelf(Protocol):
    """One remote folder."""

    @property
    def many(self) -> int:
        """Return how many files with long names are told in several answers."""

    def settings(self, **changes: object) -> RemoteSettings:
        """Return settings with which it is reached."""

    def put(self, name: str, content: bytes) -> None:
        """Create or replace a file."""

    def get(self, name: str) -> bytes:
        """Return what a file holds."""

    def names(self) -> list[str]:
        """Return the names of all files, those in sub-folders with their path."""


class Server(Protocol):
    """A server of remote folders."""

    def start(self) -> None:
        """Start it and wait until it answers."""

    def kill(self) -> None:
        """End it in the middle of what it does; it keeps its files."""

    def stop(self) -> None:
        """End it for good."""

    def shelf(self, name: str) -> Shelf:
        """Make a new folder."""

    def settings(self, **changes: object) -> RemoteSettings:
        """Return settings with which the server is reached."""


@dataclass(frozen=True)
class DirectoryShelf:
    """A remote folder that is a folder of this machine."""

    server: Server
    folder: Path
    path: str
    """What clients call it."""
    many: int = 1100

    def settings(self, **changes: object) -> RemoteSettings:
        """Return settings with which it is reached."""
        return self.server.settings(**({"path": self.path} | changes))

    def put(self, name: str, content: bytes) -> None:
        """Create or replace a file."""
        (self.folder / name).write_bytes(content)

    def get(self, name: str) -> bytes:
        """Return what a file holds."""
        return (self.folder / name).read_bytes()

    def names(self) -> list[str]:
        """Return the names of all files, those in sub-folders with their path."""
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(self.folder)) for path in found)
