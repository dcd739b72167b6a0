"""Where results, archived documents and failed originals go; nothing is ever overwritten."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from gateway.core.job import Job
from gateway.folders import durable
from gateway.folders.archive import Archive
from gateway.folders.failed import FailedFolder
from gateway.folders.faults import as_site_fault
from gateway.folders.immutable import Protection
from gateway.folders.numbering import RECEIPT
from gateway.folders.opening import exists, open_folder, parts
from gateway.folders.pairs import lay_out, owner_of
from gateway.folders.stored import copy_stored, holds
from gateway.ports import Parcel, ReceiptWriter

_NOTE = ".delivery-name"
"""Beside the stored result, in the job's vault folder: a numbered name about to be taken."""
_DONE = ".delivered"
"""Beside it: the hash and the name of what a folder got, while other folders wait for theirs."""


class FolderOutbox:
    """The three folders in which a job can end; an archive folder's day is its job's."""

    def __init__(
        self, outbox: Path, archive: Path, failed: Path, protection: Protection | None = None
    ) -> None:
        self._outbox = outbox
        self._archive = Archive(archive, protection)
        self._failed = FailedFolder(failed)

    def deliver(self, parcel: Parcel, receipt: ReceiptWriter) -> Path:
        """Put receipt and result into a folder under one free name; the same job there, once.

        How it survives being stopped is told in `pairs`. Raises `SiteFault`; `DocumentFault`
        (`deliver.name-taken`) when the parcel has no other name.
        """
        with as_site_fault(self._outbox / parcel.folder):
            below = parts(parcel.folder)
            path = self._outbox.joinpath(*below)
            done = _beside(parcel, _DONE)
            finished = _read(done).partition("\n") if parcel.more else ("", "", "")
            if finished[0] == parcel.sha256 and finished[2]:
                return path / finished[2]
            with open_folder(self._outbox, below, create=True, as_above=True) as folder:
                names = _names(parcel, folder)
                result = _Result(parcel.sealed, parcel.sha256)
                name = lay_out(
                    folder, path, names, job_id=parcel.job_id, receipt=receipt, content=result
                )
            if parcel.more:
                text = f"{parcel.sha256}\n{name}"
                durable.replace(done, text.encode("utf-8", "surrogateescape"))
            return path / name

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


class _Result:
    """The verified file, copied out of the vault."""

    def __init__(self, sealed: Path, sha256: str) -> None:
        self._sealed = sealed
        self._sha256 = sha256

    def put(self, folder: int, name: str) -> None:
        """Copy the result there, unless the very same bytes are there already."""
        if not exists(name, dir_fd=folder):
            copy_stored(self._sealed, name, folder=folder, mode=0o640, sha256=self._sha256)
        elif not holds(name, self._sha256, folder=folder):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)


def _names(parcel: Parcel, folder: int) -> Iterator[str]:
    """Yield the names to try, first the one that an interrupted delivery had taken.

    Going through the parcel's names again would find it too, but for one case: the names before
    it were free again because their files were picked up meanwhile. So a numbered name is noted
    before it is taken; the first name needs no note.
    """
    note = _beside(parcel, _NOTE)
    noted = _read(note)
    if noted and owner_of(folder, noted) == parcel.job_id:
        yield noted
    for index, name in enumerate(parcel.names):
        if index and not exists(name, dir_fd=folder) and not exists(name + RECEIPT, dir_fd=folder):
            durable.replace(note, name.encode("utf-8", "surrogateescape"))
        yield name


def _beside(parcel: Parcel, what: str) -> Path:
    """Return the path of a note about the parcel's folder, in the job's vault folder."""
    folder = parcel.folder.encode("utf-8", "surrogateescape")
    return parcel.sealed.with_name(f"{what}-{hashlib.sha256(folder).hexdigest()[:16]}")


def _read(note: Path) -> str:
    return note.read_text("utf-8", "surrogateescape") if note.exists() else ""
