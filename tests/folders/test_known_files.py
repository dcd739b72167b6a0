"""A large file need not be read again while the kernel says that nothing has changed it."""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.folders.filesystems import mount_of
from gateway.folders.hashing import LARGE
from gateway.folders.known_files import _COARSE, _TELLING, KnownFiles
from gateway.folders.opening import reading

HASH = "0" * 64


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"x")


def _overwrite(path: Path) -> None:
    """Change a byte and set the times back, as far as a program can."""
    status = path.stat()
    with path.open("r+b") as file:
        file.write(b"x")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _store(path: Path) -> None:
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        data[LARGE // 2] = 7


def _put_in_place(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.rename(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a large file that rests for a moment."""
    if mount_of(tmp_path).fstype not in _TELLING:
        pytest.skip(f"{tmp_path} is on a file system that tells too little")
    made = tmp_path / "file"
    made.write_bytes(bytes(LARGE))
    _rest(made)
    return made


def _rest(path: Path) -> None:
    """Wait until the clock of files, which goes on in steps, has left the last change behind."""
    while time.clock_gettime_ns(_COARSE) <= path.stat().st_ctime_ns:
        time.sleep(0.001)


def known(path: Path) -> KnownFiles:
    """Return what knows the file now."""
    files = KnownFiles()
    with reading(path) as file:
        files.remember(path, files.look(path, file), HASH)
    return files


def unchanged(files: KnownFiles, path: Path, sha256: str = HASH) -> bool:
    """Tell whether the file is the one that is known."""
    with reading(path) as file:
        return files.unchanged(path, file, sha256)


def test_an_untouched_file_is_known(path: Path) -> None:
    """What nobody touched is what it was, and only under its hash; reading it changes nothing."""
    assert not unchanged(known(path), path, "1" * 64)
    files = known(path)
    path.read_bytes()
    assert unchanged(files, path)


@pytest.mark.parametrize("change", [_append, _overwrite, _store, _put_in_place])
def test_a_changed_file_is_read(path: Path, change: Callable[[Path], None]) -> None:
    """No way of changing a file escapes: by writing, through memory, with its times set back."""
    files = known(path)
    change(path)
    assert not unchanged(files, path)


def test_a_file_that_may_change_is_not_known(path: Path) -> None:
    """With a writer, when it is looked at or when it is asked for, a file is read again."""
    with path.open("r+b"):
        files = known(path)
    assert not unchanged(files, path)
    files = known(path)
    with path.open("r+b"):
        assert not unchanged(files, path)


def test_what_changed_this_moment_is_not_known(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a later change could have the same time as the last one, a file is read again."""
    changed = path.stat().st_ctime_ns
    monkeypatch.setattr(time, "clock_gettime_ns", lambda _: changed)
    assert not unchanged(known(path), path)
    monkeypatch.setattr(time, "clock_gettime_ns", lambda _: changed + 1)
    assert unchanged(known(path), path)


def test_a_small_file_is_read(tmp_path: Path) -> None:
    """To ask costs more than to read."""
    small = tmp_path / "small"
    small.write_bytes(b"x")
    _rest(small)
    assert not unchanged(known(small), small)
