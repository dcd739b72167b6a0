"""The files that a request is about, as descriptors that the parent opened for it.

A child may open no file of a user's by its name (`confinement`): names stand for descriptors that
came with the request. Whoever opens one has a position of his own in it, as if he had opened the
file himself. A process that was given nothing, such as a test, opens by name.
"""

from __future__ import annotations

import errno
import io
import mmap
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ctypes import Array, c_ubyte
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

Opened = io.BufferedReader | io.BufferedRandom
_BUFFER = 8192
_IN_PLACE = 4 << 20


class _Files:
    """What the request that is served was given; None in a process that opens by name."""

    by_name: Mapping[Path, int] | None = None


@contextmanager
def given(files: Mapping[Path, int]) -> Iterator[None]:
    """Let names stand for descriptors while a request is served, and close them."""
    _Files.by_name = files
    try:
        yield
    finally:
        _Files.by_name = {}
        for descriptor in files.values():
            os.close(descriptor)


def open_given(path: Path, mode: str = "rb") -> Opened:
    """Open a file that was given: `rb`, `r+b`, or `wb` to write it anew."""
    if _Files.by_name is None:
        return cast("Opened", path.open(mode))
    raw = _Given(_descriptor(path), path)
    if mode == "wb":
        raw.truncate(0)
    if mode == "rb":
        return io.BufferedReader(raw, _BUFFER)
    return io.BufferedRandom(raw, _BUFFER)


def size_of(path: Path) -> int:
    """Return the bytes of a file that was given."""
    if _Files.by_name is None:
        return path.stat().st_size
    return os.fstat(_descriptor(path)).st_size


def contents_of(path: Path) -> Array[c_ubyte] | Opened:
    """Return a file's bytes for a library in C: in place, or piece by piece those of a large file.

    What is looked at in place is quick, and counts as memory. Raises `ValueError` when the file is
    empty.
    """
    if size_of(path) > _IN_PLACE:
        return open_given(path)
    with open_given(path) as stream:
        # What the library would write, and does not, would stay with this process.
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_COPY)
    return (c_ubyte * len(data)).from_buffer(data)


def trial_beside(path: Path) -> Path:
    """Return the name of a file that is needed while another one is made."""
    return path.with_name(f"{path.name}.trial")


@contextmanager
def trial(path: Path) -> Iterator[Path]:
    """Yield the name of a file that is gone afterwards."""
    name = trial_beside(path)
    try:
        yield name
    finally:
        if _Files.by_name is None:
            name.unlink(missing_ok=True)


def _descriptor(path: Path) -> int:
    assert _Files.by_name is not None  # noqa: S101  # asked before
    try:
        return _Files.by_name[path]
    except KeyError:
        raise FileNotFoundError(errno.ENOENT, "it was not given", str(path)) from None


class _Given(io.RawIOBase):
    """One opening of a descriptor that others share; it does not close it."""

    def __init__(self, descriptor: int, name: Path) -> None:
        super().__init__()
        self.name = str(name)
        self._descriptor = descriptor
        self._at = 0

    def fileno(self) -> int:
        return self._descriptor

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        if whence == os.SEEK_CUR:
            offset += self._at
        elif whence == os.SEEK_END:
            offset += os.fstat(self._descriptor).st_size
        if offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._at = offset
        return offset

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        count = os.preadv(self._descriptor, [buffer], self._at)
        self._at += count
        return count

    def write(self, data: ReadableBuffer, /) -> int:
        count = os.pwrite(self._descriptor, data, self._at)
        self._at += count
        return count

    def truncate(self, size: int | None = None, /) -> int:
        length = self._at if size is None else size
        os.ftruncate(self._descriptor, length)
        return length
