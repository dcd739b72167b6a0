"""Large files of others that were read once and have not changed since, as the kernel knows.

Theory of operation
-------------------
A claimed file is copied when it is accepted, and when it is archived it must still be what was
copied: whoever had it open could have gone on writing. To find that out it need not be read again
where the kernel tells of every change. Each write sets the time of the last change (ctime), which
no program can set otherwise. That is relied on only

- on local file systems that do so for writes through memory (`mmap`) as well, at the first one
  after a mapping was made;
- when the kernel grants a read lease before the file is read: then nobody has it open for writing,
  so none of its pages is mapped writably, and any later change begins with an opening;
- when the clock that the times are taken from has moved on since the last change: a later one
  cannot have the same time.

Anything else is unknown, also after a restart, and unknown files are read.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from gateway.folders.filesystems import mount_of
from gateway.folders.hashing import LARGE
from gateway.folders.leases import lease_granted

_TELLING = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs"})
_COARSE = 5
"""CLOCK_REALTIME_COARSE (clock_gettime(2)), from which files have their times."""
_REMEMBERED = 1024

Identity = tuple[int, int, int, int, int]


def identity(status: os.stat_result) -> Identity:
    """Return what changes with every change of a file; whoever may set its times, not this one."""
    times = status.st_mtime_ns, status.st_ctime_ns
    return status.st_dev, status.st_ino, status.st_size, *times


class KnownFiles:
    """Remembers files by their paths; for any number of threads."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[Identity, str]] = {}

    def look(self, path: Path, file: int) -> Identity | None:
        """Look at an open file before it is read; None when its changes could stay unseen."""
        status = os.fstat(file)
        clock = time.clock_gettime_ns(_COARSE)
        if status.st_size < LARGE or status.st_ctime_ns >= clock:
            return None
        if mount_of(path).fstype not in _TELLING or not lease_granted(file):
            return None
        # From before the lease: what was changed until then is another one afterwards.
        return identity(status) if identity(os.fstat(file)) == identity(status) else None

    def remember(self, path: Path, seen: Identity | None, sha256: str) -> None:
        """Remember the SHA-256 in hex of what was read after looking."""
        if seen is not None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[path] = (seen, sha256)

    def unchanged(self, path: Path, file: int, sha256: str) -> bool:
        """Tell whether an open file is known to have that SHA-256 still; False: it must be read."""
        if self._known.get(path) != (identity(os.fstat(file)), sha256):
            return False
        del self._known[path]
        return lease_granted(file)
