"""Several files in one."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Packed:
    """A file that goes into a pack: its name there, its time, and what opens it for reading."""

    name: str
    at: datetime
    content: AbstractContextManager[int] | bytes


class Packer(Protocol):
    """Packs files into one; what is large is not held in memory."""

    def __call__(self, draft: Path, files: Iterable[Packed]) -> None:
        """Write a ZIP file at `draft`; the same files give the same bytes. Raises `SiteFault`."""
