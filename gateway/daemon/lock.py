"""One worker a site: the daemon or a sweep, never both."""

from __future__ import annotations

import fcntl
import os
import struct
from pathlib import Path
from types import TracebackType

from gateway.core.errors import UsageFault

_FLOCK = struct.Struct("hhqqi4x")
"""`struct flock` of fcntl(2) on 64-bit Linux: type, whence, start, length, process."""


class SiteLock:
    """Hold `state/lock` while working; raises `UsageFault` (`usage.already-running`)."""

    def __init__(self, state: Path) -> None:
        self._path = state / "lock"
        self._descriptor = -1

    def __enter__(self) -> SiteLock:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._descriptor = os.open(self._path, flags, 0o600)
        try:
            fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, _lock(fcntl.F_WRLCK))
        except BlockingIOError:
            holder = os.pread(self._descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise UsageFault("usage.already-running", f"process {holder or '?'}") from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)


def holder(state: Path) -> int | None:
    """Return the process that works on the site, or None; 0 when it has not written itself down.

    Only asks: a lock taken to look, however shortly, would keep a worker from starting.
    """
    try:
        descriptor = os.open(state / "lock", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        found = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _lock(fcntl.F_WRLCK))
        if _FLOCK.unpack(found)[0] == fcntl.F_UNLCK:
            return None
        written = os.pread(descriptor, 20, 0)
        return int(written) if written.isdigit() else 0
    finally:
        os.close(descriptor)


def _lock(kind: int) -> bytes:
    """Describe a lock on the whole file, for `F_OFD_SETLK` and `F_OFD_GETLK`."""
    return _FLOCK.pack(kind, os.SEEK_SET, 0, 0, 0)
