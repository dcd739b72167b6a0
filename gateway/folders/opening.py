"""Opening folders and files by descriptor, without following a link that somebody laid there.

A site's own folders (inbox, outbox, state, …) may be reached through links: their paths are the
operator's. What lies below them may be anybody's, so it is walked one name at a time.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
"""Flags that open a folder, through links."""
_FOLDER_ONLY = FOLDER | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def parts(below: str) -> tuple[str, ...]:
    """Split a `/`-separated path below a folder; raises `OSError` (EACCES) when it leads out."""
    names = tuple(name for name in below.split("/") if name not in ("", "."))
    if ".." in names:
        raise OSError(errno.EACCES, "leads out of its folder", below)
    return names


@contextmanager
def open_folder(
    root: Path,
    below: Sequence[str] = (),
    *,
    create: bool = False,
    mode: int = 0o750,
    as_above: bool = False,
) -> Iterator[int]:
    """Open `root` and then each of `below`, none of them a link; yield the last one's descriptor.

    With `create`, missing folders below `root` are made durably, with `mode`; with `as_above`,
    the group may write into them where it may write into the folder above.
    Raises `OSError`: ELOOP when a link or a file has the name of a folder below `root`.
    """
    folder = os.open(root, FOLDER)
    try:
        for name in below:
            try:
                deeper = open_below(folder, name)
            except FileNotFoundError:
                if not create:
                    raise
                shared = os.fstat(folder).st_mode & stat.S_IWGRP if as_above else 0
                _make(folder, name, mode | shared)
                deeper = open_below(folder, name)
            os.close(folder)
            folder = deeper
        yield folder
    finally:
        os.close(folder)


def open_below(folder: int, name: str) -> int:
    """Open a sub-folder; raises `OSError` (ELOOP) when a link or a file has that name."""
    try:
        return os.open(name, _FOLDER_ONLY, dir_fd=folder)
    except NotADirectoryError:  # so Linux answers for links, too, when a folder is asked for
        raise OSError(errno.ELOOP, "no folder", name) from None


def open_regular(name: str | Path, *, dir_fd: int | None = None) -> int:
    """Open a plain file for reading and return its descriptor.

    Raises `OSError`: ELOOP when it is a link, FIFO, device or folder, none of which blocks.
    """
    try:
        descriptor = os.open(name, _FILE, dir_fd=dir_fd)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket, or a FIFO or device with nobody behind it
            raise OSError(errno.ELOOP, "not a plain file", str(name)) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.ELOOP, "not a plain file", str(name))
    return descriptor


@contextmanager
def reading(name: str | Path, *, dir_fd: int | None = None) -> Iterator[int]:
    """Keep a plain file open for the block; raises `OSError` as `open_regular` does."""
    descriptor = open_regular(name, dir_fd=dir_fd)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def exists(name: str | Path, *, dir_fd: int | None = None) -> bool:
    """Tell whether anything has that name, be it a link to nowhere."""
    try:
        os.stat(name, dir_fd=dir_fd, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def is_plain(name: str | Path, *, dir_fd: int | None = None) -> bool:
    """Tell whether a plain file has that name; a link to one is none."""
    try:
        return stat.S_ISREG(os.stat(name, dir_fd=dir_fd, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def names_in(folder: int) -> tuple[str, ...]:
    """Return the names in an open folder, in no order."""
    # Opened anew: sshfs tells the names once for each opening, and then that there are none.
    again = os.open(".", FOLDER, dir_fd=folder)
    try:
        with os.scandir(again) as entries:
            return tuple(entry.name for entry in entries)
    finally:
        os.close(again)


def set_mode(descriptor: int, mode: int) -> None:
    """Set permissions whatever the umask; a file system without permissions keeps its own."""
    try:
        os.fchmod(descriptor, mode)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
            raise


def _make(parent: int, name: str, mode: int) -> None:
    with suppress(FileExistsError):
        os.mkdir(name, mode, dir_fd=parent)
        made = open_below(parent, name)
        try:
            # A folder shared by a group hands its group on: that bit is not ours to drop. Nor is
            # it ours to set for a group that we are not in, so what is right already is left.
            status = os.fstat(made)
            if status.st_mode & 0o777 != mode:
                set_mode(made, mode | status.st_mode & stat.S_ISGID)
        finally:
            os.close(made)
        sync_folder(parent)


def sync_folder(folder: int) -> None:
    """Make a folder's entries durable; some network file systems know no such request."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
