"""Files become visible whole or not at all, and never in another file's place."""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.folders import durable, exclusive
from gateway.folders.faults import as_site_fault, site_fault
from gateway.folders.hashing import hashed
from gateway.folders.opening import open_folder, open_regular, parts, reading
from tests.folders.site import names


def no_nameless_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Play a file system without O_TMPFILE."""
    real = os.open

    def refuse(path: object, flags: int, *rest: object, **named: object) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "no nameless files")
        return real(path, flags, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)


def no_exclusive_rename(monkeypatch: pytest.MonkeyPatch) -> None:
    """Play a file system without renameat2's flags, as NFS."""
    monkeypatch.setattr(exclusive, "_renameat2", lambda: None)


def no_hard_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Play a file system without hard links, as FAT."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no hard links")

    monkeypatch.setattr(os, "link", refuse)


WAYS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], ...]] = {
    "nameless": (),
    "exclusive-rename": (no_nameless_files,),
    "hard-link": (no_nameless_files, no_exclusive_rename),
    "reservation": (no_nameless_files, no_exclusive_rename, no_hard_links),
}


@pytest.fixture(params=WAYS)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test as on each kind of file system."""
    for missing in WAYS[request.param]:
        missing(monkeypatch)


@pytest.fixture(params=[0o000, 0o077, 0o137])
def _umask(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Run a test under each umask, its own folder being made before."""
    former = os.umask(request.param)
    yield
    os.umask(former)


@pytest.mark.usefixtures("_way")
def test_write_exclusive_creates_the_whole_file_alone(tmp_path: Path) -> None:
    """A written file is there with its content and mode, and nothing else is."""
    durable.write_exclusive(tmp_path / "a.json", b"content", mode=0o640)
    assert (tmp_path / "a.json").read_bytes() == b"content"
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o640
    assert (tmp_path / "a.json").stat().st_nlink == 1
    assert names(tmp_path) == ["a.json"]


@pytest.mark.usefixtures("_way")
def test_write_exclusive_leaves_a_taken_name_alone(tmp_path: Path) -> None:
    """A name that is taken, be it by a link to nowhere, keeps what it has."""
    (tmp_path / "a").write_text("theirs")
    (tmp_path / "b").symlink_to("nowhere")
    for name in ("a", "b"):
        with pytest.raises(FileExistsError):
            durable.write_exclusive(tmp_path / name, b"ours")
    assert (tmp_path / "a").read_text() == "theirs"
    assert names(tmp_path) == ["a", "b"]


@pytest.mark.usefixtures("_way")
def test_copy_exclusive_reports_what_reached_the_disk(tmp_path: Path) -> None:
    """A copy has the source's bytes, and its hash and size are those of the copy."""
    source = tmp_path / "source"
    source.write_bytes(os.urandom(3 << 20))
    with reading(source) as descriptor:
        written = durable.copy_exclusive(descriptor, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == source.read_bytes()
    with reading(source) as descriptor:
        assert written == hashed(descriptor)
    assert names(tmp_path) == ["copy", "source"]


@pytest.mark.usefixtures("_way")
def test_a_copy_that_is_not_as_expected_gets_no_name(tmp_path: Path) -> None:
    """Bytes whose hash is not the expected one never become visible."""
    (tmp_path / "source").write_bytes(b"damaged")
    with reading(tmp_path / "source") as source, pytest.raises(durable.Mismatch):
        durable.copy_exclusive(source, tmp_path / "copy", expected="0" * 64)
    assert names(tmp_path) == ["source"]


def test_a_copy_goes_on_where_the_kernels_copy_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the kernel cannot copy between two files, bytes are read and written."""

    def refuse(*_: object) -> int:
        raise OSError(errno.EXDEV, "not across")

    monkeypatch.setattr(os, "copy_file_range", refuse)
    (tmp_path / "source").write_bytes(b"x" * (2 << 20))
    with reading(tmp_path / "source") as source:
        assert durable.copy_exclusive(source, tmp_path / "copy").size == 2 << 20


@pytest.mark.usefixtures("_umask")
def test_modes_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    """Files and folders get the mode that was asked for under any umask."""
    with open_folder(tmp_path, ("made",), create=True, mode=0o750) as folder:
        durable.write_exclusive("file", b"", mode=0o640, dir_fd=folder)
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o750
    assert stat.S_IMODE((tmp_path / "made" / "file").stat().st_mode) == 0o640


def test_a_made_folder_keeps_its_groups_bit(tmp_path: Path) -> None:
    """A folder below one that hands its group on does so as well."""
    tmp_path.chmod(0o2770)
    with open_folder(tmp_path, ("made",), create=True):
        pass
    assert (tmp_path / "made").stat().st_mode & stat.S_ISGID


def test_a_group_that_may_write_above_may_write_below(tmp_path: Path) -> None:
    """Only where it is asked for, and then in every folder that is made."""
    tmp_path.chmod(0o2770)
    with open_folder(tmp_path, ("shared", "deeper"), create=True, as_above=True):
        pass
    with open_folder(tmp_path, ("plain",), create=True):
        pass
    for name, mode in (("shared", 0o2770), ("shared/deeper", 0o2770), ("plain", 0o2750)):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode, name


def test_replace_puts_new_content_under_the_same_name(tmp_path: Path) -> None:
    """A file of our own is replaced whole, and no temporary name is left."""
    durable.replace(tmp_path / "own", b"old")
    written = durable.replace(tmp_path / "own", b"new content")
    assert (tmp_path / "own").read_bytes() == b"new content"
    assert written.size == 11
    assert names(tmp_path) == ["own"]


@pytest.mark.usefixtures("_way")
def test_move_exclusive_takes_nobodys_place(tmp_path: Path) -> None:
    """A move gets a free name, and is refused one that something else has."""
    (tmp_path / "one").write_text("one")
    (tmp_path / "two").write_text("two")
    with pytest.raises(FileExistsError):
        durable.move_exclusive(tmp_path / "one", tmp_path / "two")
    durable.move_exclusive(tmp_path / "one", tmp_path / "three")
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"two": "two", "three": "one"}


@pytest.mark.usefixtures("_way")
def test_an_interrupted_move_is_finished(tmp_path: Path) -> None:
    """When both names have the same bytes, only the old one goes."""
    (tmp_path / "old").write_text("same")
    (tmp_path / "new").write_text("same")
    durable.move_exclusive(tmp_path / "old", tmp_path / "new")
    assert names(tmp_path) == ["new"]


def test_a_move_that_stopped_between_two_links_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a move is a second link and a removal, stopping in between does no harm."""
    (tmp_path / "old").write_text("same")
    os.link(tmp_path / "old", tmp_path / "new")
    no_exclusive_rename(monkeypatch)
    durable.move_exclusive(tmp_path / "old", tmp_path / "new")
    assert names(tmp_path) == ["new"]


def test_a_move_does_not_merge_into_a_link(tmp_path: Path) -> None:
    """A link to equal bytes is not the file that was moved."""
    (tmp_path / "old").write_text("same")
    (tmp_path / "elsewhere").write_text("same")
    (tmp_path / "new").symlink_to("elsewhere")
    with pytest.raises(FileExistsError):
        durable.move_exclusive(tmp_path / "old", tmp_path / "new")
    assert (tmp_path / "old").exists()


def test_a_move_to_another_device_keeps_time_and_mode(
    tmp_path: Path, mount_tmpfs: Callable[..., Path]
) -> None:
    """Between file systems a file is copied with its time and permissions, then removed."""
    other = mount_tmpfs(tmp_path / "other")
    source = tmp_path / "old"
    source.write_bytes(b"content")
    source.chmod(0o604)
    os.utime(source, ns=(5, 7_000_000_123))
    durable.move_exclusive(source, other / "new")
    status = (other / "new").stat()
    assert (other / "new").read_bytes() == b"content"
    assert (stat.S_IMODE(status.st_mode), status.st_mtime_ns) == (0o604, 7_000_000_123)
    assert not source.exists()


@pytest.mark.usefixtures("_way")
def test_of_many_threads_one_gets_the_name(tmp_path: Path) -> None:
    """Threads that race for one name leave exactly one winner, whose content is whole."""
    start, won = threading.Barrier(8), []

    def race(number: int) -> None:
        start.wait()
        try:
            durable.write_exclusive(tmp_path / "name", bytes([number]) * 5000)
            won.append(number)
        except FileExistsError:
            pass

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert (tmp_path / "name").read_bytes() == bytes(won) * 5000
    assert names(tmp_path) == ["name"]


@pytest.mark.parametrize("way", ["nameless", "exclusive-rename"])
def test_a_full_disk_leaves_no_name(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mount_tmpfs: Callable[..., Path],
    way: str,
) -> None:
    """When the disk is full, the fault says so and nothing of the file is to be seen."""
    small = mount_tmpfs(tmp_path / "small", size="64k")
    for missing in WAYS[way]:
        missing(monkeypatch)
    with pytest.raises(SiteFault) as caught, as_site_fault(small):
        durable.write_exclusive(small / "big", b"x" * 200_000)
    assert caught.value.code == "site.disk-full"
    assert names(small) == []
    durable.write_exclusive(small / "fits", b"x" * 10_000)
    assert names(small) == ["fits"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "site.disk-full"),
        (errno.EDQUOT, "site.disk-full"),
        (errno.EACCES, "site.denied"),
        (errno.EROFS, "site.denied"),
        (errno.ENOENT, "site.folder-missing"),
        (errno.EIO, "site.input-output"),
        (errno.ESTALE, "site.input-output"),
        (errno.ENOTCONN, "site.input-output"),
    ],
)
def test_errors_are_named_by_their_number(number: int, code: str) -> None:
    """Each operating system error becomes the site fault a person can act on."""
    fault = site_fault(OSError(number, "raw"), Path("/srv/näme"))
    assert fault.code == code
    assert "/srv/näme" in fault.sentence


def test_only_plain_files_are_opened(tmp_path: Path) -> None:
    """Links, pipes, sockets' names and folders are refused at once, without blocking."""
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "."):
        with pytest.raises(OSError, match=r"plain file|symbolic links") as caught:
            open_regular(tmp_path / name)
        assert caught.value.errno == errno.ELOOP


def test_a_path_cannot_lead_out_of_its_folder() -> None:
    """Dot-dot is refused, needless separators are ignored."""
    assert parts("/a//./b/") == ("a", "b")
    with pytest.raises(PermissionError):
        parts("a/../../b")


def test_a_link_in_the_way_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    """No folder is made or opened behind a link that lies below the root."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "sub").symlink_to(tmp_path / "elsewhere")
    with (
        pytest.raises(OSError, match="no folder") as caught,
        open_folder(tmp_path / "root", ("sub", "deeper"), create=True),
    ):
        pass
    assert caught.value.errno == errno.ELOOP
    assert names(tmp_path / "elsewhere") == []
