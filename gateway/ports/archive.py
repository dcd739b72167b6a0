"""What lies in the archive, looked up again: to give a result once more, and to audit it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from gateway.core.job import Job


class Kept(StrEnum):
    """What is kept of a job."""

    ORIGINAL = "original"
    RESULT = "result"
    RECEIPT = "receipt"
    RENEWED = "renewed"
    """A later version of the result, with a newer time-stamp."""


@dataclass(frozen=True)
class ArchivedFile:
    """A file that the archive must hold, with the SHA-256, in hex, that the ledger recorded."""

    what: Kept
    path: Path
    sha256: str


class ArchivedFiles(Protocol):
    """The archive of a site, read again; nothing below it is opened by following a link."""

    def files(self, job: Job) -> tuple[ArchivedFile, ...]:
        """Return original, result and receipt of an archived job, as far as they are recorded."""

    def opened(self, file: ArchivedFile) -> AbstractContextManager[int]:
        """Open a file for reading, checked, and give its descriptor; raises like `check`."""

    def check(self, file: ArchivedFile) -> None:
        """Hash a file again.

        Raises `SiteFault`: `site.artifact-damaged` when it is missing or its bytes are others,
        another one when the archive cannot be read.
        """

    def read(self, file: ArchivedFile) -> bytes:
        """Return a file's bytes, checked; raises like `check`."""
