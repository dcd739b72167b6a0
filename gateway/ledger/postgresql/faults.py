"""The one translation of PostgreSQL's errors into our own faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from gateway.core.errors import SiteFault

_BUSY = (
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    # Somebody else was first, such as with the same generation of a document: try again.
    errors.UniqueViolation,
)
_FULL = (errors.DiskFull,)
_FENCED = "SG001"
"""Of `ledger_fence`, in a class of SQLSTATE that PostgreSQL leaves to others."""


@contextmanager
def ledger_faults(where: str) -> Iterator[None]:
    """Raise every error of PostgreSQL in the block as a `SiteFault`; `where` has no password."""
    try:
        yield
    except psycopg.Error as error:
        text = " ".join((error.diag.message_primary or str(error)).split())
        raise SiteFault(_code(error), f"{where}: {text}") from error


def _code(error: psycopg.Error) -> str:
    if error.sqlstate == _FENCED:
        return "ledger.fenced"
    if isinstance(error, _BUSY):
        return "ledger.busy"
    if isinstance(error, _FULL):
        return "site.disk-full"
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return "ledger.unreachable"
    return "ledger.unusable"
