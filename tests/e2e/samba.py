"""A real Samba server on loopback, with settings and state of its own."""

from __future__ import annotations

import getpass
from pathlib import Path

from tests.loopback import LoopbackServer

SMBD = Path("/usr/sbin/smbd")


class Samba(LoopbackServer):
    """One server with one share for guests; kill and start it at will."""

    def __init__(self, root: Path, served: Path) -> None:
        root.mkdir(parents=True)
        command = (str(SMBD), "--foreground", "--no-process-group", "--debug-stdout")
        super().__init__(root, *command, f"--configfile={root}/smb.conf", patience=20)
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
