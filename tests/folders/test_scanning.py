"""What a scan takes, what it leaves and why."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.folders import durable
from gateway.folders.inbox import FolderInbox
from tests.folders.site import PDF, Site, names


def sources(inbox: FolderInbox) -> list[str]:
    """Return the paths of the candidates, sorted."""
    return sorted(candidate.source for candidate in inbox.examine()[0])


def reasons(inbox: FolderInbox) -> dict[str, str]:
    """Return why each bystander is left where it is."""
    return {bystander.source: bystander.why for bystander in inbox.examine()[1]}


def test_files_of_a_tree_are_found_with_their_structure(site: Site) -> None:
    """Plain files are candidates under their paths below the inbox, with their identity."""
    (site.drop / "2026" / "may").mkdir(parents=True)
    for path in ("a.pdf", "2026/b.pdf", "2026/may/c"):
        (site.drop / path).write_bytes(PDF)
    assert sources(site.inbox()) == ["2026/b.pdf", "2026/may/c", "a.pdf"]
    found = next(c for c in site.inbox().examine()[0] if c.source == "a.pdf")
    status = (site.drop / "a.pdf").stat()
    assert (found.inbox, found.size, found.modified) == ("main", len(PDF), status.st_mtime_ns)
    assert (found.device, found.inode) == (status.st_dev, status.st_ino)


def test_an_inbox_that_is_not_recursive_says_so_of_its_folders(site: Site) -> None:
    """Folders in a flat inbox are reported, their files are not taken."""
    (site.drop / "sub").mkdir()
    (site.drop / "sub" / "a.pdf").write_bytes(PDF)
    inbox = site.inbox(recursive=False)
    assert sources(inbox) == []
    assert "only the files at its top" in reasons(inbox)["sub"]


@pytest.mark.parametrize(
    "partial",
    [
        ".hidden.pdf",
        "._a.pdf",
        "~$a.pdf",
        "a.pdf.part",
        "a.pdf.PARTIAL",
        "a.pdf.filepart",
        "a.tmp",
        "a.pdf.crdownload",
        "a.pdf.writing",
        "@eaDir",
        "Thumbs.db",
        "desktop.ini",
        "a.syncthing.pdf",
    ],
)
def test_partial_names_are_passed_over(site: Site, partial: str) -> None:
    """A file or folder with the name of an unfinished or hidden thing is not even mentioned."""
    (site.drop / partial).write_bytes(PDF)
    (site.drop / "sub").mkdir()
    (site.drop / "sub" / partial).mkdir()
    (site.drop / "sub" / partial / "a.pdf").write_bytes(PDF)
    assert site.inbox().examine() == ((), ())


def test_what_is_no_plain_file_is_left_with_a_reason(site: Site, tmp_path: Path) -> None:
    """Links, pipes, sockets and files with a second name stay where they are, each explained."""
    (tmp_path / "outside.pdf").write_bytes(PDF)
    (site.drop / "link.pdf").symlink_to(tmp_path / "outside.pdf")
    (site.drop / "dangling.pdf").symlink_to("nowhere")
    os.mkfifo(site.drop / "pipe.pdf")
    os.link(tmp_path / "outside.pdf", site.drop / "second.pdf")
    with socket.socket(socket.AF_UNIX) as listener:
        home = os.open(site.drop, os.O_RDONLY)  # a socket's path must be short
        listener.bind(f"/proc/self/fd/{home}/socket.pdf")
        os.close(home)
        left = reasons(site.inbox())
    assert sources(site.inbox()) == []
    assert "link" in left["link.pdf"]
    assert "link" in left["dangling.pdf"]
    assert "pipe" in left["pipe.pdf"]
    assert "socket" in left["socket.pdf"]
    assert "second name" in left["second.pdf"]


def test_a_linked_folder_is_not_entered(site: Site, tmp_path: Path) -> None:
    """A link to a folder is a bystander, and nothing behind it is found."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.pdf").write_bytes(PDF)
    (site.drop / "sub").symlink_to(tmp_path / "elsewhere")
    assert sources(site.inbox()) == []
    assert list(reasons(site.inbox())) == ["sub"]


def test_an_inbox_may_itself_be_reached_through_a_link(site: Site, tmp_path: Path) -> None:
    """The operator's own path may lead through links; what lies below may not."""
    (site.drop / "a.pdf").write_bytes(PDF)
    (tmp_path / "alias").symlink_to(site.drop)
    assert sources(site.inbox(tmp_path / "alias")) == ["a.pdf"]


AWKWARD = [
    pytest.param([b"caf\xe9.pdf"], id="not-utf-8"),
    pytest.param([b"x" * 251 + b".pdf"], id="255-bytes"),
    pytest.param(["盖".encode() * 83 + b".pdf"], id="253-bytes-of-chinese"),
    pytest.param([b"A.PDF", b"a.pdf"], id="case"),
    pytest.param(["é.pdf".encode(), "e\u0301.pdf".encode()], id="nfc-and-nfd"),
    pytest.param([b"line\nbreak\t\\.pdf", b" .pdf", b"-rf"], id="separators"),
]


@pytest.mark.parametrize("written", AWKWARD)
def test_awkward_names_are_claimed_and_given_back(site: Site, written: list[bytes]) -> None:
    """Any name a file can have survives the way into the spool and back, byte for byte."""
    for name in written:
        (site.drop / os.fsdecode(name)).write_bytes(PDF + name)
    inbox = site.inbox()
    candidates, bystanders = inbox.examine()
    assert {os.fsencode(c.source) for c in candidates} == set(written)
    assert bystanders == ()
    for number, candidate in enumerate(candidates):
        spooled = inbox.spool_path(candidate, f"job-{number}")
        assert inbox.looks_complete(candidate)
        assert inbox.claim(candidate, spooled)
        assert spooled.read_bytes() == PDF + os.fsencode(candidate.source)
        assert inbox.give_back_changed(spooled, candidate.source, "") == candidate.source
    assert {os.fsencode(name) for name in names(site.drop)} == set(written)


def test_a_tree_moved_in_whole_is_found(site: Site, tmp_path: Path) -> None:
    """A folder that arrives by one rename is found with all its files."""
    (tmp_path / "batch" / "deep").mkdir(parents=True)
    (tmp_path / "batch" / "deep" / "a.pdf").write_bytes(PDF)
    inbox = site.inbox()
    assert sources(inbox) == []
    (tmp_path / "batch").rename(site.drop / "batch")
    assert sources(inbox) == ["batch/deep/a.pdf"]


def test_a_folder_on_another_device_is_left(site: Site, mount_tmpfs: Callable[..., Path]) -> None:
    """No rename leads out of a mount below the inbox, so it is reported instead."""
    other = mount_tmpfs(site.drop / "other")
    (other / "a.pdf").write_bytes(PDF)
    assert sources(site.inbox()) == []
    assert "another file system" in reasons(site.inbox())["other"]


@pytest.fixture
def deep(site: Site) -> Iterator[Callable[[str, int], int]]:
    """Return a maker of folders within each other, that yields the innermost's descriptor."""
    opened: list[int] = []

    def make(name: str, depth: int) -> int:
        folder = os.open(site.drop, os.O_RDONLY)
        for _ in range(depth):
            os.mkdir(name, dir_fd=folder)
            deeper = os.open(name, os.O_RDONLY, dir_fd=folder)
            os.close(folder)
            folder = deeper
        opened.append(folder)
        return folder

    yield make
    for folder in opened:
        os.close(folder)
    # Deeper than Python's own way of removing a tree can go.
    subprocess.run(["rm", "-rf", site.drop], check=True)


def test_a_deep_tree_is_walked_with_few_descriptors(
    site: Site, deep: Callable[[str, int], int]
) -> None:
    """Two thousand folders within each other are walked quickly, with a descriptor or two."""
    durable.write_exclusive("a.pdf", PDF, dir_fd=deep("d", 1900))
    inbox = site.inbox()
    before, began = names(Path("/proc/self/fd")), time.monotonic()
    candidates, bystanders = inbox.examine()
    assert time.monotonic() - began < 5
    assert [c.source for c in candidates] == ["d/" * 1900 + "a.pdf"]
    assert bystanders == ()
    spooled = inbox.spool_path(candidates[0], "job")
    assert inbox.claim(candidates[0], spooled)
    assert len(names(Path("/proc/self/fd"))) == len(before)


def test_a_tree_too_deep_for_a_path_is_reported(
    site: Site, deep: Callable[[str, int], int]
) -> None:
    """Where the system takes no path that long, the folder is left with a reason."""
    deep("d" * 200, 25)
    assert any("too deep" in why for why in reasons(site.inbox()).values())


def test_a_wide_tree_is_walked_quickly(site: Site) -> None:
    """Two thousand folders side by side take no longer than a blink."""
    for number in range(2000):
        (site.drop / f"{number}").mkdir()
        (site.drop / f"{number}" / "a.pdf").write_bytes(PDF)
    began = time.monotonic()
    assert len(sources(site.inbox())) == 2000
    assert time.monotonic() - began < 5


def test_entries_that_vanish_meanwhile_were_not_there(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file removed between listing and looking is no error."""
    for name in ("a.pdf", "b.pdf"):
        (site.drop / name).write_bytes(PDF)
    real = os.stat

    def removing(path: object, *rest: object, **named: object) -> os.stat_result:
        if path == "a.pdf":
            (site.drop / "a.pdf").unlink(missing_ok=True)
        return real(path, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", removing)
    assert sources(site.inbox()) == ["b.pdf"]


def test_what_may_not_be_moved_is_left(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that cannot be read and folders that cannot be written wait with a reason."""
    (site.drop / "locked").mkdir()
    (site.drop / "locked" / "a.pdf").write_bytes(PDF)
    (site.drop / "secret.pdf").write_bytes(PDF)
    locked = (site.drop / "locked").stat()

    def access(path: str, mode: int, *, dir_fd: int, effective_ids: bool) -> bool:
        folder = os.fstat(dir_fd)
        return path != "secret.pdf" and not os.path.samestat(folder, locked)

    monkeypatch.setattr(os, "access", access)
    assert sources(site.inbox()) == []
    left = reasons(site.inbox())
    assert "may not be read" in left["secret.pdf"]
    assert "nothing may be moved" in left["locked"]


def test_an_inbox_that_may_not_be_written_is_a_fault(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When nothing can be moved out of the inbox at all, its work is held."""
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(SiteFault) as caught:
        site.inbox().examine()
    assert caught.value.code == "site.denied"


def test_only_owners_move_files_out_of_a_sticky_folder(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the sticky bit keeps other people's files in place, they wait with a reason."""
    if os.geteuid() != 0:
        pytest.skip("giving a file to somebody else needs root")
    site.drop.chmod(0o1777)
    for name, owner in (("mine.pdf", 4242), ("theirs.pdf", 4243)):
        (site.drop / name).write_bytes(PDF)
        os.chown(site.drop / name, owner, owner)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    assert sources(site.inbox()) == ["mine.pdf"]
    assert "only owners" in reasons(site.inbox())["theirs.pdf"]


def test_a_missing_inbox_is_a_fault(site: Site) -> None:
    """A folder that is not there is told from an empty one, and is not made."""
    site.drop.rmdir()
    with pytest.raises(SiteFault) as caught:
        site.inbox().examine()
    assert caught.value.code == "site.folder-missing"
    assert "inbox" not in names(site.root)
