"""One worker a site: the daemon or a sweep, never both."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from gateway.core.errors import UsageFault


class SiteLock:
    """Hold `state/lock` while working; raises `UsageFault` (`usage.already-running`)."""

    def __init__(self, state: Path) -> None:
        self._path = state / "lock"
        self._descriptor = -1

    def __enter__(self) -> SiteLock:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._descriptor = os.open(self._path, flags, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
    """Return the process that works on the site, or None."""
    try:
        descriptor = os.open(state / "lock", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        written = os.pread(descriptor, 20, 0)
        return int(written) if written.isdigit() else 0
    finally:
        os.close(descriptor)
    return None
