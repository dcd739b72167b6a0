"""Renaming without ever taking the place of another file, on whatever file system."""

from __future__ import annotations

import ctypes
import errno
import os
from enum import Enum
from functools import cache
from typing import Any

_NO_REPLACE = 1  # RENAME_NOREPLACE, renameat2(2)
_MISSING = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})
_NO_HARD_LINKS = _MISSING | {errno.EPERM, errno.EMLINK}


class Way(Enum):
    """How an exclusive rename was done, in words."""

    KERNEL = "in one step, by the kernel (renameat2)"
    LINK = "by a second name, then removing the first"
    RESERVATION = "by reserving the name; a power cut in between can leave an empty file there"

    @property
    def safe(self) -> bool:
        """Tell whether it leaves nothing behind wherever it is interrupted."""
        return self is not Way.RESERVATION

    @property
    def words(self) -> str:
        """Return what it does, for people."""
        return self.value


def rename_exclusive(source: str, target: str, *, source_fd: int, target_fd: int) -> Way:
    """Rename within one file system, and tell how; raises `FileExistsError` when it is taken.

    The kernel's own exclusive rename is one step. Where it is missing (NFS, some FUSE), a
    second hard link is made and the first name removed; where there are no hard links either,
    the name is reserved with an empty file that the rename then replaces. Only that last way
    can leave an empty file behind when the machine stops in between.
    Raises `OSError` (EXDEV) when the two folders are not on one mount.
    """
    for name, way, missing in (
        (Way.KERNEL, _by_renameat2, _MISSING),
        (Way.LINK, _by_link, _NO_HARD_LINKS),
    ):
        try:
            way(source, target, source_fd, target_fd)
            return name
        except OSError as error:
            if error.errno not in missing:
                raise
    _by_reservation(source, target, source_fd, target_fd)
    return Way.RESERVATION


def _by_renameat2(source: str, target: str, source_fd: int, target_fd: int) -> None:
    call = _renameat2()
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    result = call(source_fd, os.fsencode(source), target_fd, os.fsencode(target), _NO_REPLACE)
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), source, None, target)


@cache
def _renameat2() -> Any:
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is not None:
        number, name = ctypes.c_int, ctypes.c_char_p
        call.argtypes = [number, name, number, name, ctypes.c_uint]
    return call


def _by_link(source: str, target: str, source_fd: int, target_fd: int) -> None:
    try:
        os.link(source, target, src_dir_fd=source_fd, dst_dir_fd=target_fd, follow_symlinks=False)
    except FileExistsError:
        # NFS may have carried out a request whose answer was lost; an interrupted run leaves
        # both names too. Either way the link that is there is the one we wanted.
        if not _same(source, target, source_fd, target_fd):
            raise
    os.unlink(source, dir_fd=source_fd)


def _by_reservation(source: str, target: str, source_fd: int, target_fd: int) -> None:
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    os.close(os.open(target, flags, 0o600, dir_fd=target_fd))
    try:
        os.rename(source, target, src_dir_fd=source_fd, dst_dir_fd=target_fd)
    except OSError:
        os.unlink(target, dir_fd=target_fd)
        raise


def _same(source: str, target: str, source_fd: int, target_fd: int) -> bool:
    here = os.stat(source, dir_fd=source_fd, follow_symlinks=False)
    there = os.stat(target, dir_fd=target_fd, follow_symlinks=False)
    return os.path.samestat(here, there)
