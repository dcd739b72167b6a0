"""The text of a configuration file, read so that no file can hurt: plain, small, UTF-8."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gateway.core.errors import Problem

_LARGEST = 256 * 1024
"""Bytes; far beyond any real configuration, and read in a second."""


def read_text(path: Path, name: str) -> str | Problem:
    """Return the text of a file, or the problem that keeps it from being read.

    A link is followed only to a file below the same folder, as mounted configurations have it.
    """
    try:
        if not path.resolve(strict=True).is_relative_to(path.parent.resolve()):
            return _unreadable(name, "it is a link that leads out of its folder")
        content = _plain_bytes(path)
    except (OSError, RuntimeError, ValueError) as error:
        return _unreadable(name, getattr(error, "strerror", None) or str(error))
    if content is None:
        return _unreadable(name, "it is not a plain file")
    if len(content) > _LARGEST:
        return _unreadable(name, f"it is larger than {_LARGEST // 1024} KiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _foreign(name, content, error.start)


def printable(text: str) -> str:
    """Return text that does nothing to a terminal: control characters become escapes."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _plain_bytes(path: Path) -> bytes | None:
    """Return the first bytes of a plain file, or None; a FIFO must not make us wait."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return file.read(_LARGEST + 1)


def _unreadable(name: str, why: str) -> Problem:
    what = f"The file cannot be read: {why}."
    return Problem(name, 0, 0, "settings.unreadable", what, "Check its name and permissions.")


def _foreign(name: str, content: bytes, start: int) -> Problem:
    """Return the problem of a byte that is not UTF-8; the column counts characters before it."""
    begin = content.rfind(b"\n", 0, start) + 1
    line = content.count(b"\n", 0, start) + 1
    column = len(content[begin:start].decode("utf-8", "replace")) + 1
    what = "This byte is not UTF-8."
    remedy = "Save the file with the encoding UTF-8."
    return Problem(name, line, column, "settings.syntax", what, remedy)
