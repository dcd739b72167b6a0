"""Read hex strings as pyHanko does, but in one piece.

pyHanko 0.38 reads them digit by digit. The hole of a signature has some ten thousands of digits,
and was a third of the time that reading, sealing and checking a document took. What this module
does not recognise at once is left to pyHanko, so every verdict stays pyHanko's own.
"""

from __future__ import annotations

import binascii
from contextlib import suppress
from typing import IO, Any

from pyhanko.pdf_utils import generic

_READ_SLOWLY = generic.read_hex_string_from_stream
_WHITESPACE = b" \n\r\t\x0c\x00"
_PIECE = 1 << 16
_LONGEST = 1 << 26
"""Bytes; whatever is longer is read slowly, within the limits of the process."""


def read_hex_string(stream: IO[bytes]) -> Any:
    """Read the hex string that begins where the stream stands (ISO 32000-2, 7.3.4.3).

    Raises what pyHanko raises.
    """
    start = stream.tell()
    stream.read(1)
    digits = _digits(stream)
    if digits is not None:
        # Anything but digits, such as a comment, is for pyHanko to judge.
        with suppress(binascii.Error):
            return generic.pdf_string(binascii.unhexlify(digits + b"0" * (len(digits) % 2)))
    stream.seek(start)
    return _READ_SLOWLY(stream)


def _digits(stream: IO[bytes]) -> bytes | None:
    """Return what stands before the next `>` and leave the stream behind it; None without one."""
    start = stream.tell()
    read = bytearray()
    while len(read) < _LONGEST:
        piece = stream.read(_PIECE)
        if not piece:
            return None
        end = piece.find(b">")
        if end >= 0:
            read += piece[:end]
            stream.seek(start + len(read) + 1)
            return bytes(read.translate(None, _WHITESPACE))
        read += piece
    return None


def install() -> None:
    """Let pyHanko read hex strings by this module, in this process."""
    generic.read_hex_string_from_stream = read_hex_string
