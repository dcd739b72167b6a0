"""Archived files read again, each held against the hash that the ledger recorded."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.core.job import Job, Slot
from gateway.core.names import display
from gateway.core.system_faults import site_fault
from gateway.folders.archive import folder_of, original_name
from gateway.folders.faults import as_site_fault
from gateway.folders.hashing import hashed
from gateway.folders.numbering import RECEIPT
from gateway.folders.opening import open_folder, reading
from gateway.folders.stored import missing
from gateway.ports import ArchivedFile, Kept


class ArchiveReader:
    """The port `ArchivedFiles`, for the folders that `archive.Archive` fills."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def files(self, job: Job) -> tuple[ArchivedFile, ...]:
        """Return original, result and receipt of an archived job, as far as they are recorded."""
        folder = self._root.joinpath(*folder_of(job))
        result = Path(job.delivered).name
        recorded = {
            Kept.ORIGINAL: (original_name(job.source, result), job.sha256),
            Kept.RESULT: (result, _recorded(job, job.result)),
            Kept.RECEIPT: (result + RECEIPT, _recorded(job, Slot.RECEIPT)),
        }
        return tuple(
            ArchivedFile(what, folder / name, sha256)
            for what, (name, sha256) in recorded.items()
            if sha256
        )

    @contextmanager
    def opened(self, file: ArchivedFile) -> Iterator[int]:
        """Open a file for reading, checked, and give its descriptor; raises like `check`."""
        with self._open(file) as descriptor:
            with as_site_fault(file.path):
                found = hashed(descriptor).sha256
            if found != file.sha256:
                raise _altered(file)
            yield descriptor

    def check(self, file: ArchivedFile) -> None:
        """Hash a file again; raises `SiteFault`, see the port."""
        with self.opened(file):
            pass

    def read(self, file: ArchivedFile) -> bytes:
        """Return a file's bytes, checked; raises like `check`."""
        with self._open(file) as descriptor, as_site_fault(file.path):
            content = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise _altered(file)
        return content

    @contextmanager
    def _open(self, file: ArchivedFile) -> Iterator[int]:
        """Open a file for reading; a whole archive that is gone is not one missing file."""
        below = file.path.parent.relative_to(self._root).parts
        with as_site_fault(self._root), open_folder(self._root):
            pass
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(open_folder(self._root, below))
                descriptor = stack.enter_context(reading(file.path.name, dir_fd=folder))
            except FileNotFoundError:
                raise missing(file.path) from None
            except OSError as error:
                if error.errno == errno.ELOOP:  # a link, or no file at all, lies there instead
                    raise _altered(file) from None
                raise site_fault(error, file.path) from error
            yield descriptor


def _recorded(job: Job, slot: Slot) -> str:
    artifact = job.artifact(slot)
    return artifact.sha256 if artifact is not None else ""


def _altered(file: ArchivedFile) -> SiteFault:
    detail = f"{display(str(file.path))} is not as recorded"
    return SiteFault("site.artifact-damaged", detail)
