"""Hashing open files: from start to end, or beside whoever still writes one.

hashlib lets other threads work while it hashes. So a large copy is hashed while it is made and
synced; a thread costs more than it saves for a small one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

LARGE = 4 << 20
"""Bytes from which on a file is hashed beside other work."""
_CHUNK = 1 << 18


@dataclass(frozen=True)
class Written:
    """What reached the disk: SHA-256 in hex, size in bytes."""

    sha256: str
    size: int


class HashedBeside:
    """Hashes a file in a thread, as far as it is told that it is written."""

    def __init__(self, descriptor: int, thread: ThreadPoolExecutor, buffer: bytearray) -> None:
        self._descriptor = descriptor
        self._thread = thread
        self._buffer = buffer
        self._digest = hashlib.sha256()
        self._position = 0
        self._pieces: list[Future[None]] = []

    def reaches(self, end: int) -> None:
        """Say that all bytes before `end` are written."""
        self._pieces.append(self._thread.submit(self._hash, end))

    def written(self) -> Written:
        """Hash to the end of the file, and return what was found; raises `OSError`."""
        self.reaches(1 << 62)
        for piece in self._pieces:
            piece.result()
        return Written(self._digest.hexdigest(), self._position)

    def _hash(self, end: int) -> None:
        view = memoryview(self._buffer)
        while self._position < end:
            wanted = view[: min(_CHUNK, end - self._position)]
            count = os.preadv(self._descriptor, [wanted], self._position)
            if not count:
                return
            self._digest.update(wanted[:count])
            self._position += count


@contextmanager
def hashed_beside(descriptor: int) -> Iterator[HashedBeside]:
    """Hash an open file in a thread while the block works on it."""
    with ThreadPoolExecutor(1, thread_name_prefix="hashing") as thread:
        yield HashedBeside(descriptor, thread, bytearray(_CHUNK))


def hashed(descriptor: int) -> Written:
    """Read an open file from its start to its end and hash it."""
    digest, position = hashlib.sha256(), 0
    view = memoryview(bytearray(min(_CHUNK, os.fstat(descriptor).st_size + 1)))
    while count := os.preadv(descriptor, [view], position):
        digest.update(view[:count])
        position += count
    return Written(digest.hexdigest(), position)


def synced_and_hashed(descriptor: int) -> Written:
    """Sync an open file, and hash it meanwhile if it is large."""
    if os.fstat(descriptor).st_size < LARGE:
        os.fsync(descriptor)
        return hashed(descriptor)
    with hashed_beside(descriptor) as beside:
        beside.reaches(1 << 62)
        os.fsync(descriptor)
        return beside.written()
