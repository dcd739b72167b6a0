"""The dated archive: original, result and receipt of each job in a folder of its own."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC
from pathlib import Path

from gateway.core.companions import tickets_of
from gateway.core.errors import SiteFault
from gateway.core.job import Job
from gateway.folders import durable
from gateway.folders.companions import remove_triggers
from gateway.folders.faults import as_site_fault
from gateway.folders.immutable import Protection
from gateway.folders.numbering import RECEIPT, marked
from gateway.folders.opening import (
    exists,
    is_plain,
    names_in,
    open_folder,
    reading,
    set_mode,
    sync_folder,
)
from gateway.folders.stored import copy_stored, keep_stored, missing

_READ_ONLY = 0o440


class Archive:
    """Folders `YYYY/MM/DD/JOB` below one root, by the day (UTC) of the claim."""

    def __init__(self, root: Path, protection: Protection | None = None) -> None:
        self._root = root
        self._protection = protection

    def add(self, job: Job, original: Path, sealed: Path, receipt: bytes, result: str) -> Path:
        """Lay the three files there, read-only, the original last because it is moved.

        The ticket, if there was one, follows the original and is called after it.

        Each is created whole, so one that is there already is from an interrupted run of the
        same job, whose folder this is. The result was just checked. When all are there they
        become immutable, where the site wants that. Raises `SiteFault`.
        """
        below = folder_of(job)
        path = self._root.joinpath(*below)
        recorded = job.artifact(job.result)
        sha256 = recorded.sha256 if recorded else ""
        with as_site_fault(path), open_folder(self._root, below, create=True) as folder:
            if not exists(result, dir_fd=folder):
                self._keep(sealed, result, folder, sha256)
            with suppress(FileExistsError):
                durable.write_exclusive(
                    result + RECEIPT, receipt, mode=_READ_ONLY, dir_fd=folder, more=True
                )
            name = original_name(job.source, result)
            _add_original(original, name, folder)  # whose move makes all three durable
            for ending, written in tickets_of(Path(job.spooled)):
                if exists(written):
                    _add_original(written, marked(name + ending, ""), folder)
            # Only where the inbox was taken away before its claim was concluded.
            remove_triggers(Path(job.spooled))
            self._protect(names_in(folder), folder, path)
        return path

    def add_beside(self, archived: Path, content: Path, sha256: str, names: Iterator[str]) -> Path:
        """Lay a new version beside an archived file, read-only, under the first free name."""
        below = archived.parent.relative_to(self._root).parts
        with as_site_fault(archived.parent), open_folder(self._root, below) as folder:
            for name in names:
                with suppress(FileExistsError):
                    copy_stored(content, name, folder=folder, mode=_READ_ONLY, sha256=sha256)
                    self._protect((name,), folder, archived.parent)
                    return archived.with_name(name)
        raise SiteFault("site.input-output", f"{archived.parent}: every name is taken")

    def _keep(self, sealed: Path, result: str, folder: int, sha256: str) -> None:
        if self._protection is not None and self._protection.is_wanted:
            # A file that cannot be changed could not leave the vault either.
            copy_stored(sealed, result, folder=folder, mode=_READ_ONLY, sha256=sha256, more=True)
        else:
            keep_stored(sealed, result, folder=folder, mode=_READ_ONLY, sha256=sha256)

    def _protect(self, names: Iterable[str], folder: int, path: Path) -> None:
        if self._protection is not None:
            plain = [name for name in names if is_plain(name, dir_fd=folder)]
            self._protection.protect(plain, folder, path)


def folder_of(job: Job) -> tuple[str, str, str, str]:
    """Return the folder of a job, below the archive: the day (UTC) of its claim, and its id."""
    day = job.created.astimezone(UTC)
    return f"{day:%Y}", f"{day:%m}", f"{day:%d}", job.id


def original_name(source: str, result: str) -> str:
    """Return the archived original's name: its own, or a marked one where the result has that.

    Names that differ only in case or in Unicode form are one name on some shares.
    """
    name = source.rsplit("/", 1)[-1]
    if _folded(name) in (_folded(result), _folded(result + RECEIPT)):
        return marked(name, "-original")
    return name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _add_original(original: Path, name: str, folder: int) -> None:
    if not exists(original):
        if not exists(name, dir_fd=folder):
            raise missing(original)
        sync_folder(folder)
        return
    with reading(original) as descriptor:
        ours = os.fstat(descriptor).st_uid == os.geteuid()
        if ours:
            set_mode(descriptor, _READ_ONLY)
            os.fsync(descriptor)
    if ours:
        durable.move_exclusive(original, name, dir_fd=folder)
        return
    # Its owner could still write to the file that was dropped: the archive gets a copy.
    with suppress(FileExistsError):
        copy_stored(original, name, folder=folder, mode=_READ_ONLY, sha256="", more=True)
    sync_folder(folder)
    durable.remove(original)
