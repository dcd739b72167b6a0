"""The one translation of what the operating system refuses into the site's own faults."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from gateway.core.errors import SiteFault
from gateway.core.names import display

CODES = {
    errno.ENOSPC: "site.disk-full",
    errno.EDQUOT: "site.disk-full",
    errno.EFBIG: "site.disk-full",
    errno.EACCES: "site.denied",
    errno.EPERM: "site.denied",
    errno.EROFS: "site.denied",
    errno.ELOOP: "site.denied",
    errno.ENOENT: "site.folder-missing",
    errno.ENOTDIR: "site.folder-missing",
}


def site_fault(
    error: OSError, where: Path | str = "", *, otherwise: str = "site.input-output"
) -> SiteFault:
    """Name an operating system error by its number; `where` is the path a person should look at.

    One whose number has no code of its own gets the one called `otherwise`.
    """
    code = CODES.get(error.errno or 0, otherwise)
    reason = os.strerror(error.errno) if error.errno else str(error)
    if error.errno == errno.ELOOP:
        reason = "a link, or something else that does not belong there, is in the way"
    return SiteFault(code, f"{display(str(where))}: {reason}" if str(where) else reason)
