"""The folders above a remote file, made as far as they are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator


def folders_above(name: str) -> Iterator[str]:
    """Yield the folders in which a file lies, the outermost first."""
    parts = name.split("/")[:-1]
    for count in range(1, len(parts) + 1):
        yield "/".join(parts[:count])


def make_folders(
    name: str,
    there: Callable[[str], bool],
    make: Callable[[str], None],
    refusal: type[Exception],
) -> None:
    """Make the folders above a file; one that is there meanwhile is welcome.

    Another gateway may make them at the same time, which `make` tells by a `refusal`.
    """
    for folder in folders_above(name):
        if there(folder):
            continue
        try:
            make(folder)
        except refusal:
            if not there(folder):
                raise
