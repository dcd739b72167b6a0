"""Sample documents: private copies of PDFs on which people try where seals go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class Whence(StrEnum):
    """Where a sample was taken from."""

    UPLOAD = "upload"
    INBOX = "inbox"
    ARCHIVE = "archive"
    FAILED = "failed"


@dataclass(frozen=True)
class Sample:
    """A sample that is kept for a while."""

    id: str
    """SHA-256 of its bytes, in hex."""
    size: int
    """Bytes."""


class Samples(Protocol):
    """Copies of documents, readable by nobody else, that go away by themselves after a day."""

    def keep(self, content: bytes | int) -> Sample:
        """Keep bytes, or a copy of an open file.

        Raises `DocumentFault` (`intake.too-large`), `SiteFault`.
        """

    def from_inbox(self, inbox: str, source: str) -> Sample:
        """Keep a copy of a file that waits in an inbox; it stays there.

        Raises `UsageFault` (`usage.no-file`), and as `keep` does.
        """

    def from_failed(self, path: Path) -> Sample:
        """Keep a copy of a file below `failed/`; raises like `from_inbox`."""

    def path(self, sample: str) -> Path:
        """Return a sample's file; raises `UsageFault` (`usage.no-file`) when it is gone."""
