"""What may be removed from the archive, and what must not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.core.job import Job


@dataclass(frozen=True)
class LegalHold:
    """A job whose archived files must stay."""

    job: str
    since: datetime
    actor: str
    why: str


class LegalHolds(Protocol):
    """Jobs whose archived files must stay, whatever their age."""

    def hold(self, job: str, why: str, actor: str) -> None:
        """Put a job under legal hold; logged as `archive.held`.

        Raises `UsageFault`: `usage.unknown-job`, `usage.legal-hold`, `usage.purged`.
        """

    def release(self, job: str, actor: str) -> None:
        """End a legal hold; logged as `archive.released`.

        Raises `UsageFault`: `usage.unknown-job`, `usage.legal-hold`.
        """

    def all(self) -> tuple[LegalHold, ...]:
        """Return the legal holds, by job."""


@dataclass(frozen=True)
class PurgedFile:
    """A file of a job's archive folder and the SHA-256, in hex, that it had at the end."""

    name: str
    sha256: str


class Purges(Protocol):
    """Jobs whose archived files are removed."""

    def due(self, before: datetime) -> tuple[str, ...]:
        """Return the jobs archived before a time, neither purged nor under legal hold, by id."""

    def begin(self, job: str, files: Sequence[PurgedFile], actor: str) -> bool:
        """Commit that a job's files are about to go; logged as `archive.purged`.

        Its time-stamps are renewed no more. Returns False, and changes nothing, when the job is
        not in the archive, under legal hold or purged already.
        """

    def finish(self, job: str) -> None:
        """Commit that the last file is gone."""

    def under_way(self) -> tuple[str, ...]:
        """Return the jobs that `begin` was called for and `finish` was not, by id."""

    def purged(self, job: str) -> bool:
        """Tell whether a job's files are gone or about to go."""


class ArchiveFolders(Protocol):
    """The folders of jobs in the archive, taken away; no link is followed."""

    def contents(self, job: Job) -> tuple[PurgedFile, ...]:
        """Hash every file in a job's folder; by name.

        Raises `DocumentFault`: `archive.missing` when there is no folder, `archive.foreign` when
        anything but plain files is in it; `SiteFault` when the archive cannot be read, or
        nothing could be removed from it (`site.immutable`).
        """

    def remove(self, job: Job) -> None:
        """Remove what is left of a job's folder, and folders of dates that it leaves empty.

        Raises `DocumentFault` (`archive.foreign`), `SiteFault` when the archive cannot be written.
        """
