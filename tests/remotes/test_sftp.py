"""What only SFTP servers have: host keys, links, names of bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from gateway.core.errors import ServiceFault
from gateway.core.secret import Secret
from gateway.ports.remotes import RemoteFile
from gateway.remotes.sftp import connected
from tests.remotes.sshd import Sshd


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """Run a server for the module."""
    sshd = Sshd(tmp_path_factory.mktemp("sshd"))
    sshd.start()
    yield sshd
    sshd.stop()


def test_only_plain_files_are_listed(server: Sshd) -> None:
    """Size and time are the server's; folders and links are left out."""
    shelf = server.shelf("plain")
    shelf.put("ä.pdf", b"abc")
    os.utime(shelf.folder / "ä.pdf", (1000, 1000))
    (shelf.folder / "folder").mkdir()
    (shelf.folder / "link").symlink_to("/etc/passwd")
    with connected(shelf.settings()) as remote:
        assert remote.list() == (RemoteFile("ä.pdf", 3, 1000),)


def test_names_in_no_utf8_are_listed(server: Sshd) -> None:
    """Such a name does not hide the others; its odd bytes stand in it as surrogates."""
    shelf = server.shelf("odd")
    for name in (b"\xe4.pdf", b"b.pdf"):
        shelf.put(os.fsdecode(name), b"x")
    with connected(shelf.settings()) as remote:
        assert sorted(file.name for file in remote.list()) == ["b.pdf", "\udce4.pdf"]


def test_another_host_key_ends_the_talk(server: Sshd) -> None:
    """No login is tried at a server whose key is not the pinned one."""
    other = server.settings(host_keys=("SHA256:" + "A" * 43,))
    with pytest.raises(ServiceFault, match=r"remote\.host-key-changed"), connected(other):
        pass


def test_a_refused_key_is_told(server: Sshd) -> None:
    """A key that the server does not know is no passing trouble."""
    key = Secret("key", (server.root / "host").read_text())
    with (
        pytest.raises(ServiceFault, match=r"remote\.login-refused"),
        connected(server.settings(key=key)),
    ):
        pass


def test_a_server_that_ends_at_the_login_has_not_refused_it(tmp_path: Path) -> None:
    """Such a death is passing trouble; no person has to end the hold."""
    mortal = Sshd(tmp_path / "sshd")
    mortal.start()
    real = paramiko.Transport.auth_publickey

    def killed(*arguments: object) -> object:
        mortal.kill()
        return real(*arguments)  # type: ignore[arg-type]

    with (
        pytest.MonkeyPatch.context() as patch,
        pytest.raises(ServiceFault, match=r"remote\.unreachable"),
    ):
        patch.setattr(paramiko.Transport, "auth_publickey", killed)
        with connected(mortal.settings()):
            pass


def test_a_server_that_hangs_up_on_a_login_has_refused_it(tmp_path: Path) -> None:
    """Where one attempt is one too many, the server says so in ending the connection."""
    strict = Sshd(tmp_path / "sshd")
    with (strict.root / "config").open("a") as config:
        config.write("MaxAuthTries 1\n")
    strict.start()
    key = Secret("key", (strict.root / "host").read_text())
    try:
        with (
            pytest.raises(ServiceFault, match=r"remote\.login-refused"),
            connected(strict.settings(key=key)),
        ):
            pass
    finally:
        strict.kill()
