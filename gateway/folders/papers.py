"""Papers that belong to what has failed: laid beside it in failed/, nothing overwritten."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from gateway.folders.faults import as_site_fault
from gateway.folders.numbering import numbered
from gateway.folders.opening import open_folder
from gateway.folders.stored import copy_stored, holds

_MODE = 0o640


class FailedPapers:
    """The port `Papers`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def lay_beside(self, failed: Path, name: str, content: Path, sha256: str) -> Path:
        """Have a copy beside an original in failed/; raises `SiteFault`."""
        inside = failed.is_relative_to(self._root)  # unless failed/ was moved since
        root = self._root if inside else failed.parent
        below = failed.parent.relative_to(root).parts
        with (
            as_site_fault(failed),
            open_folder(root, below, create=True, as_above=True) as folder,
        ):
            return failed.with_name(laid_in(folder, name, content, sha256, _MODE))


def laid_in(folder: int, name: str, content: Path, sha256: str, mode: int) -> str:
    """Have a copy of a kept file in an open folder under the first free name; return that."""
    for free in numbered(name):
        if holds(free, sha256, folder=folder):
            return free
        with suppress(FileExistsError):
            copy_stored(content, free, folder=folder, mode=mode, sha256=sha256)
            return free
    raise AssertionError("numbered names end")  # pragma: no cover - they are endless
