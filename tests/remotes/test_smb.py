"""What only SMB servers have: signing, encryption, files that are open elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import smbclient

from gateway.core.errors import ServiceFault
from gateway.remotes.smb import SmbFolder, connected
from tests.e2e.samba import SMBD, Samba
from tests.remotes.closed_samba import PASSWORD, ClosedSamba

pytestmark = pytest.mark.skipif(not SMBD.exists(), reason="needs Debian's samba")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClosedSamba]:
    """Run a server for the module."""
    samba = ClosedSamba(tmp_path_factory.mktemp("samba") / "root")
    samba.start()
    yield samba
    samba.kill()


@pytest.mark.parametrize(
    "options",
    ["server smb encrypt = off\n", "server max protocol = SMB2_10\n"],
    ids=["no encryption", "SMB 2"],
)
def test_servers_that_do_not_encrypt_are_told_nothing(tmp_path: Path, options: str) -> None:
    """No login is tried there."""
    samba = ClosedSamba(tmp_path / "root", options=options)
    samba.start()
    try:
        with (
            pytest.raises(ServiceFault, match=r"remote\.unprotected"),
            connected(samba.settings()),
        ):
            pass
    finally:
        samba.kill()


def test_nobody_is_a_guest(tmp_path: Path, server: ClosedSamba) -> None:
    """A server that takes an unknown user for a guest has not taken our login."""
    (tmp_path / "served").mkdir()
    samba = Samba(tmp_path / "samba", tmp_path / "served")
    samba.start()
    try:
        with (
            pytest.raises(ServiceFault, match=r"remote\.login-refused"),
            connected(server.settings(port=samba.port, user="stranger")),
        ):
            pass
    finally:
        samba.kill()


def _opened(server: ClosedSamba, path: str, share: str) -> object:
    settings = server.settings()
    return smbclient.open_file(
        rf"\\127.0.0.1\inbox\{path}",
        "r+b",
        0,
        share_access=share,
        username=settings.user,
        password=PASSWORD,
        port=server.port,
        connection_cache={},
    )


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_file_that_is_open_elsewhere_waits(server: ClosedSamba, tmp_path: Path) -> None:
    """While somebody still writes it nobody renames it, however the writer shares it."""
    shelf = server.shelf("open")
    for name, share in (("closed", "r"), ("shared", "rwd")):
        shelf.put(name, b"x")
        writer = _opened(server, rf"open\{name}", share)
        with connected(shelf.settings()) as remote, (tmp_path / "local").open("wb") as local:
            with pytest.raises(ServiceFault, match=r"remote\.file-busy"):
                remote.rename(name, f".sealgate/{name}")
            if share == "r":
                with pytest.raises(ServiceFault, match=r"remote\.file-busy"):
                    remote.read(name, local.fileno(), 0, 1 << 20)
            writer.close()  # type: ignore[attr-defined]
            assert remote.rename(name, f".sealgate/{name}")
            remote.read(f".sealgate/{name}", local.fileno(), 0, 1 << 20)
    assert shelf.names() == [".sealgate/closed", ".sealgate/shared"]


def test_names_in_other_cases_are_taken(server: ClosedSamba) -> None:
    """The server does not tell A from a: neither is overwritten by the other."""
    shelf = server.shelf("cases")
    shelf.put("A.pdf", b"theirs")
    shelf.put("ours", b"ours")
    with connected(shelf.settings()) as remote:
        assert not remote.rename("ours", "a.pdf")
    assert shelf.names() == ["A.pdf", "ours"]


def test_a_server_that_dies_is_told(server: ClosedSamba) -> None:
    """What was connected is unreachable when the server is gone."""
    shelf = server.shelf("dying")
    with connected(shelf.settings()) as remote:
        assert isinstance(remote, SmbFolder)
        server.kill()
        with pytest.raises(ServiceFault, match=r"remote\.unreachable"):
            remote.list()
    server.start()
    with connected(shelf.settings()) as remote:
        assert remote.list() == ()
