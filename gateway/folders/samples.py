"""Sample documents: private copies that go away by themselves."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from gateway.core.errors import DocumentFault, UsageFault
from gateway.core.names import display
from gateway.core.system_faults import site_fault
from gateway.folders import durable
from gateway.folders.faults import as_site_fault
from gateway.folders.opening import open_folder, parts, reading
from gateway.ports.samples import Sample

_NAME = re.compile(r"[0-9a-f]{64}")
_KEPT_SECONDS = 24 * 3600
_MOST = 100
"""Samples kept at a time; the one used longest ago goes first."""


class FolderSamples:
    """The port `Samples`, in a folder below the site's state."""

    def __init__(
        self, folder: Path, inboxes: Mapping[str, Path], failed: Path, largest: int
    ) -> None:
        self._folder = folder
        self._inboxes = inboxes
        self._failed = failed
        self._largest = largest

    def keep(self, content: bytes | int) -> Sample:
        """Keep bytes, or a copy of an open file; raises as the port says."""
        size = len(content) if isinstance(content, bytes) else os.fstat(content).st_size
        if size > self._largest:
            raise DocumentFault("intake.too-large", f"{size} bytes")
        with as_site_fault(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._forget()
            draft = self._folder / f".{os.getpid()}-{os.urandom(6).hex()}"
            try:
                written = durable.replace(draft, content)
                draft.rename(self._folder / f"{written.sha256}.pdf")
            finally:
                draft.unlink(missing_ok=True)
        return Sample(written.sha256, written.size)

    def from_inbox(self, inbox: str, source: str) -> Sample:
        """Keep a copy of a file that waits in an inbox; raises as the port says."""
        if inbox not in self._inboxes:
            raise UsageFault("usage.unknown-inbox", inbox)
        return self._copy(self._inboxes[inbox], source)

    def from_failed(self, path: Path) -> Sample:
        """Keep a copy of a file below `failed/`; raises as the port says."""
        if not path.is_relative_to(self._failed):
            raise UsageFault("usage.no-file", display(str(path)))
        return self._copy(self._failed, path.relative_to(self._failed).as_posix())

    def path(self, sample: str) -> Path:
        """Return a sample's file, which counts as used now; raises as the port says."""
        path = self._folder / f"{sample}.pdf"
        try:
            if _NAME.fullmatch(sample) is None:
                raise FileNotFoundError
            os.utime(path)
        except FileNotFoundError:
            raise UsageFault("usage.no-file", "the sample is gone: choose it again") from None
        except OSError as error:
            raise site_fault(error, path) from error
        return path

    def _copy(self, root: Path, below: str) -> Sample:
        try:
            *folders, name = parts(below) or ("",)
            with open_folder(root, folders) as folder, reading(name, dir_fd=folder) as descriptor:
                return self.keep(descriptor)
        except OSError as error:
            reason = f"{display(below)}: {error.strerror}"
            raise UsageFault("usage.no-file", reason) from error

    def _forget(self) -> None:
        """Remove what was not used for a day, and the oldest of too many."""
        found = []
        for entry in self._folder.iterdir():
            with suppress(FileNotFoundError):
                found.append((entry.stat().st_mtime, entry))
        found.sort(reverse=True)
        oldest = time.time() - _KEPT_SECONDS
        for index, (used, entry) in enumerate(found):
            if used < oldest or index >= _MOST:
                entry.unlink(missing_ok=True)
