"""Papers that belong to an original in failed/ or to a result: laid beside it, nothing overwritten.

They have no receipt of their own: what they belong to has one.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from gateway.folders.faults import as_site_fault
from gateway.folders.numbering import numbered
from gateway.folders.opening import open_folder
from gateway.folders.stored import copy_stored, holds

_MODE = 0o640


class FolderPapers:
    """The port `Papers`, for one of the folders in which documents end."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def lay_beside(self, document: Path, name: str, content: Path, sha256: str) -> Path:
        """Have a copy beside a document; raises `SiteFault`."""
        inside = document.is_relative_to(self._root)  # unless the folder was moved since
        root = self._root if inside else document.parent
        below = document.parent.relative_to(root).parts
        with (
            as_site_fault(document),
            open_folder(root, below, create=True, as_above=True) as folder,
        ):
            return document.with_name(laid_in(folder, name, content, sha256, _MODE))


def laid_in(folder: int, name: str, content: Path, sha256: str, mode: int) -> str:
    """Have a copy of a kept file in an open folder under the first free name; return that."""
    for free in numbered(name):
        if holds(free, sha256, folder=folder):
            return free
        with suppress(FileExistsError):
            copy_stored(content, free, folder=folder, mode=mode, sha256=sha256)
            return free
    raise AssertionError("numbered names end")  # pragma: no cover - they are endless
