"""Copies of the log's time-stamps: one file each, in a folder of the archive."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.core.names import display
from gateway.folders import durable
from gateway.folders.faults import as_site_fault
from gateway.folders.immutable import Protection
from gateway.folders.opening import is_plain, names_in, open_folder, reading

FOLDER = "log-timestamps"
ENDING = ".tsr"
_READ_ONLY = 0o440
_LONGEST = 256 * 1024
"""Bytes; tokens with all their certificates are a few thousand long."""


class FolderLogTimestamps:
    """The port `LogTimestampFiles`, for a folder below a root that must be there."""

    def __init__(
        self, root: Path, folder: str = FOLDER, protection: Protection | None = None
    ) -> None:
        """Keep files in `folder`, which may be empty for the root itself."""
        self._root = root
        self._below = (folder,) if folder else ()
        self._protection = protection

    def keep(self, name: str, content: bytes) -> None:
        """Write a file under a new name, durably and read-only; see the port."""
        path = self._root.joinpath(*self._below)
        with as_site_fault(path), open_folder(self._root, self._below, create=True) as folder:
            try:
                durable.write_exclusive(name, content, mode=_READ_ONLY, dir_fd=folder)
            except FileExistsError:
                if _content(name, folder) != content:
                    detail = f"{display(str(path / name))} is not as recorded"
                    raise SiteFault("site.artifact-damaged", detail) from None
            if self._protection is not None:
                self._protection.protect((name,), folder, path)

    def all(self) -> Iterator[tuple[str, bytes]]:
        """Yield names and contents, by name; see the port."""
        path = self._root.joinpath(*self._below)
        with as_site_fault(self._root), open_folder(self._root):
            pass  # a whole archive that is gone is not an empty one
        if not path.is_dir():
            return
        with as_site_fault(path), open_folder(self._root, self._below) as folder:
            for name in sorted(one for one in names_in(folder) if one.endswith(ENDING)):
                yield name, _content(name, folder)


def _content(name: str, folder: int) -> bytes:
    if not is_plain(name, dir_fd=folder):
        return b""
    with reading(name, dir_fd=folder) as descriptor:
        return os.pread(descriptor, _LONGEST, 0)
