"""Watching inboxes for events of the kernel. Events are hints: the reconcile scan is the truth.

So nothing here can fail: where no watch can be set, the inbox is found by scanning alone, and
`mode` says why.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.inotify_move_event_grouper import InotifyMoveEventGrouper

from gateway.core.names import is_partial

# It warns of events that come while a watch is being stopped; they are hints, and no news.
logging.getLogger("watchdog").setLevel(logging.ERROR)

# When a file leaves, as each one does that is claimed, it holds back all later events for so many
# seconds, half a second by default, to pair them with where it came in. To us that is no news.
InotifyMoveEventGrouper.delay = 0.01

# Not the opening or reading of a file: a scan would announce itself and never end.
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileClosedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirMovedEvent,
]


@dataclass
class _Watched:
    path: Path
    recursive: bool
    reason: str
    """Why there is no watch; empty when there is one."""
    wanted: bool = True
    observer: BaseObserver | None = None
    folder: tuple[int, int] = (0, 0)
    """Device and inode of the folder the watch was set on."""


class FolderWatch:
    """Calls `notify` with an inbox's name, on a thread of its own, when something came in."""

    def __init__(self, notify: Callable[[str], None]) -> None:
        self._notify = notify
        self._watched: dict[str, _Watched] = {}

    def add(self, name: str, path: Path, recursive: bool, events: bool) -> None:
        """Watch an inbox, or watch it anew, if `events` are wanted and can be had."""
        reason = "" if events else "events are switched off, or not to be had on its file system"
        if name in self._watched:
            _stop(self._watched[name])
        self._watched[name] = _Watched(path, recursive, reason, wanted=events)
        self._refresh(name, self._watched[name])

    def refresh(self) -> None:
        """Set each watch again whose folder was replaced or could not be watched so far.

        Called before each scan, so that nothing can come in between unseen.
        """
        for name, watched in self._watched.items():
            self._refresh(name, watched)

    def mode(self, name: str) -> str:
        """Return how changes are noticed, in words: `events` or `polling (why)`."""
        reason = self._watched[name].reason
        return f"polling ({reason})" if reason else "events"

    def stop(self) -> None:
        """Stop all watching and wait for the threads."""
        for watched in self._watched.values():
            _stop(watched)

    def _refresh(self, name: str, watched: _Watched) -> None:
        if not watched.wanted:
            return
        folder = _identity(watched.path)
        if watched.observer and (folder != watched.folder or not _alive(watched.observer)):
            _stop(watched)
        if folder is None:
            watched.reason = "the folder is not there"
        elif watched.observer is None:
            self._start(name, watched, folder)

    def _start(self, name: str, watched: _Watched, folder: tuple[int, int]) -> None:
        observer = Observer()
        real = os.path.realpath(watched.path)
        handler = _Handler(real, lambda: self._notify(name))
        try:
            observer.schedule(handler, real, recursive=watched.recursive, event_filter=_EVENTS)
            observer.start()
        except OSError as error:  # no watches left (ENOSPC, EMFILE), no access, just removed
            watched.reason = f"no watch could be set: {error.strerror or error}"
            return
        watched.observer, watched.folder, watched.reason = observer, folder, ""


class _Handler(FileSystemEventHandler):
    """Passes on that something came in, unless its name is one that is never taken."""

    def __init__(self, root: str, came_in: Callable[[], None]) -> None:
        self._root = root
        self._came_in = came_in

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Look at the name under which something is there now."""
        path = os.path.relpath(os.fsdecode(event.dest_path or event.src_path), self._root)
        if not any(is_partial(name) for name in PurePath(path).parts):
            self._came_in()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _alive(observer: BaseObserver) -> bool:
    return observer.is_alive() and all(emitter.is_alive() for emitter in observer.emitters)


def _stop(watched: _Watched) -> None:
    observer, watched.observer = watched.observer, None
    if observer is not None:
        observer.stop()
        observer.join()
