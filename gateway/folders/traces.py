"""Results that were delivered after the backup from which a site was restored."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from gateway.core.job import Job
from gateway.folders.archive import folder_of
from gateway.folders.backups import walked
from gateway.folders.faults import as_site_fault
from gateway.folders.numbering import RECEIPT
from gateway.folders.opening import exists, open_folder, parts, reading
from gateway.ports.traces import Trace

_LARGEST_RECEIPT = 4 << 20


class FolderTraces:
    """The port `Traces`; the outbox is looked through once, when it is first asked about."""

    def __init__(self, outbox: Path, archive: Path) -> None:
        self._outbox = outbox
        self._archive = archive
        self._receipts: dict[str, str] | None = None
        """Job → its receipt's path below the outbox."""
        self._lock = threading.Lock()

    def of(self, job: Job) -> Trace | None:
        """Return what lies about of a job; raises as the port says."""
        below = "/".join(folder_of(job))
        with as_site_fault(self._archive):
            for path in walked(self._archive / below):
                found = self._read(self._archive, f"{below}/{path}", job.id, archived=True)
                if found is not None and not found.taken:
                    return found
        with as_site_fault(self._outbox):
            path = self._known().get(job.id, "")
            return self._read(self._outbox, path, job.id, archived=False) if path else None

    def _known(self) -> dict[str, str]:
        with self._lock:
            if self._receipts is None:
                receipts = (one for one in walked(self._outbox) if one.endswith(RECEIPT))
                read = ((_owner(self._outbox, path)[0], path) for path in receipts)
                self._receipts = {job: path for job, path in read if job}
            return self._receipts

    def _read(self, root: Path, path: str, job: str, *, archived: bool) -> Trace | None:
        if not path.endswith(RECEIPT):
            return None
        owner, receipt = _owner(root, path)
        if owner != job:
            return None
        result = root / path.removesuffix(RECEIPT)
        return Trace(receipt, result, not exists(result), archived)


def _owner(root: Path, path: str) -> tuple[str, bytes]:
    """Return whose receipt lies at a path, and its bytes; empty when it is none or gone."""
    *above, name = parts(path)
    try:
        with open_folder(root, above) as folder, reading(name, dir_fd=folder) as file:
            receipt = os.pread(file, _LARGEST_RECEIPT, 0)
        content = json.loads(receipt)
    except (OSError, ValueError, RecursionError):
        return "", b""
    job = content.get("job") if isinstance(content, dict) else None
    return (job, receipt) if isinstance(job, str) else ("", b"")
