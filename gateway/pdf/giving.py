"""The parent's side of `given`: open the files that a request names, for the child."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from gateway.pdf import wire

_ALWAYS = os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
"""A pipe that somebody put in a file's place makes nobody wait."""
_MODE = 0o666
"""Less the umask, as for any file that is made."""


@contextmanager
def opened_for(call: wire.Call) -> Iterator[tuple[int, ...]]:
    """Open the files of a call, in the order of `wire.given_for`, while a block runs.

    When the block fails, files that were made for it are removed. Raises `OSError`.
    """
    reading = os.O_RDONLY | _ALWAYS
    if isinstance(call, wire.ImportRequest):
        reading |= os.O_NOFOLLOW
    with ExitStack() as closing, ExitStack() as removing:
        descriptors: list[int] = []
        for one in wire.given_for(call):
            match one.use:
                case wire.Use.READ:
                    descriptor = os.open(one.path, reading)
                case wire.Use.MADE:
                    descriptor = _made(one.path, removing)
                case wire.Use.TRIAL:
                    descriptor = _nameless(call)
            closing.callback(os.close, descriptor)
            descriptors.append(descriptor)
        yield tuple(descriptors)
        removing.pop_all()


def _made(path: Path, removing: ExitStack) -> int:
    flags = os.O_RDWR | _ALWAYS
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, _MODE)
    except FileExistsError:
        return os.open(path, flags)
    removing.callback(_remove, path)
    return descriptor


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _nameless(call: wire.Call) -> int:
    """Open a file that is gone when it is closed: beside the draft, or where passing files lie."""
    folder = None
    if isinstance(call, wire.PrepareRequest | wire.FieldsRequest):
        folder = call.draft.parent
    with tempfile.TemporaryFile(dir=folder) as file:
        return os.dup(file.fileno())
