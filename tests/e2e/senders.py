"""Careful senders: each file under a partial name first, then renamed; after a break, the rest.

Where a connection broke, the last file is in doubt. If its partial name is still there it was
not renamed; so it is known of every file whether it has arrived, and none is sent twice.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from tests.e2e.samba import Samba
from tests.remotes.sshd import Sshd

_TOGETHER = 200
"""Files sent over one connection."""


class Sender(Protocol):
    """A way by which files come into a folder."""

    def send(self, files: Sequence[Path]) -> None:
        """Send all files, over as many connections as it takes."""

    def break_off(self) -> None:
        """Kill what serves the folder, and start it again."""

    def stop(self) -> None:
        """End what serves the folder."""


class Local:
    """Another program of this machine."""

    def __init__(self, root: Path, inbox: Path) -> None:
        self._inbox = inbox

    def send(self, files: Sequence[Path]) -> None:
        """Copy each, then rename it."""
        for file in files:
            partial = self._inbox / f".{file.name}.part"
            shutil.copyfile(file, partial)
            partial.rename(self._inbox / file.name)

    def break_off(self) -> None:
        """Do nothing: there is no server."""

    def stop(self) -> None:
        """Do nothing."""


class _Remote:
    """What senders over a network have in common: going on after a break."""

    def __init__(self, inbox: Path) -> None:
        self._inbox = inbox

    def send(self, files: Sequence[Path]) -> None:
        """Send in groups; of a group that was broken off, what has not arrived."""
        waiting = list(files)
        while waiting:
            group = waiting[:_TOGETHER]
            begun = self._sent(group)
            if begun == len(group):
                waiting = waiting[begun:]
                continue
            # The file whose turn it was, and those behind it, unless its rename was all but done.
            arrived = max(0, begun - 1)
            if begun and not (self._inbox / f".{group[begun - 1].name}.part").exists():
                arrived = begun
            waiting = waiting[arrived:]

    def _sent(self, group: Sequence[Path]) -> int:
        """Send a group over one connection; return of how many files the content has arrived."""
        raise NotImplementedError


class Sftp(_Remote):
    """A client of OpenSSH."""

    def __init__(self, root: Path, inbox: Path) -> None:
        super().__init__(inbox)
        self._server = Sshd(root / "sshd")
        self._server.start()

    def _sent(self, group: Sequence[Path]) -> int:
        server = self._server
        command = ["sftp", "-b", "-", "-P", str(server.port), "-i", str(server.root / "user")]
        command += ["-o", "StrictHostKeyChecking=no", "-o", "ConnectionAttempts=20"]
        command += ["-o", f"UserKnownHostsFile={server.root / 'known'}"]
        batch = "".join(
            f"put {file} {self._inbox}/.{file.name}.part\n"
            f"rename {self._inbox}/.{file.name}.part {self._inbox}/{file.name}\n"
            for file in group
        )
        host = server.settings()
        done = subprocess.run(
            (*command, f"{host.user}@{host.host}"),
            input=batch,
            text=True,
            capture_output=True,
            check=False,
            timeout=600,
        )
        # It says each command before it carries it out.
        return len(group) if done.returncode == 0 else done.stdout.count("sftp> rename ")

    def break_off(self) -> None:
        """Kill the server and its sessions, then start it again."""
        self._server.kill()
        self._server.start()

    def stop(self) -> None:
        """End the server."""
        self._server.stop()


class Smb(_Remote):
    """A client of Samba."""

    def __init__(self, root: Path, inbox: Path) -> None:
        super().__init__(inbox)
        self._server = Samba(root / "samba", inbox)
        self._server.start()

    def _sent(self, group: Sequence[Path]) -> int:
        commands = "".join(
            f"put {file} .{file.name}.part\nrename .{file.name}.part {file.name}\n"
            for file in group
        )
        done = subprocess.run(
            ("smbclient", "-N", "-p", str(self._server.port), "//127.0.0.1/inbox"),
            input=commands,
            text=True,
            capture_output=True,
            check=False,
            timeout=600,
        )
        told = done.stdout + done.stderr
        return told.count("putting file ") if "NT_STATUS" in told or done.returncode else len(group)

    def break_off(self) -> None:
        """Kill the server and its sessions, then start it again."""
        self._server.kill()
        self._server.start()

    def stop(self) -> None:
        """End the server."""
        self._server.kill()


WAYS: dict[str, type[Local] | type[Sftp] | type[Smb]] = {"local": Local, "sftp": Sftp, "smb": Smb}
