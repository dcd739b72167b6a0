"""Whether files can be moved, linked and made durable here, as claims and deliveries need it."""

from __future__ import annotations

import errno
import os
import threading
import time
from contextlib import suppress

from gateway.folders.exclusive import rename_exclusive
from gateway.folders.finding import Finding, Ground, fail, note, ok

_RENAMES = 100
_UNSUPPORTED = frozenset(
    {errno.EINVAL, errno.EISDIR, errno.ENOENT, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM}
)


def make(ground: Ground, name: str, content: bytes = b"probe") -> None:
    """Make a file in the ground; raises `OSError`."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    file = os.open(name, flags, 0o640, dir_fd=ground.folder)
    try:
        os.write(file, content)
    finally:
        os.close(file)


def renaming(ground: Ground) -> Finding:
    """Rename one file over another many times while somebody looks for it.

    A claim compares the file before and after the move, so its number must stay, too.
    """
    what, here = "rename", ground.folder
    make(ground, "moved")
    before = os.stat("moved", dir_fd=here)
    os.rename("moved", "target", src_dir_fd=here, dst_dir_fd=here)
    after = os.stat("target", dir_fd=here)
    if (before.st_ino, before.st_mtime_ns) != (after.st_ino, after.st_mtime_ns):
        return fail(what, "a renamed file gets another number or time: it could not be claimed")
    ended, missed = threading.Event(), threading.Event()

    def look() -> None:
        while not ended.is_set():
            try:
                os.stat("target", dir_fd=here)
            except OSError:
                missed.set()

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for number in range(_RENAMES):
            make(ground, f"new-{number}")
            os.rename(f"new-{number}", "target", src_dir_fd=here, dst_dir_fd=here)
    finally:
        ended.set()
        looking.join()
    if missed.is_set():
        return note(what, "is done in two steps: for a moment neither file is there")
    return ok(what, f"in one step, {_RENAMES} times of {_RENAMES}; the file keeps its number")


def renaming_exclusively(ground: Ground) -> Finding:
    """Rename to a free name, and to one that is taken."""
    what, here = "rename without replacing", ground.folder
    make(ground, "mine", b"mine")
    make(ground, "taken", b"theirs")
    with suppress(FileExistsError):
        rename_exclusive("mine", "taken", source_fd=here, target_fd=here)
        return fail(what, "another file of the name would be replaced")
    way = rename_exclusive("mine", "free", source_fd=here, target_fd=here)
    return (ok if way.safe else note)(what, way.words)


def linking(ground: Ground) -> Finding:
    """Make a second name of one file."""
    what, here = "hard links", ground.folder
    make(ground, "first")
    try:
        os.link("first", "second", src_dir_fd=here, dst_dir_fd=here, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _UNSUPPORTED | {errno.EMLINK}:
            raise
        return note(what, "there are none; they are not needed")
    if os.stat("first", dir_fd=here).st_nlink != 2:
        return note(what, "are not counted: a file with two names cannot be told from one with one")
    return ok(what, "there are; a file that has two names is left alone")


def making_nameless(ground: Ground) -> Finding:
    """Make a file that has no name."""
    what = "files without a name"
    try:
        os.close(os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600, dir_fd=ground.folder))
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        return note(what, "there are none (O_TMPFILE); Sealgate writes under hidden names instead")
    return ok(what, "there are (O_TMPFILE)")


def syncing(ground: Ground) -> Finding:
    """Make a file and its name durable."""
    what = "durable writes"
    make(ground, "synced")
    began = time.monotonic()
    file = os.open("synced", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=ground.folder)
    try:
        os.fsync(file)
    finally:
        os.close(file)
    took = (time.monotonic() - began) * 1000
    try:
        os.fsync(ground.folder)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        return note(what, "files are written through (fsync), names only when the server does")
    if ground.mount.fstype in ("tmpfs", "ramfs"):
        return note(what, "this is memory: all is gone when the machine restarts")
    return ok(what, f"files and names are written through (fsync), {took:.0f} ms")
