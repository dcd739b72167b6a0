"""Copies of the house's own stored files: what leaves is what was recorded, or nothing leaves."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.core.names import display
from gateway.folders import durable
from gateway.folders.hashing import LARGE, hashed
from gateway.folders.opening import reading, set_mode

_NO_LINK = frozenset(
    {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES}
)
_INHERITED = ("system.posix_acl_default", "security.selinux", "security.SMACK64")
"""Attributes of a folder from which new files get some of theirs."""


def copy_stored(
    stored: Path,
    name: str,
    *,
    folder: int,
    mode: int,
    sha256: str,
    more: bool = False,
    like: int | None = None,
) -> None:
    """Copy a stored file under a new name in an open folder; an empty `sha256` is not checked.

    `more` and `like` are those of `durable`.

    Raises `FileExistsError` when the name is taken, `SiteFault` (`site.artifact-damaged`) when
    the stored file is missing or its bytes are others, `OSError` when it cannot be written.
    """
    try:
        with reading(stored) as descriptor:
            durable.copy_exclusive(
                descriptor, name, mode=mode, dir_fd=folder, expected=sha256, more=more, like=like
            )
    except durable.Mismatch as difference:
        raise SiteFault("site.artifact-damaged", str(difference)) from None
    except FileNotFoundError:
        if stored.exists():
            raise
        raise missing(stored) from None


def keep_stored(stored: Path, name: str, *, folder: int, mode: int, sha256: str) -> None:
    """Give a stored file that was just checked a name in an open folder, or copy it there.

    A small one is checked once more, for it costs nothing.

    A second name costs nothing and is the very file; the first one is removed with its job. Where
    a new file would get another owner, group or label than the stored one has, it is copied.
    Durable with the next change of the folder. Raises as `copy_stored` does.
    """
    try:
        with reading(stored) as descriptor:
            if _would_be_same(descriptor, folder):
                if os.fstat(descriptor).st_size < LARGE and sha256:
                    _check(descriptor, stored, sha256)
                set_mode(descriptor, mode)
                os.fsync(descriptor)
                os.link(stored, name, dst_dir_fd=folder, follow_symlinks=False)
                return
    except FileNotFoundError:
        raise missing(stored) from None
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
    copy_stored(stored, name, folder=folder, mode=mode, sha256=sha256, more=True)


def _check(descriptor: int, stored: Path, sha256: str) -> None:
    if hashed(descriptor).sha256 != sha256:
        raise SiteFault("site.artifact-damaged", f"{display(str(stored))} is not as recorded")


def _would_be_same(stored: int, folder: int) -> bool:
    """Tell whether a file made in a folder would be like a stored one."""
    file, place = os.fstat(stored), os.fstat(folder)
    if file.st_dev != place.st_dev or file.st_nlink != 1 or file.st_uid != os.geteuid():
        return False
    if place.st_mode & stat.S_ISGID and place.st_gid != file.st_gid:
        return False
    return not any(_has(folder, name) for name in _INHERITED)


def _has(file: int, attribute: str) -> bool:
    try:
        os.getxattr(file, attribute)
    except OSError:
        return False
    return True


def missing(stored: Path) -> SiteFault:
    """Name a stored file that is not there any more."""
    return SiteFault("site.artifact-damaged", f"{display(str(stored))} is missing")


def holds(name: str, sha256: str, *, folder: int) -> bool:
    """Tell whether a plain file of that name in an open folder has these bytes."""
    try:
        with reading(name, dir_fd=folder) as descriptor:
            return hashed(descriptor).sha256 == sha256
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.EACCES):
            return False
        raise
