"""Claims: files moved out of an inbox into the spool by rename, several made durable together."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from gateway.folders.exclusive import rename_exclusive
from gateway.folders.faults import as_site_fault
from gateway.folders.numbering import numbered
from gateway.folders.opening import exists, open_folder, parts, sync_folder
from gateway.folders.passages import CLAIMED, passage_to
from gateway.folders.scan import candidate_of
from gateway.ports import Candidate

_GONE = frozenset({errno.ENOENT, errno.ELOOP, errno.ENOTDIR})


class Claiming:
    """The claims of one round; their folders are opened once, and synced once at its end."""

    def __init__(self, root: Path, folders: ExitStack) -> None:
        self._root = root
        self._folders = folders
        self._parents: dict[tuple[str, ...], int | None] = {}
        self._spools: dict[Path, int] = {}
        self._changed: set[int] = set()
        """Folders to be synced."""

    def claim(self, candidate: Candidate, spooled: Path) -> bool:
        """Move a file by rename; return False when it is gone or not the same.

        The name is checked before and the file itself after the rename: what was laid under
        the name in between goes back. Its companions go first. Raises `SiteFault`.
        """
        below, name = split(candidate.source)
        with as_site_fault(self._root / candidate.source):
            parent = self._parent(below)
            if parent is None or not _is(candidate, name, parent):
                return False
            # Only now, so that nothing is made on a bare mount point.
            spool = self._spool(spooled.parent)
            return all(
                self._take(one.file, split(one.file.source)[1], parent, away.name, spool)
                for one in candidate.companions
                for away in (spooled.with_suffix(one.ending),)
            ) and self._take(candidate, name, parent, spooled.name, spool)

    def sync(self) -> None:
        """Make what was moved durable; raises `SiteFault`."""
        spools = [folder for folder in self._spools.values() if folder in self._changed]
        with as_site_fault(self._root):
            # The new names first: between the two there may be two names, but never none.
            for folder in (*spools, *(self._changed - set(spools))):
                sync_folder(folder)
        self._changed.clear()

    def _parent(self, below: tuple[str, ...]) -> int | None:
        if below not in self._parents:
            try:
                opened = self._folders.enter_context(open_folder(self._root, below))
            except OSError as error:
                if error.errno not in _GONE or not self._root.is_dir():
                    raise
                self._parents[below] = None
            else:
                self._parents[below] = opened
        return self._parents[below]

    def _spool(self, folder: Path) -> int:
        if folder not in self._spools:
            self._spools[folder] = self._folders.enter_context(open_spool(folder))
        return self._spools[folder]

    def _take(self, candidate: Candidate, name: str, parent: int, spooled: str, spool: int) -> bool:
        if exists(spooled, dir_fd=spool):  # a spool name is for one job: never over a claimed file
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), spooled)
        try:
            # Not by way of a second link, as other moves may go: a file that could be found in
            # the inbox and in the spool after a crash would be sealed twice.
            _move(name, parent, spooled, spool)
        except FileNotFoundError:
            return False
        self._changed |= {spool, parent}
        if _is(candidate, spooled, spool):
            return True
        for free in numbered(name):
            with suppress(FileExistsError):
                rename_exclusive(spooled, free, source_fd=spool, target_fd=parent)
                break
        return False


def _move(name: str, parent: int, spooled: str, spool: int) -> None:
    """Rename into the spool; a node among others does it by its passage, and can be fenced."""
    passage = passage_to(spool)
    if passage is None:
        os.rename(name, spooled, src_dir_fd=parent, dst_dir_fd=spool)
        return
    drafts, waiting = passage.descriptor, CLAIMED + spooled
    os.rename(name, waiting, src_dir_fd=parent, dst_dir_fd=drafts)
    os.rename(waiting, spooled, src_dir_fd=drafts, dst_dir_fd=spool)


@contextmanager
def claiming(root: Path) -> Iterator[Claiming]:
    """Claim files of the inbox at `root` in the block; at its end they are claimed durably."""
    with ExitStack() as folders:
        claims = Claiming(root, folders)
        try:
            yield claims
        finally:
            claims.sync()


def split(source: str) -> tuple[tuple[str, ...], str]:
    """Return the folders of a path below an inbox, and its name."""
    *below, name = parts(source)
    return tuple(below), name


def open_spool(spool: Path) -> AbstractContextManager[int]:
    """Open the spool, made if need be."""
    return open_folder(spool.parent, (spool.name,), create=True, mode=0o700)


def _is(candidate: Candidate, name: str, folder: int) -> bool:
    """Tell whether a name stands for the candidate itself, as it was seen."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    seen = replace(candidate, companions=()) if candidate.companions else candidate
    same = candidate_of(candidate.inbox, candidate.source, status) == seen
    return same and stat.S_ISREG(status.st_mode) and status.st_nlink == 1
