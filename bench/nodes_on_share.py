"""Let two machines seal the documents of a site on NFS or SMB, and cut one of them off amid.

Usage: python -m bench.nodes_on_share nfs|smb [--documents N] [--options MOUNT_OPTIONS]

Each machine is a User-mode Linux: a kernel of its own, with its own mount of the share and its own
cache of it. The share is served by NFS-Ganesha or Samba. Such a machine is slow: what is shown is
that nothing is lost or doubled, not how fast it is. Needs root and, from Debian: user-mode-linux
nfs-ganesha nfs-ganesha-vfs nfs-common samba cifs-utils kmod socat.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.measuring import say, until
from gateway.sandbox.process import SandboxProcess
from tests.e2e.nodes import move_to
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite
from tests.postgresql import lasting_server

_OPTIONS = {
    "nfs": "vers=4.2,hard,actimeo=1,lookupcache=positive,port={port}",
    "smb": "vers=3.1.1,guest,uid=0,gid=0,file_mode=0600,dir_mode=0700,cache=none,port={port}",
}
_PORTS = {"nfs": 12049, "smb": 12445}
_NODES = {"one": 1, "two": 2}
"""Each with the number of its network."""
_CODE = Path(__file__).parents[1]
_GANESHA = """
NFS_CORE_PARAM {{ NFS_Port = {port}; Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; }}
NFSv4 {{ Graceless = true; Minor_Versions = 1, 2; RecoveryRoot = {root}; }}
EXPORT {{
  Export_Id = 1; Path = {site}; Pseudo = /site; Access_Type = RW; Squash = No_Root_Squash;
  SecType = sys; Protocols = 4; Transports = TCP; FSAL {{ Name = VFS; }}
}}
"""
_SAMBA = """
[global]
smb ports = {port}
server min protocol = SMB3
map to guest = Bad User
guest account = root
private dir = {root}
state directory = {root}
cache directory = {root}
lock directory = {root}
pid directory = {root}
ncalrpc dir = {root}/ncalrpc
log file = {root}/log
[site]
path = {site}
read only = no
guest ok = yes
force user = root
"""


def main() -> int:
    """Print what came of it; 1 when anything was lost, doubled or not accounted for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(_OPTIONS))
    parser.add_argument("--documents", type=int, default=16)
    parser.add_argument("--options", help="of the mounts, instead of those of the manual")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sealgate-share-") as name:
        return _Trial(Path(name), chosen.kind, chosen.options or _OPTIONS[chosen.kind]).run(
            chosen.documents
        )


class _Trial:
    """One site on a share, with two machines."""

    def __init__(self, root: Path, kind: str, options: str) -> None:
        self._root = root
        self._kind = kind
        self._options = options.format(port=_PORTS[kind])
        self._site = TestSite.make(root / "site")
        self._processes: list[subprocess.Popen[bytes]] = []

    def run(self, documents: int) -> int:
        """Drop documents, cut the coordinator off amid, count."""
        site = self._site
        with lasting_server() as server:
            move_to(server, site, "share", "12s")
            with SandboxProcess(site.state) as service, self._ended():
                ports = (server.port, int(service.address.rpartition(":")[2]))
                self._serve(ports)
                machines = {name: self._machine(name, ports) for name in _NODES}
                until("both work", lambda: all(map(self._works, _NODES)), 120)
                for number in range(documents):
                    site.drop(
                        write_pdf(self._root / "one.pdf", (f"page of {number}",)), f"{number}.pdf"
                    )
                until("some are archived", lambda: self._archived() >= documents // 4, 600)
                lost, left = self._coordinator()
                os.killpg(machines[lost].pid, signal.SIGKILL)
                say(f"machine {lost} is gone after {self._archived()} documents")
                until("all are archived", lambda: self._archived() >= documents, 600)
                charged = site.usage()["charged"]
                (self._root / f"{left}.stop").touch()
                machines[left].wait(120)
            return self._told(documents, charged)

    def _told(self, documents: int, charged: int) -> int:
        site = self._site
        unanswered = len(site.events("sign.unanswered"))
        counts = (len(site.delivered()), len(site.events("result.delivered")))
        whole = site.call("log", "verify").returncode == 0
        passages = [one.name for one in (*site.state.iterdir(), *site.outbox.iterdir())]
        left = [name for name in passages if name.startswith(".sealgate")]
        say(f"{self._kind}, {self._options}: {counts[0]} results, {counts[1]} by the log,")
        say(f"{charged} charged, {unanswered} unanswered, failures {site.failures()}, left {left}")
        good = counts == (documents, documents) and not site.failures() and not left
        return 0 if good and whole and documents <= charged <= documents + unanswered else 1

    def _serve(self, ports: tuple[int, ...]) -> None:
        """Serve the share, and let machines reach what listens on loopback only."""
        folder = self._root / "served"
        folder.mkdir()
        template, command = {
            "nfs": (
                _GANESHA,
                ("ganesha.nfsd", "-F", "-L", f"{folder}/words", "-p", f"{folder}/pid"),
            ),
            "smb": (_SAMBA, ("smbd", "-F", "--no-process-group")),
        }[self._kind]
        text = template.format(port=_PORTS[self._kind], root=folder, site=self._site.root)
        settings = folder / "settings"
        settings.write_text(text)
        self._start(*command, "-f" if self._kind == "nfs" else "-s", str(settings))
        for number in _NODES.values():
            tap, address = f"sealgate{number}", f"10.77.{number}.1"
            for step in (
                ("tuntap", "add", "dev", tap, "mode", "tap"),
                ("addr", "add", f"{address}/24", "dev", tap),
                ("link", "set", tap, "up"),
            ):
                _ip(*step)
            for port in ports:
                listen = f"TCP-LISTEN:{port},bind={address},fork,reuseaddr"
                self._start("socat", listen, f"TCP:127.0.0.1:{port}")

    def _machine(self, name: str, ports: tuple[int, ...]) -> subprocess.Popen[bytes]:
        time.sleep(2)  # machines that start at the same time get in each other's way
        told = {
            "NODE": name,
            "NUMBER": _NODES[name],
            "KIND": self._kind,
            "OPTIONS": self._options,
            "PORTS": ",".join(map(str, ports)),
            "SITE": self._site.root,
            "FOLDER": self._root,
            "CODE": _CODE,
            "PYTHON": sys.executable,
        }
        return self._start(
            *("linux.uml", "mem=768M", "rootfstype=hostfs", "rootflags=/", "rw", "quiet"),
            *("con=null", "con0=null,fd:1", f"init={_CODE / 'bench' / 'node_machine.sh'}"),
            *(f"uml_dir={self._root}", f"umid={name}", f"eth0=tuntap,sealgate{_NODES[name]}"),
            *(f"SG_{key}={value}" for key, value in told.items()),
        )

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._root / "consoles").open("ab") as words:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    @contextmanager
    def _ended(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            for words in sorted(self._root.glob("*.words")):
                say(f"{words.name}:\n{words.read_text()[-2000:]}")
            raise
        finally:
            for process in self._processes:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            for number in _NODES.values():
                _ip("link", "delete", f"sealgate{number}")

    def _works(self, name: str) -> bool:
        words = self._root / f"{name}.words"
        said = words.read_text() if words.exists() else ""
        return "ready" in said or "standing by" in said

    def _archived(self) -> int:
        return len(list(self._site.archive.rglob("*-sealed.pdf")))

    def _coordinator(self) -> tuple[str, str]:
        """Return who coordinates, and the other one."""
        nodes = self._site.json("status", "--cluster")["nodes"]  # type: ignore[index]  # a table
        name = next(one["name"] for one in nodes if one["coordinating"])
        return name, next(other for other in _NODES if other != name)


def _ip(*step: str) -> None:
    command = ("ip", *step)
    subprocess.run(command, check=False)


if __name__ == "__main__":
    sys.exit(main())
