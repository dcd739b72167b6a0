"""What every remote folder does: list, claim by renaming, read on from an offset, remove."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.core.errors import ServiceFault
from gateway.core.secret import Secret
from gateway.ports.remotes import RemoteFile, RemoteFolder
from gateway.remotes.sftp import connected
from tests.remotes.sshd import Sshd


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """Run a server for the module."""
    sshd = Sshd(tmp_path_factory.mktemp("sshd"))
    sshd.start()
    yield sshd
    sshd.stop()


@pytest.fixture
def served(server: Sshd, tmp_path: Path) -> Path:
    """Return a new folder that the server gives access to."""
    return tmp_path


@pytest.fixture
def remote(server: Sshd, served: Path) -> Iterator[RemoteFolder]:
    """Return the folder, connected."""
    with connected(server.settings(path=str(served))) as folder:
        yield folder


def test_plain_files_are_listed(remote: RemoteFolder, served: Path) -> None:
    """Size and time are the server's; folders and links are left out."""
    (served / "ä.pdf").write_bytes(b"abc")
    os.utime(served / "ä.pdf", (1000, 1000))
    (served / "folder").mkdir()
    (served / "link").symlink_to("/etc/passwd")
    assert remote.list() == (RemoteFile("ä.pdf", 3, 1000),)
    assert remote.list("nothing") == ()


def test_names_in_no_utf8_are_listed(remote: RemoteFolder, served: Path) -> None:
    """Such a name does not hide the others; its odd bytes stand in it as surrogates."""
    for name in (b"\xe4.pdf", b"b.pdf"):
        (served / os.fsdecode(name)).write_bytes(b"x")
    assert sorted(file.name for file in remote.list()) == ["b.pdf", "\udce4.pdf"]


def test_long_listings_are_complete(remote: RemoteFolder, served: Path) -> None:
    """What comes in several answers is all listed."""
    names = {f"{number:03}-{'x' * 100}.pdf" for number in range(500)}
    for name in names:
        (served / name).touch()
    assert {file.name for file in remote.list()} == names


def test_renaming_never_overwrites(remote: RemoteFolder, served: Path) -> None:
    """A taken name stays as it is, a source that is gone is told, folders are made."""
    (served / "one").write_bytes(b"1")
    (served / "two").write_bytes(b"2")
    assert not remote.rename("one", "two")
    assert (served / "two").read_bytes() == b"2"
    assert remote.rename("one", "a/b/one")
    assert not remote.rename("one", "a/b/other")
    assert (served / "a" / "b" / "one").read_bytes() == b"1"


def test_reading_goes_on_at_an_offset(remote: RemoteFolder, served: Path, tmp_path: Path) -> None:
    """What is there already is not fetched again."""
    content = os.urandom(300_000)
    (served / "file").write_bytes(content)
    with (tmp_path / "local").open("wb") as local:
        local.write(content[:70_001])
        local.flush()
        remote.read("file", local.fileno(), 70_001)
    assert (tmp_path / "local").read_bytes() == content


@pytest.mark.parametrize("size", [0, 1, 300_001])
def test_files_are_written(remote: RemoteFolder, served: Path, tmp_path: Path, size: int) -> None:
    """All bytes arrive, wherever the local file was read to, and replace what was there."""
    (served / "file").write_bytes(os.urandom(400_000))
    content = os.urandom(size)
    local = tmp_path / "local"
    local.write_bytes(content)
    with local.open("rb") as opened:
        opened.read(7)
        remote.write(opened.fileno(), "file")
        remote.write(opened.fileno(), ".new")
    assert (served / "file").read_bytes() == (served / ".new").read_bytes() == content


def test_what_was_written_never_takes_a_name(
    remote: RemoteFolder, served: Path, tmp_path: Path
) -> None:
    """Written under a hidden name and renamed, a file leaves the one that has the name alone."""
    (served / "file").write_bytes(b"theirs")
    (tmp_path / "local").write_bytes(b"ours")
    with (tmp_path / "local").open("rb") as opened:
        remote.write(opened.fileno(), ".new")
    assert not remote.rename(".new", "file")
    assert remote.rename(".new", "file-2")
    assert (served / "file").read_bytes() == b"theirs"
    assert (served / "file-2").read_bytes() == b"ours"


def test_writing_to_a_missing_folder_is_told(server: Sshd, tmp_path: Path) -> None:
    """Nothing is made where the folder is not."""
    (tmp_path / "local").write_bytes(b"x")
    with (
        connected(server.settings(path=str(tmp_path / "gone"))) as remote,
        (tmp_path / "local").open("rb") as opened,
        pytest.raises(ServiceFault, match=r"remote\.folder-missing"),
    ):
        remote.write(opened.fileno(), "file")


def test_removing_twice_is_no_error(remote: RemoteFolder, served: Path) -> None:
    """A file that is gone is gone."""
    (served / "file").write_bytes(b"x")
    remote.remove("file")
    remote.remove("file")
    assert remote.list() == ()


def test_a_missing_folder_is_told(server: Sshd, tmp_path: Path) -> None:
    """The folder itself has to be there."""
    with (
        connected(server.settings(path=str(tmp_path / "gone"))) as remote,
        pytest.raises(ServiceFault, match=r"remote\.folder-missing"),
    ):
        remote.list()


def test_another_host_key_ends_the_talk(server: Sshd) -> None:
    """No login is tried at a server whose key is not the pinned one."""
    other = server.settings(host_keys=("SHA256:" + "A" * 43,))
    with pytest.raises(ServiceFault, match=r"remote\.host-key-changed"), connected(other):
        pass


def test_a_refused_login_is_told(server: Sshd) -> None:
    """A key that the server does not know is no passing trouble."""
    key = Secret("key", (server.root / "host").read_text())
    with (
        pytest.raises(ServiceFault, match=r"remote\.login-refused"),
        connected(server.settings(key=key)),
    ):
        pass


def test_no_server_is_told(server: Sshd) -> None:
    """Nobody listens there."""
    with (
        pytest.raises(ServiceFault, match=r"remote\.unreachable"),
        connected(server.settings(port=1)),
    ):
        pass
