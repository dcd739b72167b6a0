"""The servers on which remote folders are tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from gateway.core.remotes import RemoteSettings
from tests.remotes.buckets import MotoS3
from tests.remotes.closed_samba import ClosedSamba
from tests.remotes.shelves import Server
from tests.remotes.sshd import Sshd
from tests.remotes.wsgidav_server import WsgiDav

SERVERS = ("sftp", "smb", "s3", "davs")

_KINDS: dict[str, Callable[[Path], Server]] = {
    "sftp": Sshd,
    "smb": ClosedSamba,
    "s3": MotoS3,
    "davs": WsgiDav,
}


@contextmanager
def served_by(scheme: str, root: Path) -> Iterator[Server]:
    """Run a server for the block."""
    server: Server = _KINDS[scheme](root)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def written(settings: RemoteSettings, secrets: Path) -> str:
    """Return how `gateway.yaml` names a remote folder; its secrets go into a folder."""
    user = quote(settings.user, safe="")
    address = f"{user}@{settings.host}:{settings.port}{quote(settings.path)}"
    words = {"url": f'"{settings.scheme}://{address}"'}
    if settings.host_keys:
        words["host_key"] = f'"{settings.host_keys[0]}"'
    if settings.certificates:
        words["certificate"] = f'"{settings.certificates[0]}"'
    for name, secret in (("password", settings.password), ("key", settings.key)):
        if secret is not None:
            file = secrets / f"remote-{name}"
            file.touch(0o600)
            file.write_text(secret.value)
            words[name] = f"{{secret: {file.name}}}"
    return ", ".join(f"{key}: {value}" for key, value in words.items())
