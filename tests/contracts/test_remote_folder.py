"""What every remote folder does: list, claim by renaming, read on from an offset, remove."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.core.errors import ServiceFault, SiteFault
from gateway.core.secret import Secret
from gateway.ports.remotes import RemoteFolder
from gateway.remotes.connecting import connected
from tests.remotes.servers import SERVERS, served_by
from tests.remotes.shelves import Server, Shelf

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module", params=SERVERS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Run a server for the module."""
    with served_by(request.param, tmp_path_factory.mktemp("server") / "root") as made:
        yield made


@pytest.fixture
def shelf(server: Server) -> Shelf:
    """Return a new folder that the server gives access to."""
    return server.shelf(f"folder {next(_NUMBERS)}")


@pytest.fixture
def remote(shelf: Shelf) -> Iterator[RemoteFolder]:
    """Return the folder, connected."""
    with connected(shelf.settings()) as folder:
        yield folder


def test_plain_files_are_listed(remote: RemoteFolder, shelf: Shelf) -> None:
    """Each with its size, those of the folder itself only."""
    shelf.put("ä #%41+&.pdf", b"abc")
    shelf.put("z", b"")
    remote.rename("z", ".sealgate/z")
    (found,) = remote.list()
    assert (found.name, found.size) == ("ä #%41+&.pdf", 3)
    assert [file.name for file in remote.list(".sealgate")] == ["z"]
    assert remote.list("nothing") == ()


def test_a_change_shows(remote: RemoteFolder, shelf: Shelf) -> None:
    """A file that has not changed looks the same in each listing, another one does not."""
    shelf.put("a.pdf", b"abc")
    first = remote.list()
    assert remote.list() == first
    shelf.put("a.pdf", b"abcd")
    assert remote.list() != first


def test_long_listings_are_complete(remote: RemoteFolder, shelf: Shelf) -> None:
    """What comes in several answers is all listed."""
    names = {f"{number:04}-{'x' * 100}.pdf" for number in range(shelf.many)}
    for name in names:
        shelf.put(name, b"")
    assert {file.name for file in remote.list()} == names


def test_renaming_never_overwrites(remote: RemoteFolder, shelf: Shelf) -> None:
    """A taken name stays as it is, a source that is gone is told, folders are made."""
    shelf.put("one", b"1")
    shelf.put("two", b"2")
    assert not remote.rename("one", "two")
    assert shelf.get("two") == b"2"
    assert remote.rename("one", "a/b/one")
    assert not remote.rename("one", "a/b/other")
    assert shelf.get("a/b/one") == b"1"
    assert shelf.names() == ["a/b/one", "two"]


def test_what_was_claimed_is_put_away(remote: RemoteFolder, shelf: Shelf) -> None:
    """A claim moves on below its folder, however it came to be there."""
    shelf.put("file", b"1")
    assert remote.rename("file", ".sealgate/one.file")
    assert remote.rename(".sealgate/one.file", ".sealgate/taken/one.file")
    assert not remote.rename(".sealgate/one.file", ".sealgate/taken/two.file")
    assert shelf.get(".sealgate/taken/one.file") == b"1"
    assert shelf.names() == [".sealgate/taken/one.file"]
    assert remote.list(".sealgate") == ()


def _rename(folder: RemoteFolder, source: str, target: str) -> bool:
    try:
        return folder.rename(source, target)
    except ServiceFault as fault:
        if fault.code != "remote.file-busy":
            raise
        return False


def test_one_file_goes_to_one_of_two(shelf: Shelf) -> None:
    """Two gateways that claim the same files at the same time never both get one."""
    names = [f"{number} ü.pdf" for number in range(12)]
    for name in names:
        shelf.put(name, name.encode())
    with ExitStack() as stack:
        folders = [stack.enter_context(connected(shelf.settings())) for _ in range(3)]
        both = stack.enter_context(ThreadPoolExecutor(len(folders)))
        for name in names:
            targets = [f".sealgate/{number}.{name}" for number in range(len(folders))]
            got = list(both.map(_rename, folders, itertools.repeat(name), targets))
            claimed = [path for path in shelf.names() if path.startswith(".sealgate/")]
            assert sum(got) == 1, (got, claimed)
            assert claimed == [targets[got.index(True)]]
            assert shelf.get(claimed[0]) == name.encode()
            folders[got.index(True)].remove(claimed[0])
    assert shelf.names() == []


def test_reading_goes_on_at_an_offset(remote: RemoteFolder, shelf: Shelf, tmp_path: Path) -> None:
    """What is there already is not fetched again."""
    content = os.urandom(300_000)
    shelf.put("file", content)
    with (tmp_path / "local").open("wb") as local:
        local.write(content[:70_001])
        local.flush()
        remote.read("file", local.fileno(), 70_001, len(content))
        remote.read("file", local.fileno(), len(content), len(content))
    assert (tmp_path / "local").read_bytes() == content


def test_an_empty_file_is_read(remote: RemoteFolder, shelf: Shelf, tmp_path: Path) -> None:
    """Nothing comes, and that is all of it."""
    shelf.put("file", b"")
    with (tmp_path / "local").open("wb") as local:
        remote.read("file", local.fileno(), 0, 0)
    assert (tmp_path / "local").read_bytes() == b""


def test_no_more_is_read_than_was_listed(
    remote: RemoteFolder, shelf: Shelf, tmp_path: Path
) -> None:
    """A file that grows, or a server that does not end, takes no more room than it asked for."""
    shelf.put("file", b"x" * 300_000)
    with (tmp_path / "local").open("wb") as local, pytest.raises(ServiceFault) as caught:
        remote.read("file", local.fileno(), 0, 200_000)
    assert caught.value.code == "remote.protocol"
    assert (tmp_path / "local").stat().st_size <= 200_000


def test_a_full_disk_is_ours(remote: RemoteFolder, shelf: Shelf) -> None:
    """Nobody is sent to look at the server for that."""
    shelf.put("file", b"x" * 10_000)
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(SiteFault) as caught:
        remote.read("file", full.fileno(), 0, 10_000)
    assert caught.value.code == "site.disk-full"


@pytest.mark.parametrize("size", [0, 1, 300_001])
def test_files_are_written(remote: RemoteFolder, shelf: Shelf, tmp_path: Path, size: int) -> None:
    """All bytes arrive, wherever the local file was read to, and replace what was there."""
    shelf.put("file", os.urandom(400_000))
    content = os.urandom(size)
    local = tmp_path / "local"
    local.write_bytes(content)
    with local.open("rb") as opened:
        opened.read(7)
        remote.write(opened.fileno(), "file")
        remote.write(opened.fileno(), ".new")
    assert shelf.get("file") == shelf.get(".new") == content


def test_what_was_written_never_takes_a_name(
    remote: RemoteFolder, shelf: Shelf, tmp_path: Path
) -> None:
    """Written under a hidden name and renamed, a file leaves the one that has the name alone."""
    shelf.put("file", b"theirs")
    (tmp_path / "local").write_bytes(b"ours")
    with (tmp_path / "local").open("rb") as opened:
        remote.write(opened.fileno(), ".new")
    assert not remote.rename(".new", "file")
    assert remote.rename(".new", "file-2")
    assert shelf.get("file") == b"theirs"
    assert shelf.get("file-2") == b"ours"
    assert shelf.names() == ["file", "file-2"]


def test_removing_twice_is_no_error(remote: RemoteFolder, shelf: Shelf) -> None:
    """A file that is gone is gone."""
    shelf.put("file", b"x")
    remote.remove("file")
    remote.remove("file")
    assert remote.list() == ()


def test_a_missing_folder_is_told(server: Server, tmp_path: Path) -> None:
    """The folder itself, or what it is in, has to be there; nothing is made in its place."""
    missing = server.settings(path="/gone/gone")
    (tmp_path / "local").write_bytes(b"x")
    with (
        connected(missing) as remote,
        pytest.raises(ServiceFault, match=r"remote\.folder-missing"),
    ):
        remote.list()
    with (
        connected(missing) as remote,
        (tmp_path / "local").open("rb") as opened,
        pytest.raises(ServiceFault, match=r"remote\.folder-missing"),
    ):
        remote.write(opened.fileno(), "file")


def test_a_refused_login_is_told(shelf: Shelf) -> None:
    """A password that the server does not take is no passing trouble."""
    wrong = shelf.settings(key=None, password=Secret("password", "wrong"))
    with (
        pytest.raises(ServiceFault, match=r"remote\.login-refused"),
        connected(wrong) as remote,
    ):
        remote.list()


def test_no_server_is_told(server: Server) -> None:
    """Nobody listens there."""
    with (
        pytest.raises(ServiceFault, match=r"remote\.unreachable"),
        connected(server.settings(port=1)) as remote,
    ):
        remote.list()
