"""Rule files read and written one by one, on behalf of people who change rules in a browser."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from pathlib import Path

from gateway.core.errors import UsageFault
from gateway.core.system_faults import site_fault
from gateway.folders import durable
from gateway.folders.faults import as_site_fault
from gateway.folders.opening import names_in, open_folder, reading

_ENDING = ".yaml"
_LARGEST = 256 * 1024
"""Bytes; the loader reads no more either."""


class FolderRuleFiles:
    """The port `RuleFiles`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> tuple[str, ...]:
        """Return the names of the rule files, in order."""
        with as_site_fault(self._folder), open_folder(self._folder) as folder:
            found = names_in(folder)
        return tuple(sorted(name for name in found if _is_rule_file(name)))

    def read(self, name: str) -> bytes:
        """Return a file's content; raises as the port says."""
        with as_site_fault(self._folder), open_folder(self._folder) as folder:
            return self._read(folder, name)[0]

    def replace(self, name: str, content: bytes, expected: str) -> None:
        """Write a file durably, if its SHA-256 (hex) is still the expected one.

        Our own processes take turns. Between the last look and the rename an editor may write the
        file, and lose it: no file system offers to compare and rename in one step. Those are
        microseconds; what we found there before is in the book of changes.
        """
        with as_site_fault(self._folder), open_folder(self._folder) as folder:
            fcntl.flock(folder, fcntl.LOCK_EX)
            found, mode = self._read(folder, name)
            if hashlib.sha256(found).hexdigest() != expected:
                raise UsageFault("rules.conflict", name)
            durable.replace(name, content, mode=mode, dir_fd=folder)

    def _read(self, folder: int, name: str) -> tuple[bytes, int]:
        """Return content and permissions."""
        if not _is_rule_file(name):
            raise UsageFault("rules.unknown", name)
        try:
            with reading(name, dir_fd=folder) as descriptor:
                content = os.pread(descriptor, _LARGEST + 1, 0)
                mode = os.fstat(descriptor).st_mode & 0o777
        except FileNotFoundError:
            raise UsageFault("rules.unknown", name) from None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise UsageFault("rules.cannot-edit", f"{name} is a link") from None
            raise site_fault(error, self._folder / name) from error
        if len(content) > _LARGEST:
            raise UsageFault("rules.cannot-edit", f"{name} is too large")
        return content, mode


def _is_rule_file(name: str) -> bool:
    return name.endswith(_ENDING) and not name.startswith(".") and not {"/", "\0"} & set(name)
