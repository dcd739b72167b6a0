"""Bytes that come from elsewhere, onto a local disk."""

from __future__ import annotations

import os

from gateway.core.errors import ServiceFault
from gateway.core.system_faults import site_fault


def append(into: int, chunk: bytes, size: int) -> None:
    """Write all of a chunk to an open local file of at most `size` bytes.

    Raises `SiteFault`, never an error of the OS: else a full disk here would be taken for trouble
    with the connection. `ServiceFault` (`remote.protocol`) when more comes than was listed.
    """
    rest = memoryview(chunk)
    try:
        if os.fstat(into).st_size + len(chunk) > size:
            raise ServiceFault("remote.protocol", f"more comes than the {size} bytes listed")
        while rest:
            rest = rest[os.write(into, rest) :]
    except OSError as error:
        raise site_fault(error) from error
