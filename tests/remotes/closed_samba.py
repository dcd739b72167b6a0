"""A real Samba server that lets only one user in, and speaks only encrypted."""

from __future__ import annotations

import getpass
import subprocess
from pathlib import Path

from gateway.core.remotes import RemoteSettings
from gateway.core.secret import Secret
from tests.e2e.samba import Samba
from tests.remotes.shelves import DirectoryShelf

PASSWORD = "correct horse"


class ClosedSamba(Samba):
    """One server and the share it serves; start and kill it at will."""

    def __init__(self, root: Path, *, options: str = "server smb encrypt = required\n") -> None:
        self.folder = root / "served"
        self.folder.mkdir(parents=True)
        super().__init__(root / "samba", self.folder)
        config = root / "samba" / "smb.conf"
        text = config.read_text().replace("map to guest = Bad User", "map to guest = Never")
        text = text.replace("guest ok = yes", "guest ok = no")
        config.write_text(text.replace("[inbox]", f"server signing = mandatory\n{options}[inbox]"))
        subprocess.run(
            ("smbpasswd", "-c", str(config), "-s", "-a", getpass.getuser()),
            input=f"{PASSWORD}\n{PASSWORD}\n",
            text=True,
            check=True,
            capture_output=True,
        )

    def stop(self) -> None:
        """Stop the server."""
        self.kill()

    def settings(self, **changes: object) -> RemoteSettings:
        """Return settings with which the share is reached, or a folder of it."""
        usual: dict[str, object] = {
            "scheme": "smb",
            "host": "127.0.0.1",
            "port": self.port,
            "user": getpass.getuser(),
            "path": "/inbox",
            "password": Secret("password", PASSWORD),
            "settle": 0.0,
        }
        return RemoteSettings(**(usual | changes))  # type: ignore[arg-type]

    def shelf(self, name: str) -> DirectoryShelf:
        """Make a new folder."""
        (self.folder / name).mkdir()
        return DirectoryShelf(self, self.folder / name, f"/inbox/{name}")
