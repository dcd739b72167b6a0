"""A real WebDAV server on loopback, with TLS and one user."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from gateway.core.remotes import RemoteSettings
from gateway.core.secret import Secret
from tests.certificates import ServerCertificate
from tests.loopback import LoopbackServer
from tests.remotes.shelves import DirectoryShelf

PASSWORD = "correct hörse"


class WsgiDav(LoopbackServer):
    """One server and the folder it serves; start and kill it at will."""

    def __init__(self, root: Path) -> None:
        self.certificate = ServerCertificate.make(root)
        self.folder = root / "served"
        self.folder.mkdir()
        program = (sys.executable, "-m", "wsgidav.server.server_cli")
        super().__init__(root, *program, f"--config={root}/settings.json")
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
