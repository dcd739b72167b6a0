"""Numbered names for a file whose own name is taken."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from gateway.core.names import LONGEST, shorten

RECEIPT = ".receipt.json"
"""What a receipt's name adds to the name of its file."""
ROOM = LONGEST - len(RECEIPT)
"""Bytes of a file's name that leave room for its receipt's."""
_LONGEST_EXTENSION = 16


def marked(name: str, mark: str, longest: int = LONGEST) -> str:
    """Put `mark` before the extension; the stem is cut where the name would get too long."""
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > _LONGEST_EXTENSION:
        return shorten(name, mark, longest)
    return shorten(stem, f"{mark}{dot}{extension}", longest)


def numbered(name: str, longest: int = LONGEST) -> Iterator[str]:
    """Yield the name, then `name-2.pdf`, `name-3.pdf`, … without end."""
    yield marked(name, "", longest)
    for number in itertools.count(2):
        yield marked(name, f"-{number}", longest)
