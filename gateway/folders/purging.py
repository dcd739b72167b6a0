"""Taking the folders of jobs out of the archive, by descriptors, no link followed."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.core.errors import DocumentFault
from gateway.core.job import Job
from gateway.core.names import display
from gateway.folders import durable
from gateway.folders.archive import folder_of
from gateway.folders.faults import as_site_fault
from gateway.folders.hashing import hashed
from gateway.folders.immutable import check_releasable, release
from gateway.folders.opening import exists, is_plain, names_in, open_folder, reading, sync_folder
from gateway.ports import PurgedFile


class FolderPurger:
    """The port `ArchiveFolders`, for the folders that `archive.Archive` fills."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def contents(self, job: Job) -> tuple[PurgedFile, ...]:
        """Hash every file in a job's folder, by name; raises as the port says."""
        below = folder_of(job)
        path = self._root.joinpath(*below)
        self._check_root()
        with as_site_fault(path):
            try:
                with open_folder(self._root, below) as folder:
                    return tuple(
                        PurgedFile(name, _hashed(name, folder, path / name))
                        for name in _ours(folder, path)
                    )
            except FileNotFoundError:
                raise DocumentFault("archive.missing", display(str(path))) from None

    def remove(self, job: Job) -> None:
        """Remove what is left of a job's folder, and folders of dates that it leaves empty."""
        *day, own = folder_of(job)
        path = self._root.joinpath(*day, own)
        self._check_root()
        with as_site_fault(path):
            try:
                with open_folder(self._root, day) as parent:
                    if exists(own, dir_fd=parent):
                        with open_folder(self._root, (*day, own)) as folder:
                            for name in _ours(folder, path):
                                release(name, folder=folder, path=path)
                                durable.remove(name, dir_fd=folder)
                        os.rmdir(own, dir_fd=parent)
                    sync_folder(parent)
            except FileNotFoundError:
                pass  # a run before this one got so far
            self._prune(day)

    def _check_root(self) -> None:
        """Raise `SiteFault` when the whole archive is gone: then no folder of it was removed."""
        with as_site_fault(self._root), open_folder(self._root):
            pass

    def _prune(self, day: list[str]) -> None:
        """Remove the folders of a day, its month and its year, as far as they are empty.

        A job of that day may be archived in the same moment: it makes them anew when it is tried
        again.
        """
        for depth in (2, 1, 0):
            try:
                with open_folder(self._root, day[:depth]) as parent:
                    durable.remove_empty(day[depth], dir_fd=parent)
            except FileNotFoundError:
                continue


def _ours(folder: int, path: Path) -> tuple[str, ...]:
    """Return the names in a job's folder; raises `DocumentFault` unless all are plain files."""
    names = tuple(sorted(names_in(folder)))
    for name in names:
        if not is_plain(name, dir_fd=folder):
            raise DocumentFault("archive.foreign", display(str(path / name)))
    return names


def _hashed(name: str, folder: int, path: Path) -> str:
    with reading(name, dir_fd=folder) as descriptor:
        check_releasable(descriptor, path)
        return hashed(descriptor).sha256
