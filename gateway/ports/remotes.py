"""Remote folders, and where in an inbox the files that were fetched from them land."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class RemoteFile:
    """A plain file in a remote folder."""

    name: str
    """Bytes that are not UTF-8 stand in it as surrogates; no other method takes such a name."""
    size: int
    """Bytes."""
    modified: int
    """Seconds since the epoch, by the server's clock."""


class RemoteFolder(Protocol):
    """One folder on another machine, over one connection.

    Names may have folders before them, `/`-separated. Every method raises `ServiceFault`:
    `remote.unreachable`, `remote.denied`, `remote.folder-missing`, `remote.protocol`.
    `rename` and `read` raise `remote.file-denied` when it is about this one file only, and
    `remote.file-busy` when somebody has it open or locked.
    """

    def list(self, below: str = "") -> tuple[RemoteFile, ...]:
        """Return the plain files of the folder, or of one below it, which need not be there."""

    def rename(self, source: str, target: str) -> bool:
        """Rename at once, making the target's folder; False when source is gone or target taken."""

    def read(self, name: str, into: int, offset: int, size: int) -> None:
        """Append the file's bytes from `offset` on to an open local file.

        Nothing is written beyond `size` bytes in all, which is what the file was listed with:
        when more comes, it raises `remote.protocol`.
        """

    def write(self, local: int, name: str) -> None:
        """Create or replace a file with all bytes of an open local file; its size is checked."""

    def remove(self, name: str) -> None:
        """Remove a file; nothing happens when it is gone."""


class Landing(Protocol):
    """Where in an inbox fetched files land; raises `SiteFault`."""

    def partial(self, claim: str) -> AbstractContextManager[int]:
        """Open the hidden, unfinished local copy of a claim for reading and writing, at its end."""

    def started(self, claim: str) -> bool:
        """Tell whether there is an unfinished local copy."""

    def seal_off(self, partial: int) -> str:
        """Make an open copy durable; return the SHA-256, in hex, of what is on the disk."""

    def discard(self, claim: str) -> None:
        """Remove an unfinished local copy that nobody wants any more."""

    def land(self, claim: str, name: str, announce: Callable[[str], bool] = ...) -> str:
        """Give the finished copy its name, durably, numbered when taken; return that name.

        `announce` is told each name before the copy is tried under it, and may turn it down.
        """
