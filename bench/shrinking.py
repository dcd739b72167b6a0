"""Make an input as short as it can be while it still shows what it shows."""

from __future__ import annotations

from collections.abc import Callable

_MOST_TRIES = 2000


def shortest(data: bytes, shows: Callable[[bytes], bool]) -> bytes:
    """Return `data` without the parts that it shows the same without."""
    size, tries = max(1, len(data) // 2), 0
    while size and tries < _MOST_TRIES:
        start = 0
        while start < len(data) and tries < _MOST_TRIES:
            shorter = data[:start] + data[start + size :]
            tries += 1
            if shows(shorter):
                data = shorter
            else:
                start += size
        size //= 2
    return data
