"""Whether a file looks as if it were there to its end."""

from __future__ import annotations

import os

_HEAD = 1024  # bytes in which a reader looks for the header
_TAIL = 2048  # bytes in which it looks for the end-of-file mark, …
_PADDED_TAIL = 64 * 1024  # … behind which a copy may have left zeros


def has_head_and_tail(file: int) -> bool:
    """Tell whether an open file is a PDF with a tail, or something else that is not empty."""
    size = os.fstat(file).st_size
    if b"%PDF-" not in os.pread(file, _HEAD, 0):
        return size > 0
    tail = os.pread(file, _PADDED_TAIL, max(0, size - _PADDED_TAIL))
    return b"%%EOF" in tail.rstrip(b"\0")[-_TAIL:]
