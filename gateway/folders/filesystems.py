"""Which mount a path lies on, and whether that is a network file system."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

_TABLE = Path("/proc/self/mountinfo")
# fmt: off
_NETWORK = frozenset({
    "9p", "acfs", "afs", "afpfs", "beegfs", "ceph", "cifs", "coda", "davfs", "davfs2",
    "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "smb2", "smb3",
    "smbfs", "vboxsf", "virtiofs", "vmhgfs",
})
# fmt: on
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Mount:
    """One line of the kernel's mount table (proc(5), mountinfo)."""

    number: int
    """Of the mount: one file system mounted twice has two, and no rename leads across."""
    device: str
    """`major:minor` of the file system."""
    point: Path
    fstype: str

    @cached_property
    def prefix(self) -> str:
        """Return how the paths of all that lies on it begin, with `/` behind folders."""
        return f"{self.point}/".replace("//", "/")


_UNSEEN = Mount(0, "", Path("/"), "unknown")
"""What a process that was locked into a folder (chroot) lies on: its table does not show it."""


def mounts() -> tuple[Mount, ...]:
    """Read the mount table of this process. Raises `OSError` without /proc."""
    return parse(_TABLE.read_bytes())


@lru_cache(maxsize=4)
def parse(table: bytes) -> tuple[Mount, ...]:
    """Parse a mount table; lines that are no mounts are passed over."""
    return tuple(mount for line in table.splitlines() if (mount := _parse_line(line)))


def mount_of(path: Path, table: tuple[Mount, ...] | None = None) -> Mount:
    """Return the mount on which a path lies, or would lie; links in it are followed."""
    real = Path(os.path.realpath(path))
    # Every claim and scan asks this: paths are compared as the text that they are.
    inside = f"{real}/".replace("//", "/")
    every = mounts() if table is None else table
    holders = [mount for mount in every if inside.startswith(mount.prefix)]
    if not holders:
        return _UNSEEN
    deepest = max(len(mount.point.parts) for mount in holders)
    # Of several mounts on one point, the last one covers the others.
    return [mount for mount in holders if len(mount.point.parts) == deepest][-1]


def mounted_below(folder: Path, table: tuple[Mount, ...] | None = None) -> frozenset[str]:
    """Return the paths below a folder, `/`-separated, on which something else is mounted."""
    inside = f"{os.path.realpath(folder)}/".replace("//", "/")
    return frozenset(
        mount.prefix.removeprefix(inside)[:-1]
        for mount in (mounts() if table is None else table)
        if mount.prefix.startswith(inside) and mount.prefix != inside
    )


def is_network(fstype: str) -> bool:
    """Tell whether changes made elsewhere reach that kind of file system unannounced."""
    return fstype in _NETWORK or fstype.startswith("fuse.")


def _parse_line(line: bytes) -> Mount | None:
    fields, separator, rest = line.partition(b" - ")
    before, after = fields.split(b" "), rest.split(b" ")
    if not separator or len(before) < 6 or not before[0].isdigit():
        return None
    point, fstype = os.fsdecode(before[4]), os.fsdecode(after[0])
    return Mount(int(before[0]), before[2].decode(), Path(_unescaped(point)), fstype)


def _unescaped(text: str) -> str:
    """Undo the octal escapes of space, tab, newline and backslash."""
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), text)
