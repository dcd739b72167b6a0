"""Whether the ledger's file is still as it was left by a process that knew it to be sound.

Looking through a file of 2 GB takes a start many seconds where it has to come from the disk. Who
ends in good order notes what the kernel says of the file: which it is, how long, when it was last
written and last changed in any way. Whoever writes to the file afterwards, or puts another one
there, changes that, whatever it writes. After a crash there is no note, and a log (WAL).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_RECENT = 86400.0
"""Seconds for which nobody needs to look through an untouched file again."""


class Soundness:
    """The note beside a ledger's file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._note = path.with_name(f"{path.name}.sound")
        self._wal = path.with_name(f"{path.name}-wal")
        self._untouched = self._as_noted() and not self._has_log()
        self.checked = float(self._noted().get("checked", 0)) if self._untouched else 0.0
        """When all of it was last looked through; seconds since the epoch."""

    @property
    def is_recent(self) -> bool:
        """Tell whether that was not long ago."""
        return 0 <= time.time() - self.checked < _RECENT

    def is_untouched(self) -> bool:
        """Tell whether nobody had written to the file when it was opened, nor has since."""
        return self._untouched and self._as_noted()

    def changes(self) -> None:
        """Note that the file is worked with; raises `OSError`."""
        self._note.unlink(missing_ok=True)
        folder = os.open(self._note.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            # A disk that syncs nothing holds the work; a note that it brings back tells of a file
            # that was another one then.
            with suppress(OSError):
                os.fsync(folder)
        finally:
            os.close(folder)

    def is_left(self) -> None:
        """Note that the file is closed and sound, unless others have it open."""
        # Without a note it will be looked through, which is never wrong.
        with suppress(OSError):
            if not self._wal.exists():
                written = json.dumps({"checked": self.checked, **self._identity()})
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
                with os.fdopen(os.open(self._note, flags, 0o600), "w", encoding="ascii") as note:
                    note.write(written)

    def _has_log(self) -> bool:
        return self._wal.exists() and self._wal.stat().st_size > 0

    def _as_noted(self) -> bool:
        noted = self._noted()
        try:
            return noted == {**self._identity(), "checked": noted.get("checked", 0)}
        except OSError:
            return False

    def _noted(self) -> Mapping[str, float]:
        try:
            noted = json.loads(self._note.read_text())
        except (OSError, ValueError):
            return {}
        return noted if isinstance(noted, dict) else {}

    def _identity(self) -> Mapping[str, int]:
        known = self._path.stat()
        return {
            "device": known.st_dev,
            "inode": known.st_ino,
            "size": known.st_size,
            "modified": known.st_mtime_ns,
            "changed": known.st_ctime_ns,
        }
