"""What any exception means: what it says itself, trouble of the machine, or a defect."""

from __future__ import annotations

import errno

from gateway.core.errors import InternalFault, SealgateError
from gateway.core.system_faults import site_fault

_MACHINE = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.EIO,
        errno.ESTALE,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
    }
)
"""Errors of the operating system that no document and no mistake of ours brings about."""


def fault_of(error: Exception) -> SealgateError:
    """Return a fault of our own as it is; of others, what the machine does is a `SiteFault`.

    All that is left is an `InternalFault`.
    """
    if isinstance(error, SealgateError):
        return error
    if isinstance(error, OSError) and error.errno in _MACHINE:
        return site_fault(error, error.filename or "")
    return InternalFault(error)
