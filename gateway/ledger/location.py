"""Where the ledger may live: on a local file system, in a folder of its owner alone."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.core.errors import UsageFault
from gateway.core.names import display

MOUNT_TABLE = Path("/proc/self/mountinfo")

# fmt: off
_NETWORK = frozenset({
    "9p", "acfs", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "davfs2", "glusterfs",
    "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "smb2", "smb3", "smbfs",
    "vboxsf", "virtiofs", "vmhgfs",
})
# fmt: on


def make_room(path: Path) -> None:
    """Create the ledger's folder (0700) and its empty file (0600) where they are missing.

    Raises `UsageFault` (`ledger.network-file-system`) and `OSError`.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_network(path.parent)
    _close_to_others(path.parent, 0o700)
    try:
        # Only a new file is opened here: closing a descriptor of a ledger that this process
        # has open already would drop SQLite's POSIX locks on it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        _close_to_others(path, 0o600)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def is_network(kind: str) -> bool:
    """Tell whether SQLite's locks and shared memory cannot be relied on there (fuse included)."""
    return kind in _NETWORK or kind == "fuse" or kind.startswith("fuse.")


def file_system_of(device: int, table: bytes) -> str:
    """Return the type of the file system on a device; empty when the table does not list it.

    `table` is in the form of proc(5), /proc/PID/mountinfo. Some local file systems give their
    subvolumes devices of their own, which are not listed; network file systems do not.
    """
    number = f"{os.major(device)}:{os.minor(device)}".encode()
    for line in table.splitlines():
        fields, separator, rest = line.partition(b" - ")
        if separator and fields.split(b" ")[2] == number:
            return os.fsdecode(rest.split(b" ")[0])
    return ""


def _refuse_network(folder: Path) -> None:
    kind = file_system_of(folder.stat().st_dev, MOUNT_TABLE.read_bytes())
    if is_network(kind):
        detail = f"{display(str(folder))} is on {kind}"
        raise UsageFault("ledger.network-file-system", detail)


def _close_to_others(path: Path, mode: int) -> None:
    """Take permissions away, never add any; the owner alone may, and nobody else needs to."""
    present = path.stat().st_mode & 0o777
    if present & ~mode:
        path.chmod(present & mode)
