"""Where results, archived documents and failed originals go; nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gateway.core.errors import DocumentFault
from gateway.core.job import Job
from gateway.core.names import display
from gateway.folders import drafts, durable
from gateway.folders.archive import Archive
from gateway.folders.failed import FailedFolder
from gateway.folders.faults import as_site_fault
from gateway.folders.immutable import Protection
from gateway.folders.opening import open_folder, parts
from gateway.ports import Drafted, Parcel, ReceiptWriter


class FolderOutbox:
    """The three folders in which a job can end; an archive folder's day is its job's."""

    def __init__(
        self, outbox: Path, archive: Path, failed: Path, protection: Protection | None = None
    ) -> None:
        self._outbox = outbox
        self._archive = Archive(archive, protection)
        self._failed = FailedFolder(failed)

    def draft(self, parcel: Parcel) -> Drafted:
        """Choose a free name in the parcel's folder, and make a durable draft to go by it.

        How a result then gets there once is told in `drafts`. Raises `SiteFault`;
        `DocumentFault` (`deliver.name-taken`) when the parcel has no other name.
        """
        with as_site_fault(self._outbox / parcel.folder):
            below = parts(parcel.folder)
            path = self._outbox.joinpath(*below)
            with open_folder(self._outbox, below, create=True, as_above=True) as folder:
                drafted = drafts.draft(folder, path, parcel)
        if drafted is None:
            raise DocumentFault("deliver.name-taken", display(str(path)))
        return drafted

    def give(self, job_id: str, sha256: str, drafted: Drafted, receipt: bytes) -> bool:
        """Put the receipt under the name, then the result, once.

        False when it has to be drafted anew: somebody else has the name, or the draft's folder
        was replaced. Raises `SiteFault`.
        """
        above = drafted.path.parent
        inside = above.is_relative_to(self._outbox)  # unless the outbox was moved since
        root = self._outbox if inside else above
        with self._open(root, above.relative_to(root).parts) as folder:
            state = drafts.look(drafted)
            if state is drafts.Waiting.READY:
                return drafts.give(folder, job_id, drafted, receipt)
            if state is drafts.Waiting.GIVEN:
                drafts.finish(folder, drafted.path.name, sha256, receipt)
            return state is drafts.Waiting.GIVEN

    def withdraw(self, drafted: Drafted) -> None:
        """Remove a draft that is not wanted any more, if it is still there.

        Raises `SiteFault`.
        """
        if drafted.draft is not None and drafts.look(drafted) is drafts.Waiting.READY:
            with as_site_fault(drafted.draft.parent):
                durable.remove(drafted.draft)

    def archive(self, job: Job, original: Path, sealed: Path, receipt: bytes, result: str) -> Path:
        """Lay original, result and receipt into the dated archive; return their folder.

        Done again after a crash, it adds what is missing. Raises `SiteFault`.
        """
        return self._archive.add(job, original, sealed, receipt, result)

    def lay_beside(self, archived: Path, content: Path, sha256: str, names: Iterator[str]) -> Path:
        """Lay a new version beside an archived file under the first free name; return its path.

        Raises `SiteFault`.
        """
        return self._archive.add_beside(archived, content, sha256, names)

    def fail(self, job: Job, original: Path, receipt: ReceiptWriter) -> Path:
        """Move the claimed original into failed/, its receipt beside it; return its path.

        Raises `SiteFault`; `site.artifact-damaged` when the original is nowhere to be found.
        """
        return self._failed.add(job, original, receipt)

    def withdraw_failed(self, job: Job, spooled: Path) -> bool:
        """Take a failed original back into the spool, removing its receipt; False when gone."""
        return self._failed.withdraw(job, spooled)

    @contextmanager
    def _open(self, root: Path, below: Sequence[str]) -> Iterator[int]:
        """Open a folder of results, made where it is missing."""
        where = root.joinpath(*below)
        with (
            as_site_fault(where),
            open_folder(root, below, create=True, as_above=True) as folder,
        ):
            yield folder
