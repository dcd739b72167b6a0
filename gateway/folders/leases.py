"""Asking the kernel whether somebody has a file open for writing, by the lease it would grant.

A read lease is refused while a file is open for writing (fcntl(2), F_SETLEASE). It is given back
at once: a program that opens the file for writing just then waits for microseconds. The kernel
tells the holder of such a lease by a signal whose usual effect is to end the process, so one is
chosen whose usual effect is none; nothing is changed for the process as a whole.
"""

from __future__ import annotations

import errno
import fcntl
import signal
from pathlib import Path

from gateway.folders.opening import reading

_HARMLESS = signal.SIGURG
_UNKNOWABLE = frozenset({errno.EACCES, errno.EPERM, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS})


def open_for_writing(name: str | Path, *, dir_fd: int | None = None) -> bool:
    """Tell whether some process of this machine has a plain file open for writing.

    False as well when the kernel will not say: the file is another user's (unless we have
    CAP_LEASE), or its file system knows no leases. Raises `OSError` when it cannot be opened.
    """
    try:
        with reading(name, dir_fd=dir_fd) as file:
            return lease_refused(file)
    except BlockingIOError:
        # Somebody has an exclusive lease, as file servers do for clients that write.
        return True


def lease_refused(file: int) -> bool:
    """Tell whether the kernel refuses a read lease on an open file because of a writer."""
    return _leased(file) is False


def lease_granted(file: int) -> bool:
    """Tell whether the kernel grants a read lease, so that nobody has the file open for writing."""
    return _leased(file) is True


def _leased(file: int) -> bool | None:
    """Take a read lease and give it back; None when the kernel does not say."""
    try:
        fcntl.fcntl(file, fcntl.F_SETSIG, _HARMLESS)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in _UNKNOWABLE:
            return None
        raise
    # Not left to the closing: a child that is just being started may share the open file.
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return True
