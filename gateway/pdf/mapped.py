"""A file looked at in place, window by window: it may be larger than the memory we want to take.

The kernel counts mapped pages as memory of the process that touched them, and maps their
neighbours with them. So what was looked at is given back: after each window, and after so many
looks here and there.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.pdf.given import open_given

LONGEST_MATCH = 512
"""Bytes that a pattern may match for a search to find it."""
_WINDOW = 4 << 20
_LOOKS = 64
"""Looks after which they are given back; each may have mapped 64 KiB."""


class MappedFile:
    """The bytes of a file, of which few count as memory at any time."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._size = len(data)
        self._looks = 0

    def __len__(self) -> int:
        return self._size

    def part(self, start: int, end: int) -> bytes:
        """Return a few bytes, as a slice would."""
        self._look()
        return self._data[start:end]

    def match(self, pattern: re.Pattern[bytes], at: int) -> re.Match[bytes] | None:
        """Match at one place, no more than a window's bytes."""
        self._look()
        return pattern.match(self._data, at, min(at + _WINDOW, self._size))

    def search(self, pattern: re.Pattern[bytes], at: int) -> re.Match[bytes] | None:
        """Find the first match, of at most `LONGEST_MATCH` bytes, from a place on."""
        while at < self._size:
            end = min(at + _WINDOW, self._size)
            found = pattern.search(self._data, at, end)
            if found is not None and found.end() + LONGEST_MATCH > end:
                # What comes behind the window may have a say in it.
                close = min(found.start() + 2 * LONGEST_MATCH, self._size)
                sure = pattern.match(self._data, found.start(), close)
                if sure is None:
                    at = found.start() + 1
                    continue
                found = sure
            if found is not None:
                self._look()
                return found
            if end == self._size:
                break
            self._forget()
            at = end - LONGEST_MATCH
        return None

    def find(self, wanted: bytes, start: int, end: int | None = None) -> int:
        """Return where bytes are first, from a place on; -1 where they are not."""
        last = self._size if end is None else min(end, self._size)
        for begin in range(start, last, _WINDOW):
            found = self._data.find(wanted, begin, min(begin + _WINDOW + len(wanted) - 1, last))
            if found >= 0:
                self._look()
                return found
            self._forget()
        return -1

    def find_last(self, wanted: bytes) -> int:
        """Return where bytes are last; -1 where they are not."""
        for end in range(self._size, 0, -_WINDOW):
            close = min(end + len(wanted) - 1, self._size)
            found = self._data.rfind(wanted, max(0, end - _WINDOW), close)
            if found >= 0:
                self._look()
                return found
            self._forget()
        return -1

    def _look(self) -> None:
        self._looks += 1
        if self._looks >= _LOOKS:
            self._forget()

    def _forget(self) -> None:
        self._looks = 0
        self._data.madvise(mmap.MADV_DONTNEED)


@contextmanager
def mapped(path: Path) -> Iterator[MappedFile]:
    """Map a file while a block runs; raises `ValueError` when it is empty."""
    with (
        open_given(path) as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        yield MappedFile(data)
