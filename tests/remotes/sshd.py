"""A real OpenSSH server on loopback, with keys and settings of its own."""

from __future__ import annotations

import getpass
import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from gateway.core.remotes import RemoteSettings
from gateway.core.secret import Secret
from tests.remotes.shelves import DirectoryShelf


class Sshd:
    """One server and the folder it serves; start and stop it at will."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "served"
        self.folder.mkdir(parents=True)
        for name in ("host", "user"):
            command = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(root / name))
            subprocess.run(command, check=True)
        (root / "authorized").write_text((root / "user.pub").read_text())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (root / "config").write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {root}/host\nPidFile none\n"
            f"AuthorizedKeysFile {root}/authorized\nStrictModes no\nUsePAM no\n"
            "PasswordAuthentication no\nSubsystem sftp internal-sftp\n"
        )
        if os.geteuid() == 0:
            # Users other than root cannot look into root's temporary folder for their keys.
            with (root / "config").open("a") as config:
                config.write(f"AuthorizedKeysCommand /usr/bin/cat {root}/authorized\n")
                config.write("AuthorizedKeysCommandUser root\n")
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint of the host key."""
        command = ("ssh-keygen", "-lf", str(self.root / "host.pub"))
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[1]

    def settings(self, **changes: object) -> RemoteSettings:
        """Return settings with which the folder is reached."""
        usual: dict[str, object] = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": getpass.getuser(),
            "path": str(self.folder),
            "host_keys": (self.fingerprint,),
            "key": Secret("key", (self.root / "user").read_text()),
            "settle": 0.0,
        }
        return RemoteSettings(**(usual | changes))  # type: ignore[arg-type]

    def shelf(self, name: str) -> DirectoryShelf:
        """Make a new folder."""
        (self.folder / name).mkdir()
        return DirectoryShelf(self, self.folder / name, str(self.folder / name))

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self.root / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ("/usr/sbin/sshd", "-D", "-e", "-f", str(self.root / "config")),
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, (self.root / "log").read_text()
                time.sleep(0.05)

    def kill(self) -> None:
        """End the server and its sessions in the middle of what they do."""
        if self._process is None:
            return
        ends = [self._process.pid]
        for parent in ends:
            command = ("pgrep", "-P", str(parent))
            found = subprocess.run(command, capture_output=True, text=True, check=False)
            ends += map(int, found.stdout.split())
        for number in ends:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self._process.wait(20)
        self._process = None

    def stop(self) -> None:
        """Stop the server."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(20)
            self._process = None
