"""Every version that a contract flow's document ever had: files `FLOW/SHA256.pdf`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.core.names import display
from gateway.folders import durable
from gateway.folders.faults import as_site_fault
from gateway.folders.opening import open_folder, reading
from gateway.folders.stored import copy_stored, missing

_FOLDER_MODE, _FILE_MODE = 0o700, 0o400
_LENT_MODE = 0o600
_DRAFT = ".returned.pdf"


class FolderRevisions:
    """The port `Revisions`; a file's name is its hash, so that one laid twice is one."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, flow: str, content: Path) -> str:
        """Keep a copy of a file and return its hash; raises `SiteFault`."""
        with (
            as_site_fault(self._root / flow),
            reading(content) as source,
            open_folder(self._root, (flow,), create=True, mode=_FOLDER_MODE) as folder,
        ):
            sha256 = durable.hashed(source).sha256
            with suppress(FileExistsError):
                durable.copy_exclusive(
                    source, _name(sha256), mode=_FILE_MODE, dir_fd=folder, expected=sha256
                )
        return sha256

    def path(self, flow: str, sha256: str) -> Path:
        """Return where a version lies; raises `SiteFault` (`site.artifact-damaged`)."""
        path = self._root / flow / _name(sha256)
        with as_site_fault(path):
            try:
                with reading(path) as content:
                    present = durable.hashed(content).sha256
            except FileNotFoundError:
                raise missing(path) from None
        if present != sha256:
            raise SiteFault("site.artifact-damaged", f"{display(str(path))} is not as recorded")
        return path

    def draft(self, flow: str) -> Path:
        """Return a path, not existing, at which a file may be looked at; raises `SiteFault`."""
        with (
            as_site_fault(self._root / flow),
            open_folder(self._root, (flow,), create=True, mode=_FOLDER_MODE) as folder,
        ):
            durable.remove(_DRAFT, dir_fd=folder)
        return self._root / flow / _DRAFT

    def lend(self, flow: str, sha256: str, target: Path) -> None:
        """Copy a version to a path outside, unless it is there already; raises `SiteFault`."""
        kept = self._root / flow / _name(sha256)
        with (
            as_site_fault(target),
            open_folder(target.parent) as folder,
            suppress(FileExistsError),
        ):
            copy_stored(kept, target.name, folder=folder, mode=_LENT_MODE, sha256=sha256)


def _name(sha256: str) -> str:
    return f"{sha256}.pdf"
