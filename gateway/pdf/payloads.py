"""Pass over what streams hold where only their dictionaries are asked for.

pyHanko reads and keeps the bytes of every stream that it comes across; following the references of
all pages of a large document would fill the memory with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import IO, Any

from pyhanko.pdf_utils import generic

_READ: Any = generic._maybe_read_stream_payload
_NEEDED = ("/ObjStm", "/XRef")
"""Types of streams that hold other objects, or say where they are."""
_PASSING: ContextVar[bool] = ContextVar("passing", default=False)


@contextmanager
def without_payloads() -> Iterator[None]:
    """Let readers that are opened in the block see streams as mere dictionaries."""
    before = _PASSING.set(True)
    try:
        yield
    finally:
        _PASSING.reset(before)


def read_payload(stream: IO[bytes], data: dict[str, Any], handler: Any) -> bytes | None:
    """Read what follows a dictionary if it is a stream's; raises what pyHanko raises."""
    if _PASSING.get() and data.get("/Type") not in _NEEDED:
        return None
    payload: bytes | None = _READ(stream, data, handler)
    return payload


def install() -> None:
    """Let pyHanko read streams by this module, in this process."""
    generic._maybe_read_stream_payload = read_payload
