"""Bytes that come from elsewhere, onto a local disk."""

from __future__ import annotations

import os

from gateway.core.system_faults import site_fault


def append(into: int, chunk: bytes) -> None:
    """Write all of a chunk to an open local file; raises `SiteFault`, never an error of the OS.

    Else a full disk here would be taken for trouble with the connection.
    """
    rest = memoryview(chunk)
    try:
        while rest:
            rest = rest[os.write(into, rest) :]
    except OSError as error:
        raise site_fault(error) from error
