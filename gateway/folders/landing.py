"""Where files that were fetched from elsewhere land in an inbox: hidden first, then at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.folders.exclusive import rename_exclusive
from gateway.folders.faults import as_site_fault
from gateway.folders.hashing import hashed
from gateway.folders.numbering import ROOM, numbered
from gateway.folders.opening import is_plain, open_folder, sync_folder

_OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class InboxLanding:
    """The port `Landing`, for the folder of one inbox."""

    def __init__(self, inbox: Path) -> None:
        self._inbox = inbox

    @contextmanager
    def partial(self, claim: str) -> Iterator[int]:
        """Open the hidden, unfinished local copy of a claim for reading and writing, at its end."""
        with as_site_fault(self._inbox), open_folder(self._inbox) as folder:
            descriptor = os.open(_hidden(claim), _OPEN, 0o640, dir_fd=folder)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def started(self, claim: str) -> bool:
        """Tell whether there is an unfinished local copy."""
        with as_site_fault(self._inbox), open_folder(self._inbox) as folder:
            return is_plain(_hidden(claim), dir_fd=folder)

    def seal_off(self, partial: int) -> str:
        """Make an open copy durable; return the SHA-256, in hex, of what is on the disk."""
        with as_site_fault(self._inbox):
            os.fsync(partial)
            return hashed(partial).sha256

    def discard(self, claim: str) -> None:
        """Remove an unfinished local copy that nobody wants any more."""
        with as_site_fault(self._inbox), open_folder(self._inbox) as folder:
            os.unlink(_hidden(claim), dir_fd=folder)

    def land(
        self, claim: str, name: str, announce: Callable[[str], bool] = lambda free: True
    ) -> str:
        """Give the finished copy its name, durably, numbered when taken; return that name."""
        with as_site_fault(self._inbox), open_folder(self._inbox) as folder:
            for free in numbered(name, ROOM):
                if is_plain(free, dir_fd=folder) or not announce(free):
                    continue
                try:
                    rename_exclusive(_hidden(claim), free, source_fd=folder, target_fd=folder)
                except FileExistsError:
                    continue
                sync_folder(folder)
                return free
        raise AssertionError("numbers end nowhere")


def _hidden(claim: str) -> str:
    return f".sealgate-fetch-{claim}"
