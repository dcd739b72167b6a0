"""The stored artifacts of jobs: a folder for each job, a file for each slot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.core.job import Artifact, Slot
from gateway.core.names import display
from gateway.core.system_faults import site_fault
from gateway.folders import durable
from gateway.folders.faults import as_site_fault
from gateway.folders.hashing import hashed, synced_and_hashed
from gateway.folders.known_files import Identity, KnownFiles, identity
from gateway.folders.opening import names_in, open_folder, reading, set_mode, sync_folder
from gateway.folders.passages import passage_to
from gateway.folders.stored import missing

_FOLDER_MODE, _FILE_MODE = 0o700, 0o600
_REMEMBERED = 4096
"""Jobs of which is remembered what was hashed."""


@dataclass(frozen=True)
class _Known:
    """A slot's file as it was when its bytes were hashed."""

    path: Path
    text: str
    identity: Identity
    artifact: Artifact


class FolderVault:
    """Files `JOB/SLOT` below one root, readable by nobody else.

    A slot's file is complete or not there. A stage that runs again replaces its own output.
    What this process has hashed once it need not read again as long as the kernel says that the
    file is the same and untouched: its bytes would come out of the same memory.
    """

    def __init__(self, root: Path, known: KnownFiles | None = None) -> None:
        self._root = root
        self._known = known or KnownFiles()
        """Remembers what was read of files that came by their paths."""
        self._hashed: dict[str, dict[Slot, _Known]] = {}
        """What was hashed of each job."""

    def put(
        self, job_id: str, slot: Slot, content: bytes | Path, *, more: bool = False
    ) -> Artifact:
        """Store bytes, or a copy of a file opened without following links.

        With `more`, it is durable when the next artifact of the job is. Raises `FileNotFoundError`
        when the file is gone, `SiteFault` when it cannot be stored.
        """
        if isinstance(content, bytes):
            return self._replace(job_id, slot, content, more=more)
        with ExitStack() as stack:
            try:
                source = stack.enter_context(reading(content))
            except FileNotFoundError:
                raise
            except OSError as error:
                raise site_fault(error, content) from error
            with as_site_fault(content):
                seen = self._known.look(content, source)
            artifact = self._replace(job_id, slot, source, more=more)
            self._known.remember(content, seen, artifact.sha256)
            return artifact

    def draft(self, job_id: str, slot: Slot) -> Path:
        """Return a path, not existing, at which a child process may write the slot's content.

        Raises `SiteFault`.
        """
        with self._open(job_id) as folder:
            draft = self._draft(job_id, slot, folder)
            draft.unlink(missing_ok=True)
        return draft

    def adopt(self, job_id: str, slot: Slot, *, more: bool = False) -> Artifact:
        """Make the finished draft the slot's content, durably.

        `more` as in `put`. Raises `SiteFault`: `site.artifact-damaged` when there is no draft.
        """
        with self._open(job_id) as folder:
            draft = self._draft(job_id, slot, folder)
            try:
                with reading(draft) as content:
                    set_mode(content, _FILE_MODE)
                    written = synced_and_hashed(content)
            except FileNotFoundError:
                raise missing(draft) from None
            os.rename(draft, slot, dst_dir_fd=folder)
            if not more:
                sync_folder(folder)
            return self._note(job_id, Artifact(slot, written.sha256, written.size), folder)

    def path(self, job_id: str, slot: Slot, recorded: Artifact | None = None) -> Path:
        """Return the slot's path, whether or not it is there.

        With `recorded`, the bytes are checked against it first; raises `SiteFault`
        (`site.artifact-damaged`) when they differ or are missing.
        """
        if recorded is not None and (known := self._untouched(job_id, slot, recorded)):
            return known
        path = self._root / job_id / slot
        if recorded is None:
            return path
        with as_site_fault(path):
            try:
                with reading(path) as content:
                    present = hashed(content)
            except FileNotFoundError:
                raise missing(path) from None
        if (present.sha256, present.size) != (recorded.sha256, recorded.size):
            raise SiteFault("site.artifact-damaged", f"{display(str(path))} is not as recorded")
        return path

    def discard(self, job_id: str) -> None:
        """Remove all that is stored for a job; what an interrupted run left is removed as well.

        Raises `SiteFault`.
        """
        self._hashed.pop(job_id, None)
        with as_site_fault(self._root / job_id), open_folder(self._root) as root:
            try:
                with open_folder(self._root, (job_id,)) as folder:
                    for name in names_in(folder):
                        os.unlink(name, dir_fd=folder)
                os.rmdir(job_id, dir_fd=root)
            except FileNotFoundError:
                return
            # Not synced: what a power cut brings back is removed at the next start.

    def _replace(self, job_id: str, slot: Slot, content: bytes | int, *, more: bool) -> Artifact:
        with self._open(job_id) as folder:
            written = durable.replace(slot, content, mode=_FILE_MODE, dir_fd=folder, more=more)
            return self._note(job_id, Artifact(slot, written.sha256, written.size), folder)

    def _note(self, job_id: str, artifact: Artifact, folder: int) -> Artifact:
        """Remember what a slot's file was when its bytes were hashed."""
        status = os.stat(artifact.slot, dir_fd=folder, follow_symlinks=False)
        if len(self._hashed) >= _REMEMBERED:
            self._hashed.clear()
        path = self._root / job_id / artifact.slot
        known = _Known(path, str(path), identity(status), artifact)
        self._hashed.setdefault(job_id, {})[artifact.slot] = known
        return artifact

    def _untouched(self, job_id: str, slot: Slot, recorded: Artifact) -> Path | None:
        """Return the path of a file that is the very one that was hashed, or None."""
        known = self._hashed.get(job_id, {}).get(slot)
        if known is None or known.artifact != recorded:
            return None
        try:
            status = os.lstat(known.text)
        except OSError:
            return None  # it is looked at more closely
        return known.path if identity(status) == known.identity else None

    def _draft(self, job_id: str, slot: Slot, folder: int) -> Path:
        passage = passage_to(folder)
        if passage is None:
            return self._root / job_id / f".{slot}.draft"
        return passage.path / f"{job_id}.{slot}.draft"

    @contextmanager
    def _open(self, job_id: str) -> Iterator[int]:
        path = self._root / job_id
        with (
            as_site_fault(path),
            open_folder(self._root, (job_id,), create=True, mode=_FOLDER_MODE) as folder,
        ):
            yield folder
