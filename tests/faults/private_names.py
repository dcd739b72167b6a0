"""A mount namespace of a daemon's own, in which the name of its service is known or is not.

The files by which the C library resolves names lie over those of the machine: one with the
name and its address, and one that names a DNS server where none is. So a name that is not in
the first is looked up at a server that is gone.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

NAME = "service.sealgate.test"
_LAID_OVER = """
mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && echo laid && exec cat
"""
_NOWHERE = "nameserver 127.255.255.254\noptions timeout:1 attempts:1\n"


class PrivateNames:
    """The namespace lives as long as this; daemons and mounts are put `inside`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._hosts, resolving = folder / "hosts", folder / "resolv.conf"
        resolving.write_text(_NOWHERE)
        self.tell(known=True)
        command = ("unshare", "--mount", "--propagation", "slave", "sh", "-c", _LAID_OVER, "sh")
        self._holder = subprocess.Popen(
            (*command, str(self._hosts), str(resolving)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"laid\n", "no namespace of its own"

    @property
    def inside(self) -> tuple[str, ...]:
        """Return the words before a command that is to run in there, as the same process."""
        return ("nsenter", f"--mount=/proc/{self._holder.pid}/ns/mnt", "--")

    def tell(self, *, known: bool) -> None:
        """Let the name be known, or let it be unknown and DNS gone."""
        line = f"127.0.0.1 {NAME}\n" if known else ""
        # In place: what is mounted is this file, not its name.
        with self._hosts.open("r+" if self._hosts.exists() else "w") as file:
            file.write(f"127.0.0.1 localhost\n{line}")
            file.truncate()

    def close(self) -> None:
        """Give the namespace up; who is inside stays there."""
        self._holder.communicate()
