"""A manual's own world: mounts that only what is started in it sees, and that end with it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

_MANUALS = Path(__file__).parents[2] / "docs" / "integration"
# Users, server settings and homes are gone when it ends.
_WORLD = """
set -e
cp -a /etc "$1/etc"
mount --bind "$1/etc" /etc
mount -t tmpfs -o mode=755 tmpfs /srv
mount -t tmpfs -o mode=755 tmpfs /run
rm -f /etc/.pwd.lock /etc/passwd.lock /etc/group.lock /etc/shadow.lock /etc/gshadow.lock
eval "$2"
echo ready
exec sleep infinity
"""


def blocks(manual: str, kind: str) -> list[str]:
    """Return the fenced blocks of a kind of a manual."""
    text = (_MANUALS / manual).read_text(encoding="utf-8")
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def require(*tools: str) -> None:
    """Skip the test unless we are root and have what makes a world."""
    if os.geteuid() != 0:
        pytest.skip("following the manual needs root")
    for tool in ("unshare", "nsenter", "setpriv", *tools):
        if shutil.which(tool) is None:
            pytest.skip(f"not installed: {tool}")


class World:
    """A mount namespace in which a manual is followed."""

    def __init__(self, root: Path, preparation: str) -> None:
        self.root = root
        root.mkdir()
        command = ("unshare", "--mount", "--propagation", "private", "sh", "-c", _WORLD, "sh")
        self._holder = subprocess.Popen((*command, str(root), preparation), stdout=subprocess.PIPE)
        self.inside = ("nsenter", "--target", str(self._holder.pid), "--mount", "--")
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != b"ready\n":
            pytest.skip("this machine does not let root have mounts of its own")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def do(self, script: str) -> str:
        """Run shell commands inside, in the world's folder."""
        command = (*self.inside, "sh", "-ec", f"cd '{self.root}'\nPATH=$PATH:/usr/sbin\n{script}")
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def size(self, path: str) -> int:
        """Return the size of a file inside; 0 when it is not there."""
        return int(self.do(f"stat -c %s '{path}' 2>/dev/null || echo 0"))

    def end(self) -> None:
        """End the world."""
        self._holder.send_signal(signal.SIGTERM)
        self._holder.wait(20)
