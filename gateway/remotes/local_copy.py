"""Bytes that come from elsewhere, onto a local disk."""

from __future__ import annotations

import errno
import os

from gateway.core.errors import SiteFault

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def append(into: int, chunk: bytes) -> None:
    """Write all of a chunk to an open local file; raises `SiteFault`, never an error of the OS.

    Else a full disk here would be taken for trouble with the connection.
    """
    rest = memoryview(chunk)
    try:
        while rest:
            rest = rest[os.write(into, rest) :]
    except OSError as error:
        code = "site.disk-full" if error.errno in _FULL else "site.input-output"
        raise SiteFault(code, os.strerror(error.errno or 0)) from error
