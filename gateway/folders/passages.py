"""Passages: the folders through which a node gives files their names, so that it can be fenced.

Theory of operation: where several nodes share folders, a process that was stopped and goes on
after others have taken over must not give any file a name any more. So each process drafts what
it writes in a folder of its own, its *passage*, and a name is given by a link or rename from
there. Whoever takes over from it removes its passages first: what the former process was about to
name is gone, and nothing can be made in a folder that was removed, not by an open descriptor,
either.

There is one passage on each mount below which results, archived and failed documents, working
and claimed files are; folders on mounts of their own below those have none, and what is written
there is as safe as on a single machine. A process has its passages as it has its umask: they
decide how it writes, wherever that happens. A single machine needs none.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.folders.opening import FOLDER, open_folder, sync_folder

_NAME = re.compile(r"\.sealgate-node-(\d+)(\.gone)?")
_GONE = ".gone"
CLAIMED = "claimed-"
"""Begins the name of a claimed file on its way into the spool."""


@dataclass(frozen=True)
class Passage:
    """An open folder, and the number of the process that it belongs to."""

    number: int
    path: Path
    descriptor: int


_open: dict[str, Passage] = {}
"""By the number of the mount."""


def open_passages(roots: Iterable[Path], number: int) -> None:
    """Give names by the passages of this process from here on; raises `OSError`."""
    for root in dict.fromkeys(roots):
        path = passage_in(root, number)
        path.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, FOLDER)
        mount = mount_of(descriptor)
        if mount and mount not in _open:
            _open[mount] = Passage(number, path, descriptor)
        else:
            os.close(descriptor)
            path.rmdir()


def close_passages() -> None:
    """Give names as a process that is alone, and remove what was opened."""
    closed = list(_open.values())
    _open.clear()
    for passage in closed:
        os.close(passage.descriptor)
        with suppress(FileNotFoundError):
            shutil.rmtree(passage.path)


def passage_in(root: Path, number: int) -> Path:
    """Return where the passage of a process is, if it has one below that folder."""
    return root / f".sealgate-node-{number}"


def passage_to(folder: int) -> Passage | None:
    """Return the passage on the mount of an open folder; None where there is none."""
    return _open.get(mount_of(folder)) if _open else None


def own_number() -> int:
    """Return the number under which this process has its passages; 0 when it is alone."""
    return next((passage.number for passage in _open.values()), 0)


def forget_passages(roots: Iterable[Path], gone: Callable[[int], bool], spool: Path) -> None:
    """Remove the passages of processes that are none of the site's any more.

    Files that one of them was claiming are brought into the spool. Raises `OSError`.
    """
    for root in roots:
        for entry in list(os.scandir(root)):
            found = _NAME.fullmatch(entry.name)
            if found is None or not gone(int(found[1])):
                continue
            path = Path(entry.path)
            if not found[2]:
                path = path.rename(path.with_name(path.name + _GONE))
            _bring(path, spool)
            shutil.rmtree(path)


def _bring(passage: Path, spool: Path) -> None:
    claimed = list(passage.glob(f"{CLAIMED}*"))
    for file in claimed:
        file.rename(spool / file.name.removeprefix(CLAIMED))
    if claimed:
        with open_folder(spool) as folder:
            sync_folder(folder)


def mount_of(descriptor: int) -> str:
    """Return the number of the mount of an open file (proc(5)); empty where nothing tells."""
    try:
        told = Path(f"/proc/self/fdinfo/{descriptor}").read_text()
    except OSError:
        return ""
    found = re.search(r"^mnt_id:\s*(\d+)$", told, re.MULTILINE)
    return found[1] if found else ""
