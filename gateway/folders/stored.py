"""Copies of the house's own stored files: what leaves is what was recorded, or nothing leaves."""

from __future__ import annotations

import errno
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.core.names import display
from gateway.folders import durable
from gateway.folders.opening import reading


def copy_stored(
    stored: Path, name: str, *, folder: int, mode: int, sha256: str, more: bool = False
) -> None:
    """Copy a stored file under a new name in an open folder; an empty `sha256` is not checked.

    `more` is that of `durable`.

    Raises `FileExistsError` when the name is taken, `SiteFault` (`site.artifact-damaged`) when
    the stored file is missing or its bytes are others, `OSError` when it cannot be written.
    """
    try:
        with reading(stored) as descriptor:
            durable.copy_exclusive(
                descriptor, name, mode=mode, dir_fd=folder, expected=sha256, more=more
            )
    except durable.Mismatch as difference:
        raise SiteFault("site.artifact-damaged", str(difference)) from None
    except FileNotFoundError:
        if stored.exists():
            raise
        raise missing(stored) from None


def missing(stored: Path) -> SiteFault:
    """Name a stored file that is not there any more."""
    return SiteFault("site.artifact-damaged", f"{display(str(stored))} is missing")


def holds(name: str, sha256: str, *, folder: int) -> bool:
    """Tell whether a plain file of that name in an open folder has these bytes."""
    try:
        with reading(name, dir_fd=folder) as descriptor:
            return durable.hashed(descriptor).sha256 == sha256
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.EACCES):
            return False
        raise
