"""What any exception means: what it says itself, trouble of the machine, or a defect."""

from __future__ import annotations

import errno

from gateway.core.errors import InternalFault, SealgateError, SiteFault

_MACHINE = {
    errno.ENOSPC: "site.disk-full",
    errno.EDQUOT: "site.disk-full",
    errno.EROFS: "site.denied",
    errno.EIO: "site.input-output",
    errno.ESTALE: "site.input-output",
    errno.EMFILE: "site.input-output",
    errno.ENFILE: "site.input-output",
    errno.ENOMEM: "site.input-output",
}
"""Errors of the operating system that no document and no mistake of ours brings about."""


def fault_of(error: Exception) -> SealgateError:
    """Return a fault of our own as it is; of others, what the machine does is a `SiteFault`.

    All that is left is an `InternalFault`.
    """
    if isinstance(error, SealgateError):
        return error
    code = _MACHINE.get(error.errno or 0) if isinstance(error, OSError) else None
    return SiteFault(code, str(error)[:500]) if code else InternalFault(error)
