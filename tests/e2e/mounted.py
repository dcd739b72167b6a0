"""A folder as other machines see it: through a mount of one's own, by sshfs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.world import require
from tests.remotes.sshd import Sshd

UNCACHED = ("dir_cache=no", "entry_timeout=0", "attr_timeout=0")
"""Options with which sshfs shows at once what others do."""


class Mounted:
    """What lets a program see a folder through sshfs only; others go on seeing the disk."""

    def __init__(self, root: Path, *options: str) -> None:
        """Serve what is mounted from `root`, with settings and keys."""
        require("sshfs")
        if not Path("/dev/fuse").exists():
            pytest.skip("this machine has no /dev/fuse")
        self._server = Sshd(root)
        self._options = options
        self._server.start()

    @property
    def served(self) -> Path:
        """Return an empty folder that can be mounted."""
        return self._server.folder

    def around(self, folder: Path, point: Path, *, but: str = "") -> tuple[str, ...]:
        """Return what a command begins with to see `folder` at `point`; its process stays one.

        What is below it at `but` stays the disk's.
        """
        host, aside = self._server.settings(), self._server.root / "aside"
        options = (
            *("StrictHostKeyChecking=no", f"UserKnownHostsFile={self._server.root / 'known'}"),
            *(f"IdentityFile={self._server.root / 'user'}", *self._options),
        )
        mount = f"sshfs -p {host.port} -o {','.join(options)} {host.user}@{host.host}:{folder}"
        steps = [f"{mount} {point}", 'exec "$@"']
        if but:
            aside.mkdir(exist_ok=True)
            steps.insert(0, f"mount --bind {point / but} {aside}")
            steps.insert(2, f"mount --bind {aside} {point / but}")
        script = " && ".join(steps)
        return ("unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh")

    def end(self) -> None:
        """End the server with all connections, and so what is mounted."""
        self._server.kill()
