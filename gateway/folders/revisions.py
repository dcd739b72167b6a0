"""Every version that a contract flow's document ever had: files `FLOW/SHA256.pdf`."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.core.errors import SiteFault, UsageFault
from gateway.core.names import display
from gateway.folders import durable
from gateway.folders.faults import as_site_fault
from gateway.folders.hashing import hashed
from gateway.folders.opening import names_in, open_folder, open_regular, reading
from gateway.folders.stored import copy_stored, missing

_FOLDER_MODE, _FILE_MODE = 0o700, 0o400
_LENT_MODE = 0o600
_DRAFT = ".draft-"
_STALE = 24 * 3600.0


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
            sha256 = hashed(source).sha256
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
                    present = hashed(content).sha256
            except FileNotFoundError:
                raise missing(path) from None
        if present != sha256:
            raise SiteFault("site.artifact-damaged", f"{display(str(path))} is not as recorded")
        return path

    @contextmanager
    def drafting(self, flow: str, content: Path | None = None) -> Iterator[Path]:
        """Have a path of one's own meanwhile; raises as the port says.

        What somebody left behind who was killed is removed by whoever comes a day later.
        """
        name = f"{_DRAFT}{secrets.token_hex(8)}.pdf"
        place = self._root / flow
        with (
            as_site_fault(place),
            open_folder(self._root, (flow,), create=True, mode=_FOLDER_MODE) as folder,
        ):
            _remove_stale(folder)
        try:
            if content is not None:
                _copy_in(content, place / name)
            yield place / name
        finally:
            with as_site_fault(place), suppress(FileNotFoundError):
                (place / name).unlink()

    def forget(self, flow: str) -> None:
        """Remove every version of a flow's document; raises `SiteFault`."""
        with as_site_fault(self._root / flow), open_folder(self._root) as root:
            try:
                with open_folder(self._root, (flow,)) as folder:
                    for name in names_in(folder):
                        os.unlink(name, dir_fd=folder)
            except FileNotFoundError:
                return
            durable.remove_empty(flow, dir_fd=root)

    def lend(self, flow: str, sha256: str, target: Path) -> None:
        """Copy a version to a path outside, unless it is there already; raises `SiteFault`."""
        kept = self._root / flow / _name(sha256)
        with (
            as_site_fault(target),
            open_folder(target.parent) as folder,
            suppress(FileExistsError),
        ):
            copy_stored(kept, target.name, folder=folder, mode=_LENT_MODE, sha256=sha256)


def _copy_in(content: Path, target: Path) -> None:
    try:
        descriptor = open_regular(content)
    except OSError as error:
        raise UsageFault("usage.no-file", f"{display(str(content))}: {error.strerror}") from error
    try:
        with as_site_fault(target):
            durable.copy_exclusive(descriptor, target, mode=_LENT_MODE)
    finally:
        os.close(descriptor)


def _remove_stale(folder: int) -> None:
    for name in names_in(folder):
        if name.startswith(_DRAFT):
            with suppress(FileNotFoundError):
                if time.time() - os.stat(name, dir_fd=folder).st_mtime > _STALE:
                    os.unlink(name, dir_fd=folder)


def _name(sha256: str) -> str:
    return f"{sha256}.pdf"
