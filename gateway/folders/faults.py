"""The one translation of operating system errors into the site's own faults."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.core.names import display

_CODES = {
    errno.ENOSPC: "site.disk-full",
    errno.EDQUOT: "site.disk-full",
    errno.EACCES: "site.denied",
    errno.EPERM: "site.denied",
    errno.EROFS: "site.denied",
    errno.ELOOP: "site.denied",
    errno.ENOENT: "site.folder-missing",
    errno.ENOTDIR: "site.folder-missing",
}


def site_fault(error: OSError, where: Path | str = "") -> SiteFault:
    """Name an operating system error by its number; `where` is the path a person should look at."""
    code = _CODES.get(error.errno or 0, "site.input-output")
    reason = os.strerror(error.errno) if error.errno else str(error)
    if error.errno == errno.ELOOP:
        reason = "a link, or something else that does not belong there, is in the way"
    return SiteFault(code, f"{display(str(where))}: {reason}" if str(where) else reason)


@contextmanager
def as_site_fault(where: Path | str) -> Iterator[None]:
    """Raise every `OSError` of the block as a `SiteFault` that names `where`."""
    try:
        yield
    except OSError as error:
        raise site_fault(error, where) from error
