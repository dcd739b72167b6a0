"""Batches as the ledger keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gateway.core.batches import Listed, Member
from gateway.core.job import Job


class Batches(Protocol):
    """What manifests list, and which jobs have claimed it; `Jobs.open` notes a claim."""

    def begin(self, job: Job, listed: tuple[Listed, ...], missing_after: float) -> Job:
        """Follow LISTED with a manifest's job and note its members, in one transaction.

        Files that have not come `missing_after` seconds from now are missing.
        """

    def awaited(self, inbox: str) -> Mapping[str, Member]:
        """Return the members that nobody has claimed, of batches under way, by their source.

        Where several batches list a file, it belongs to the oldest.
        """

    def members(self, batch: str) -> tuple[tuple[Member, Job | None], ...]:
        """Return a batch's members in the order of its manifest, with the jobs that took them."""

    def member(self, job: str) -> Member | None:
        """Return the member that a job has claimed."""

    def ends(self, job: Job) -> bool:
        """Tell whether a manifest's job need not wait for any of its members.

        Those that are missing then are missing for good: `Jobs.open` claims nothing for them.
        """

    def rest(self, job: Job) -> Job:
        """Let a manifest's job wait for its members, unless none is left to be waited for.

        Then the job is returned as it is. All in one transaction, so no end is missed.
        """
