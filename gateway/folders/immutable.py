"""The immutable flag of archived files: neither changed, renamed nor removed, by root neither.

It is the flag of `chattr +i` (ioctl_iflags(2), FS_IMMUTABLE_FL). Setting and clearing it needs
the capability CAP_LINUX_IMMUTABLE, and a file system that knows it: ext4, XFS, Btrfs, tmpfs
since Linux 6.6; no network file system. Folders stay as they are, so that a renewed version
can be laid beside its former.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.core.names import display
from gateway.core.site import Immutable
from gateway.folders.opening import reading
from gateway.ports import Memory, SigningLog

_LONG = struct.calcsize("l")
_GET, _SET = 0x80006601 | _LONG << 16, 0x40006602 | _LONG << 16
_FLAG = 0x10
_CAPABILITY = 9
_STATUS = Path("/proc/self/status")
_REFUSED = {
    errno.EPERM: "Sealgate may not: it lacks the capability CAP_LINUX_IMMUTABLE",
    errno.EACCES: "Sealgate may not: it lacks the capability CAP_LINUX_IMMUTABLE",
    errno.ENOTTY: "the file system does not know the flag",
    errno.EOPNOTSUPP: "the file system does not know the flag",
    errno.ENOSYS: "the file system does not know the flag",
    errno.EINVAL: "the file system does not know the flag",
}
_TOLD = "archive:not-immutable"


class Protection:
    """Makes archived files immutable as far as the site wants it; callable from any thread."""

    def __init__(self, wanted: Immutable, memory: Memory, log: SigningLog) -> None:
        self._wanted = wanted
        self._memory = memory
        self._log = log
        self._lock = threading.Lock()

    @property
    def is_wanted(self) -> bool:
        """Tell whether files are made immutable where that can be."""
        return self._wanted is not Immutable.NO

    def protect(self, names: Iterable[str], folder: int, path: Path) -> None:
        """Set the flag of files in an open folder, durably.

        What cannot be set is logged once. Raises `SiteFault` (`site.immutable`) where the site
        requires it, and `OSError` when a file cannot be read.
        """
        if not self.is_wanted:
            return
        why = ""
        for name in names:
            with reading(name, dir_fd=folder) as descriptor:
                why = why or refusal(descriptor)
        if why and self._wanted is Immutable.REQUIRED:
            raise SiteFault("site.immutable", f"{display(str(path))}: {why}")
        self._tell(why)

    def _tell(self, why: str) -> None:
        with self._lock:
            if (self._memory.recall(_TOLD) or "") == why:
                return
            if why:
                self._log.record("archive.not-immutable", {"why": why})
            self._memory.remember(_TOLD, why)


def refusal(descriptor: int) -> str:
    """Set the flag of an open file, durably; return why it cannot be set, or nothing."""
    try:
        _change(descriptor, immutable=True)
        os.fsync(descriptor)
    except OSError as error:
        if error.errno in _REFUSED:
            return _REFUSED[error.errno]
        raise
    return ""


def release(name: str, *, folder: int, path: Path) -> None:
    """Clear the flag of a file in an open folder, so that it can be removed.

    Raises `SiteFault` (`site.immutable`) when it is set and may not be cleared.
    """
    with reading(name, dir_fd=folder) as descriptor:
        try:
            _change(descriptor, immutable=False)
        except OSError as error:
            if error.errno not in _REFUSED:
                raise
            if is_immutable(descriptor):
                where = display(str(path / name))
                raise SiteFault("site.immutable", f"{where}: {_REFUSED[error.errno]}") from None


def check_releasable(descriptor: int, path: Path) -> None:
    """Raise `SiteFault` (`site.immutable`) when an open file's flag is set and would stay so."""
    if is_immutable(descriptor) and not _privileged():
        raise SiteFault("site.immutable", f"{display(str(path))}: {_REFUSED[errno.EPERM]}")


def is_immutable(descriptor: int) -> bool:
    """Tell whether the flag of an open file is set; False where there are no flags."""
    try:
        return bool(_flags(descriptor) & _FLAG)
    except OSError as error:
        if error.errno in _REFUSED:
            return False
        raise


def probe(folder: Path) -> str:
    """Try the flag on a file without a name; return why it cannot be set, or nothing.

    Raises `OSError` when there can be no file in the folder.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        why = refusal(file.fileno())
        if not why:
            _change(file.fileno(), immutable=False)
    return why


def _privileged() -> bool:
    """Tell whether this process has the capability (proc(5), CapEff)."""
    for line in _STATUS.read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> _CAPABILITY & 1)
    return False


def _change(descriptor: int, *, immutable: bool) -> None:
    """Set or clear the flag, unless it is so already: that needs no capability."""
    flags = _flags(descriptor)
    wanted = flags | _FLAG if immutable else flags & ~_FLAG
    if wanted != flags:
        fcntl.ioctl(descriptor, _SET, struct.pack("l", wanted))


def _flags(descriptor: int) -> int:
    answer = fcntl.ioctl(descriptor, _GET, struct.pack("l", 0))
    # The kernel fills in an int, whatever the request's number says.
    return int(struct.unpack_from("i", answer)[0]) & 0xFFFFFFFF
