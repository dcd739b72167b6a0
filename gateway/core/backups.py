"""What a backup holds: the list that everything in it is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FORMAT = 1
"""Of the manifest; a backup with a higher number is not read."""
MANIFEST = "manifest.json"
LEDGER = "ledger.sqlite"
"""The ledger's copy in a backup: SQLite's format, whatever engine the site has."""
_FOLDERS = frozenset({"root", "rules", "state"})
"""Those without which nothing can be laid out."""


@dataclass(frozen=True)
class BackupFile:
    """One file: path below the backup (`/`-separated), size in bytes, SHA-256 in hex."""

    path: str
    size: int
    sha256: str
    mode: int = 0o600

    def __post_init__(self) -> None:
        """Raise `ValueError` when no file can be so."""
        _check_path(self.path)
        if not 0 <= self.mode <= 0o777:
            raise ValueError("a mode that no file has")


@dataclass(frozen=True)
class Manifest:
    """What a backup is of, and all that is in it."""

    format: int
    site: str
    """The organisation's name."""
    taken: str
    """UTC, ISO 8601: the moment that the ledger's copy shows."""
    program: str
    """The version that wrote it."""
    schema: int
    """Of the ledger: the number of its migrations."""
    entries: int
    """Of the signing log."""
    head: str
    """Hash of its last entry."""
    engine: str
    """Of the site's ledger: sqlite or postgresql."""
    folders: Mapping[str, str]
    """Where root, state, outbox, archive and failed were."""
    secrets: bool
    archive: bool
    left_out: tuple[str, ...]
    """Files that the configuration names and that are not in it: secrets, and what lies outside."""
    files: tuple[BackupFile, ...]

    def __post_init__(self) -> None:
        """Raise `ValueError` when it does not say where things belong."""
        if _FOLDERS - self.folders.keys():
            raise ValueError("folders are missing")
        for path in self.folders.values():
            _check_path(path)

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(file.size for file in self.files)


def _check_path(path: str) -> None:
    """Raise `ValueError` when the system can have no such path."""
    if b"\0" in path.encode("utf-8", "surrogateescape"):
        raise ValueError("a path with a zero in it")
