"""A server of somebody else's as a process of its own, on a port of loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path


class LoopbackServer:
    """Starts and kills a server whose words go to a file in `root`."""

    def __init__(self, root: Path, *command: str, patience: float = 30) -> None:
        self.root = root
        self._command = command
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self.root / "words").open("ab") as words:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )
        deadline = time.monotonic() + self._patience
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, (self.root / "words").read_text()
                time.sleep(0.05)

    def kill(self) -> None:
        """End the server and everybody it serves in the middle of what they do."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(20)
            self._process = None
