"""A real Samba server on loopback, with settings and state of its own."""

from __future__ import annotations

import getpass
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

SMBD = Path("/usr/sbin/smbd")


class Samba:
    """One server with one share for guests; kill and start it at will."""

    def __init__(self, root: Path, served: Path) -> None:
        root.mkdir(parents=True)
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        folders = "".join(
            f"{kind} directory = {root}/{kind}\n"
            for kind in ("lock", "state", "cache", "pid", "private")
        )
        (root / "smb.conf").write_text(
            "[global]\n"
            f"{folders}ncalrpc dir = {root}/ncalrpc\nlog file = {root}/log\n"
            f"smb ports = {self.port}\ninterfaces = lo\nbind interfaces only = yes\n"
            "server role = standalone server\nmap to guest = Bad User\n"
            f"guest account = {getpass.getuser()}\nload printers = no\ndisable spoolss = yes\n"
            f"[inbox]\npath = {served}\nguest ok = yes\nread only = no\n"
            "hide dot files = no\ncreate mask = 0660\n"
        )
        for kind in ("lock", "state", "cache", "pid", "private", "ncalrpc"):
            (root / kind).mkdir()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = (str(SMBD), "--foreground", "--no-process-group", "--debug-stdout")
        with (self._root / "words").open("ab") as words:
            self._process = subprocess.Popen(
                (*command, f"--configfile={self._root}/smb.conf"),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, (self._root / "words").read_text()
                time.sleep(0.05)

    def kill(self) -> None:
        """End the server and everybody it serves in the middle of what they do."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(20)
            self._process = None
