"""Walking an inbox: every plain file that may be taken, and all else with the reason why not.

The walk goes by folder descriptors, never through a link, so nothing outside of the inbox can
be reached by laying a link in it. Names of unfinished and hidden things are passed over.
What vanishes during the walk was not there.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator

from gateway.core.names import LONGEST, is_partial
from gateway.folders.opening import open_below
from gateway.ports import Bystander, Candidate

HOLD = ".hold"
"""What lies in a folder that is paused, with all below it."""
_LONGEST_PATH = 4095  # bytes that the kernel takes in one path (PATH_MAX without its end)
_VANISHED = frozenset({errno.ENOENT, errno.ELOOP, errno.ESTALE})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_FILES = {
    stat.S_IFLNK: "is a link; links are not followed",
    stat.S_IFIFO: "is a pipe, not a file",
    stat.S_IFSOCK: "is a socket, not a file",
    stat.S_IFCHR: "is a device, not a file",
    stat.S_IFBLK: "is a device, not a file",
}


class Scan:
    """One walk through one inbox; iterating it walks.

    `root` is the open folder. `mounted` names the paths below it on which other file systems
    are mounted: no rename leads out of those.
    """

    def __init__(self, inbox: str, root: int, *, recursive: bool, mounted: frozenset[str]) -> None:
        self._inbox = inbox
        self._root = root
        self._recursive = recursive
        self._mounted = mounted
        self._device = os.fstat(root).st_dev
        self._pending = [""]

    def __iter__(self) -> Iterator[Candidate | Bystander]:
        """Yield what is found; raises `OSError` when the inbox itself cannot be used."""
        position = _Position(self._root)
        try:
            while self._pending:
                yield from self._folder(self._pending.pop(), position)
        finally:
            position.close()

    def _folder(self, below: str, position: _Position) -> Iterator[Candidate | Bystander]:
        try:
            folder = position.move_to(below)
            sticky = _sticky(folder)
            with os.scandir(folder) as entries:
                names = list(entries)
        except OSError as error:
            if not below or error.errno not in _VANISHED | _DENIED:
                raise
            if error.errno in _DENIED:
                yield Bystander(self._inbox, below, "is a folder out of which nothing may be moved")
            return
        if any(entry.name == HOLD for entry in names):
            yield Bystander(self._inbox, below, f"is paused by {HOLD}", waits=True)
            return
        for entry in (entry for entry in names if not is_partial(entry.name)):
            try:
                status = os.stat(entry.name, dir_fd=folder, follow_symlinks=False)
            except OSError as error:
                if error.errno not in _VANISHED:
                    raise
                continue
            source = f"{below}/{entry.name}" if below else entry.name
            if objection := self._objection(entry.name, source, status, folder, sticky):
                yield Bystander(self._inbox, source, objection)
            elif stat.S_ISDIR(status.st_mode):
                self._pending.append(source)
            else:
                yield candidate_of(self._inbox, source, status)

    def _objection(
        self, name: str, source: str, status: os.stat_result, folder: int, sticky: bool
    ) -> str:
        """Return why an entry is left where it is, or nothing."""
        if stat.S_ISDIR(status.st_mode):
            return self._objection_to_folder(source, status)
        if objection := _NO_FILES.get(stat.S_IFMT(status.st_mode)):
            return objection
        if status.st_nlink > 1:
            return "has a second name elsewhere; it waits until that is removed"
        if source in self._mounted:  # not by its device: an overlay's files may have others
            return "is mounted there; no rename leads out of a mount"
        if sticky and status.st_uid != os.geteuid():
            return "belongs to somebody else in a folder that lets only owners move their files"
        readable = os.access(name, os.R_OK, dir_fd=folder, effective_ids=True)
        return "" if readable else "may not be read by Sealgate"

    def _objection_to_folder(self, source: str, status: os.stat_result) -> str:
        if not self._recursive:
            return "is a folder, and this inbox takes only the files at its top"
        if status.st_dev != self._device or source in self._mounted:
            return "is another file system; make it an inbox of its own"
        if len(os.fsencode(source)) + LONGEST > _LONGEST_PATH:
            return "lies too deep: its path is longer than the system takes"
        return ""


def candidate_of(inbox: str, source: str, status: os.stat_result) -> Candidate:
    """Return a file's identity: a file with the same one has not been touched."""
    return Candidate(
        inbox, source, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
    )


class _Position:
    """The folder the walk stands in: one descriptor, however deep or wide the tree."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._folder = os.dup(root)
        self._below = ""

    def move_to(self, below: str) -> int:
        """Open a folder below the root and return its descriptor; raises `OSError`."""
        parent, _, name = below.rpartition("/")
        steps: tuple[str, ...] = (name,)
        if parent != self._below or not below:
            self._step(os.dup(self._root), "")
            steps = tuple(step for step in below.split("/") if step)
        for step in steps:
            deeper = f"{self._below}/{step}" if self._below else step
            self._step(open_below(self._folder, step), deeper)
        return self._folder

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._folder)

    def _step(self, folder: int, below: str) -> None:
        os.close(self._folder)
        self._folder, self._below = folder, below


def _sticky(folder: int) -> bool:
    """Tell whether only owners may move files out; raises `OSError` when we may move none."""
    status = os.fstat(folder)
    if not os.access(".", os.R_OK | os.W_OK | os.X_OK, dir_fd=folder, effective_ids=True):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    user = os.geteuid()
    return bool(status.st_mode & stat.S_ISVTX) and user not in (0, status.st_uid)
