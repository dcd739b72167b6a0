"""The files that a site's configuration names: what a backup takes along, and what it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.settings.yaml_file import read_yaml

_SITE_FILE = "gateway.yaml"
_OF_KEYS = frozenset({"key", "client_key", "file"})
"""What stands under these is a secret, or where one is."""
_PRIVATE = b"PRIVATE KEY-----"
_LOOKED_AT = 1 << 20


@dataclass(frozen=True)
class NamedFiles:
    """Paths as they are written, each once."""

    inside: tuple[str, ...]
    """Plain files below the site's root, and no secrets."""
    secrets: tuple[str, ...]
    """Plain files that are secrets, or hold private keys."""
    outside: tuple[str, ...]
    """Plain files elsewhere on the machine."""


def named_files(root: Path) -> NamedFiles:
    """Return the files that the site at `root` names in `gateway.yaml`.

    Whatever is written there and is the name of a file counts, so that no key is forgotten.
    """
    file, _ = read_yaml(root / _SITE_FILE, _SITE_FILE)
    found = dict.fromkeys(_texts(file.value if file is not None else None, secret=False))
    inside, secrets, outside = [], [], []
    for text, secret in found:
        path = root / text
        if not _is_file(path):
            continue
        if secret or _holds_key(path):
            secrets.append(text)
        elif path.resolve().is_relative_to(root.resolve()) and not Path(text).is_absolute():
            inside.append(text)
        else:
            outside.append(text)
    return NamedFiles(tuple(sorted(inside)), tuple(sorted(secrets)), tuple(sorted(outside)))


def _texts(value: object, *, secret: bool) -> Iterator[tuple[str, bool]]:
    """Yield every text in a value, and whether it stands under a key of secrets."""
    if isinstance(value, str):
        yield value, secret
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, secret=secret or key in _OF_KEYS)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one, secret=secret)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long for a name, or no name at all
        return False


def _holds_key(path: Path) -> bool:
    """Tell whether a private key stands in a file, or nobody may look."""
    try:
        with path.open("rb") as file:
            return _PRIVATE in file.read(_LOOKED_AT)
    except OSError:
        return True
