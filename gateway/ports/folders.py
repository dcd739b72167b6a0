"""Folders: where documents come from, are kept meanwhile, and go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway.core.job import Artifact, Job, Slot


@dataclass(frozen=True)
class Candidate:
    """A file in an inbox that nobody has claimed: path below the inbox and what identifies it."""

    inbox: str
    source: str
    device: int
    inode: int
    size: int
    modified: int
    """Nanoseconds since the epoch."""
    companions: tuple[Companion, ...] = ()
    """What is claimed with it, from the same folder."""


@dataclass(frozen=True)
class Companion:
    """A file that steers a document and is claimed before it: a ticket or a trigger."""

    ending: str
    """Of its name in the spool, where the document is `JOB.pdf`; see `core.companions`."""
    file: Candidate


@dataclass(frozen=True)
class Bystander:
    """Something in an inbox that is left where it is, and why, in words."""

    inbox: str
    source: str
    why: str
    waits: bool = False
    """It will be taken when what is missing has come, or what pauses it is gone."""
    patience: float = 0.0
    """Seconds for which it may be there before it is worth a word."""
    event: str = "intake.ignored"
    """What the log calls it."""


class Inbox(Protocol):
    """One watched folder; nothing in it is opened by following a link."""

    name: str

    def examine(self) -> tuple[tuple[Candidate, ...], tuple[Bystander, ...]]:
        """Scan the whole folder.

        Raises `SiteFault`: `site.folder-missing`, `site.mount-missing`, `site.denied`,
        `site.input-output`.
        """

    def looks_complete(self, candidate: Candidate) -> bool:
        """Tell whether the file opens as a PDF with a tail; anything that is no PDF is complete."""

    def being_written(self, candidate: Candidate) -> bool:
        """Tell whether some process has the file open for writing; False when nobody can tell."""

    def spool_path(self, candidate: Candidate, job_id: str) -> Path:
        """Return where a claim would put the file: on the inbox's own file system."""

    def claim_all(self, wanted: Iterable[tuple[Candidate, Path]]) -> tuple[bool, ...]:
        """Move files there by rename, durably; tell of each False when it is gone or not the same.

        Companions go first, so that no document is ever claimed without them.
        """

    def conclude(self, spooled: Path, source: str) -> None:
        """Finish a claim that may have been interrupted.

        With the document there, its trigger is removed; without it, its companions go back.
        """

    def owner(self, spooled: Path) -> str:
        """Return the name of the user who owns a claimed file; `uid:NUMBER` without a name.

        Empty when the file is gone. Raises `SiteFault`.
        """

    def give_back_changed(self, spooled: Path, source: str, accepted: str) -> str:
        """Move a claimed file back into the inbox if its bytes are no longer those accepted.

        `accepted` is the SHA-256 in hex of the version that was accepted. Returns the path
        below the inbox at which the new version now waits, empty when nothing had changed or
        the file is gone.
        """


class Vault(Protocol):
    """The stored artifacts of jobs; a slot is complete and durable or not there."""

    def put(
        self, job_id: str, slot: Slot, content: bytes | Path, *, more: bool = False
    ) -> Artifact:
        """Store bytes, or a copy of a file opened without following links.

        With `more`, it is durable when the next artifact of the job is. Raises `FileNotFoundError`
        when the file is gone, `SiteFault` when it cannot be stored.
        """

    def draft(self, job_id: str, slot: Slot) -> Path:
        """Return a path, not existing, at which a child process may write the slot's content."""

    def adopt(self, job_id: str, slot: Slot, *, more: bool = False) -> Artifact:
        """Make the finished draft the slot's content, durably; `more` as in `put`."""

    def path(self, job_id: str, slot: Slot, recorded: Artifact | None = None) -> Path:
        """Return the slot's path, whether or not it is there.

        With `recorded`, the bytes are checked against it first; raises `SiteFault`
        (`site.artifact-damaged`) when they differ or are missing.
        """

    def discard(self, job_id: str) -> None:
        """Remove all that is stored for a job."""


@dataclass(frozen=True)
class Parcel:
    """What goes to the outbox: the verified file, its names in order of preference, its receipt."""

    job_id: str
    sealed: Path
    sha256: str
    folder: str
    """Below the outbox, `/`-separated."""
    names: Iterator[str]
    """The first that is free is taken; endless, or the document fails when all are taken."""


@dataclass(frozen=True)
class Drafted:
    """A result with a name to go by, and the draft that is renamed to give it that name.

    The draft is gone exactly when the name was given: so it is known even of a result that was
    carried away at once.
    """

    path: Path
    """The result's, in the outbox."""
    draft: Path | None
    """None when the result has its name already."""
    folder: int = 0
    """Inode of the draft's folder: another one in its place has not lost a draft."""


class ReceiptWriter(Protocol):
    """Writes the receipt once the name is known."""

    def __call__(self, delivered: Path) -> bytes:
        """Return the receipt's JSON for a result at that path."""


class Outbox(Protocol):
    """Where results, archived documents and failed originals go; nothing is ever overwritten."""

    def draft(self, parcel: Parcel) -> Drafted:
        """Choose a free name in the parcel's folder, and make a durable draft to go by it.

        Nothing is to be seen in the outbox yet. Raises `DocumentFault` (`deliver.name-taken`)
        when the parcel has no other name.
        """

    def give(self, job_id: str, sha256: str, drafted: Drafted, receipt: bytes) -> bool:
        """Put the receipt under the name, then the result, once.

        Done again, at whatever point it was stopped, it finishes what is not done. False when it
        has to be drafted anew: somebody else has the name, or the draft's folder was replaced.
        """

    def withdraw(self, drafted: Drafted) -> None:
        """Remove a draft that is not wanted any more, if it is still there."""

    def archive(self, job: Job, original: Path, sealed: Path, receipt: bytes, result: str) -> Path:
        """Lay original, result and receipt into the dated archive; return their folder."""

    def lay_beside(self, archived: Path, content: Path, sha256: str, names: Iterator[str]) -> Path:
        """Lay a new version beside an archived file under the first free name; return its path."""

    def fail(self, job: Job, original: Path, receipt: ReceiptWriter) -> Path:
        """Move the claimed original into failed/, its receipt beside it; return its path."""

    def withdraw_failed(self, job: Job, spooled: Path) -> bool:
        """Take a failed original back into the spool, removing its receipt; False when gone."""
