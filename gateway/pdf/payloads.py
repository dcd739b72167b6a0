"""Read what streams hold when it is asked for, and not at all where nobody will.

pyHanko reads and keeps the bytes of every stream that it comes across: looking through a file of
500 MB took as much memory. Here large ones stay in the file. What this module does not recognise at
once, such as a wrong /Length, is left to pyHanko, so every verdict stays pyHanko's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import IO, Any

from pyhanko.pdf_utils import generic

_READ: Any = generic._maybe_read_stream_payload
_NEEDED = ("/ObjStm", "/XRef")
"""Types of streams that hold other objects, or say where they are."""
_LARGE = 1 << 16
"""Bytes from which on a stream stays in the file."""
_HEAD = re.compile(rb"[\t\n\f\r ]*stream(\r\n|\n)")
_END = re.compile(rb"[\t\n\f\r ]*endstream")
_AHEAD = 32
_PASSING: ContextVar[bool] = ContextVar("passing", default=False)


@contextmanager
def without_payloads() -> Iterator[None]:
    """Let readers that are opened in the block see streams as mere dictionaries."""
    before = _PASSING.set(True)
    try:
        yield
    finally:
        _PASSING.reset(before)


@dataclass(frozen=True)
class Unread:
    """The place of a stream's bytes in its file."""

    file: IO[bytes]
    offset: int
    length: int

    def read(self) -> bytes:
        """Read the bytes; the file stands where it stood."""
        stood = self.file.tell()
        try:
            self.file.seek(self.offset)
            return self.file.read(self.length)
        finally:
            self.file.seek(stood)


def read_payload(stream: IO[bytes], data: dict[str, Any], handler: Any) -> Any:
    """Read what follows a dictionary if it is a stream's; raises what pyHanko raises."""
    if data.get("/Type") not in _NEEDED:
        if _PASSING.get():
            return None
        length = data.get("/Length")
        if isinstance(length, int) and length >= _LARGE:
            start = stream.tell()
            unread = _unread(stream, length)
            if unread is not None:
                return unread
            stream.seek(start)
    return _READ(stream, data, handler)


def _unread(stream: IO[bytes], length: int) -> Unread | None:
    """Return where a sound stream is and stand behind it; None for any other."""
    start = stream.tell()
    head = _HEAD.match(stream.read(_AHEAD))
    if head is None:
        return None
    first = start + head.end()
    stream.seek(first + length)
    end = _END.match(stream.read(_AHEAD))
    if end is None:
        return None
    stream.seek(first + length + end.end())
    return Unread(stream, first, length)


def _get(self: generic.StreamObject) -> bytes | None:
    kept = self.__dict__.get("kept_data")
    return kept.read() if isinstance(kept, Unread) else kept


def _set(self: generic.StreamObject, value: bytes | Unread | None) -> None:
    self.__dict__["kept_data"] = value


def install() -> None:
    """Let pyHanko read streams by this module, in this process."""
    generic._maybe_read_stream_payload = read_payload
    generic.StreamObject._encoded_data = property(_get, _set)  # type: ignore[assignment]
