"""A real WebDAV server on loopback, with TLS and one user."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from gateway.core.remotes import RemoteSettings
from gateway.core.secret import Secret
from tests.remotes.certificates import ServerCertificate
from tests.remotes.shelves import DirectoryShelf

PASSWORD = "correct hörse"


class WsgiDav:
    """One server and the folder it serves; start and kill it at will."""

    def __init__(self, root: Path) -> None:
        self.certificate = ServerCertificate.make(root)
        self.folder = root / "served"
        self.folder.mkdir()
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        settings = {
            "host": "127.0.0.1",
            "port": self.port,
            "server": "cheroot",
            "provider_mapping": {"/dav": str(self.folder)},
            "http_authenticator": {
                "accept_basic": True,
                "accept_digest": False,
                "default_to_digest": False,
            },
            "simple_dc": {"user_mapping": {"*": {"me@here": {"password": PASSWORD}}}},
            "ssl_certificate": str(self.certificate.certificate),
            "ssl_private_key": str(self.certificate.key),
            "logging": {"enable": False},
            "dir_browser": {"enable": False},
        }
        (root / "settings.json").write_text(json.dumps(settings))

    def start(self) -> None:
        """Start the server and wait until it answers."""
        program = (sys.executable, "-m", "wsgidav.server.server_cli")
        with (self._root / "words").open("ab") as words:
            self._process = subprocess.Popen(
                (*program, f"--config={self._root}/settings.json"),
                stdout=words,
                stderr=words,
                start_new_session=True,
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, (self._root / "words").read_text()
                time.sleep(0.05)

    def kill(self) -> None:
        """End the server in the middle of what it does."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(20)
            self._process = None

    def stop(self) -> None:
        """Stop the server."""
        self.kill()

    def settings(self, **changes: object) -> RemoteSettings:
        """Return settings with which the server is reached."""
        usual: dict[str, object] = {
            "scheme": "davs",
            "host": "127.0.0.1",
            "port": self.port,
            "user": "me@here",
            "password": Secret("password", PASSWORD),
            "path": "/dav",
            "certificates": (self.certificate.fingerprint,),
            "settle": 0.0,
        }
        return RemoteSettings(**(usual | changes))  # type: ignore[arg-type]

    def shelf(self, name: str) -> DirectoryShelf:
        """Make a new folder."""
        (self.folder / name).mkdir()
        return DirectoryShelf(self, self.folder / name, f"/dav/{name}")
