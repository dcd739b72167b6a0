"""ZIP files of results: the port `Packer`."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterable
from datetime import UTC
from pathlib import Path

from gateway.core.names import display
from gateway.folders.faults import as_site_fault
from gateway.folders.numbering import numbered
from gateway.ports import Packed

_PLAIN_FILE = 0o100644 << 16


def pack(draft: Path, files: Iterable[Packed]) -> None:
    """Write a ZIP file at `draft`, its names unique; the same files give the same bytes.

    Nothing is compressed: results are compressed already. Raises `SiteFault`.
    """
    taken: set[str] = set()
    with as_site_fault(draft), zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
        for file in files:
            name = next(one for one in numbered(display(file.name)) if one.lower() not in taken)
            taken.add(name.lower())
            entry = zipfile.ZipInfo(name, file.at.astimezone(UTC).timetuple()[:6])
            entry.external_attr = _PLAIN_FILE
            with archive.open(entry, "w", force_zip64=True) as target:
                if isinstance(file.content, bytes):
                    target.write(file.content)
                    continue
                with file.content as descriptor:
                    os.lseek(descriptor, 0, os.SEEK_SET)
                    with os.fdopen(os.dup(descriptor), "rb") as source:
                        shutil.copyfileobj(source, target, 1 << 20)
