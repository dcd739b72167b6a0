"""The passwords that this site may try on encrypted documents, while one request is served.

They come with each request through the pipe, are known only while it is served, and are never
in an argument, the environment, an error or a log. Whoever opens a file asks for them here:
pyHanko, pdfium and pypdf each open it for themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_KNOWN: ContextVar[tuple[str, ...]] = ContextVar("passwords", default=())


@contextmanager
def knowing(passwords: tuple[str, ...]) -> Iterator[None]:
    """Let the block's readers try these passwords."""
    before = _KNOWN.set(passwords)
    try:
        yield
    finally:
        _KNOWN.reset(before)


def candidates() -> tuple[str, ...]:
    """Return the passwords to try, in order: first the empty one, which is everybody's."""
    return ("", *_KNOWN.get())
